#include "sync/forward.h"

#include "base/limits.h"
#include "base/nuid.h"
#include "sync/api_json.h"
#include "sync/doubt_settler.h"
#include "sync/forward_message.h"
#include "sync/forward_state.h"
#include "sync/hub_survey.h"
#include "sync/retry_pause.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

namespace frond::sync {

namespace {

enum class Mode : std::uint8_t {
  down,       // No link.
  surveying,  // Asking which streams of the hub take our subjects, before the first message.
  sending,
  draining,  // A message was refused for now: waiting for the acks of those behind it.
  settling,  // Looking for messages in doubt.
  pausing,   // Until resume_at.
};

struct Flight {
  enum class State : std::uint8_t { waiting, again, settled };
  State state = State::waiting;
  std::size_t bytes = 0;
  std::optional<Instant> first_sent;  // Unknown after a restart.
  Instant sent{};
};

std::uint64_t window_of(const stream::StreamConfig& config) {
  const auto at = config.metadata.find(std::string(forward_window_metadata));
  std::uint64_t window = base::forward_window_messages;
  if (at != config.metadata.end()) {
    std::from_chars(at->second.data(), at->second.data() + at->second.size(), window);
  }
  return std::clamp<std::uint64_t>(window, 1, base::forward_window_messages);
}

}  // namespace

struct Forward::Impl final : stream::StreamListener, InboxHandler, DoubtSettlerUser {
  Impl(SyncContext& shared, stream::Stream& local, std::string directory)
      : context(shared),
        stream(local),
        state_path(std::move(directory) + "/forward.state"),
        domain(local.config().metadata.at(std::string(forward_metadata))),
        window(window_of(local.config())),
        survey(shared),
        settler(shared, *this) {
    id_prefix = context.node_name + ":" + stream.config().name + ":" +
                std::to_string(stream.created().time_since_epoch().count()) + ":";
    load();
    stream.add_listener(this);
  }
  ~Impl() override {
    if (mode != Mode::down) {
      context.link.close(inbox);
    }
    stream.remove_listener(this);
  }

  SyncContext& context;
  stream::Stream& stream;
  std::string state_path;
  std::string domain;
  std::uint64_t window;
  std::string id_prefix;
  ForwardState state;
  StreamSeq claimed_durable;  // Nothing above is sent before its claim has survived.
  bool claim_waiting = false;
  bool dirty = false;
  Instant save_at = kNever;
  HubSurvey survey;
  bool surveyed = false;
  DoubtSettler settler;
  Mode mode = Mode::down;
  bool pump_due = false;
  bool cautious = true;  // One at a time until an ack has come.
  std::map<StreamSeq, Flight> flights;
  StreamSeq next{1};  // Where the stream is read on.
  InboxId inbox{};
  std::string ack_prefix;
  std::string error;  // Why it does not go on; the state's is of the last refused message.
  Instant resume_at = kNever;
  int failures = 0;
  int settle_failures = 0;
  Instant last_now{};
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);  // For actions in the gate.

  void load() {
    const auto text = context.files.read(state_path, 0, base::metadata_bytes_max);
    const std::int64_t created = stream.created().time_since_epoch().count();
    if (text) {
      state = forward_state_parse(*text).value_or(ForwardState{});
    }
    if (state.stream_created != created) {
      state = {};
      state.stream_created = created;
    }
    // All that may have been sent by the node that stopped is in doubt.
    const StreamSeq end = std::min(state.claimed, stream.durable_last());
    for (StreamSeq at = state.acked.next(); at <= end;) {
      const auto message = stream.next_for({}, at);
      if (!message || message->sequence > end) {
        break;
      }
      flights[message->sequence] = {};
      at = message->sequence.next();
    }
    next = state.acked.next();
    shrink_claim();
  }

  // --- What must survive -------------------------------------------------------------------

  void save() {
    dirty = false;
    save_at = kNever;
    context.journal.write(state_path, forward_state_json(state));
  }
  void save_soon(Instant now) {
    if (!dirty) {
      dirty = true;
      save_at = now + base::forward_save_interval;
    }
  }

  /// Says durably that messages up to a chunk ahead may have been sent, before they are.
  void claim(StreamSeq sequence, Instant now) {
    if (claim_waiting) {
      return;
    }
    claim_waiting = true;
    state.claimed = {sequence.value + base::forward_claim_messages};
    save();
    const StreamSeq claimed = state.claimed;
    last_now = now;
    context.gate.hold(context.journal.open_ticket(),
                      [this, claimed, watch = std::weak_ptr<bool>(alive)](bool durable) {
                        if (watch.expired()) {
                          return;
                        }
                        claim_waiting = false;
                        if (!durable) {
                          pause("the node's storage failed", last_now + base::sync_retry_first);
                        } else if (state.claimed == claimed) {
                          claimed_durable = claimed;
                          pump_due = true;
                        }
                      });
  }

  /// What is published while the link is down has not been sent, and shall not be in doubt later.
  void shrink_claim() {
    state.claimed = flights.empty() ? state.acked : std::max(state.acked, flights.rbegin()->first);
    claimed_durable = state.claimed;
  }

  // --- Sending -----------------------------------------------------------------------------

  std::uint64_t waiting_messages() const {
    return static_cast<std::uint64_t>(std::ranges::count_if(
        flights, [](const auto& f) { return f.second.state == Flight::State::waiting; }));
  }
  std::size_t waiting_bytes() const {
    std::size_t bytes = 0;
    for (const auto& [sequence, flight] : flights) {
      bytes += flight.state == Flight::State::waiting ? flight.bytes : 0;
    }
    return bytes;
  }
  bool window_full() const {
    const std::uint64_t waiting = waiting_messages();
    return waiting > 0 &&
           (waiting >= (cautious ? 1 : window) || waiting_bytes() >= base::forward_window_bytes);
  }

  void pump(Instant now) {
    pump_due = false;
    while (mode == Mode::sending && !window_full()) {
      const auto message = stream.next_for({}, next);
      if (!message || message->sequence > stream.durable_last()) {
        forget_gone(stream.durable_last().next());
        return;
      }
      const StreamSeq sequence = message->sequence;
      forget_gone(sequence);
      const auto flight = flights.find(sequence);
      if (flight != flights.end() && flight->second.state != Flight::State::again) {
        next = sequence.next();
        continue;
      }
      if (state.hub_streams.empty() && !surveyed) {
        start_survey(now);
        return;
      }
      if (sequence > claimed_durable) {
        claim(sequence, now);
        return;
      }
      if (!send(*message, now)) {
        return;
      }
      next = sequence.next();
    }
  }

  /// Messages that were to be sent again and have been deleted here since are settled.
  void forget_gone(StreamSeq before) {
    bool changed = false;
    for (auto at = flights.lower_bound(next); at != flights.end() && at->first < before; ++at) {
      if (at->second.state == Flight::State::again) {
        at->second.state = Flight::State::settled;
        changed = true;
      }
    }
    if (changed) {
      advance();
    }
  }

  /// False when nothing more can be sent now.
  bool send(const stream::StoredMessage& message, Instant now) {
    const std::string target = forward_target(message.subject, domain);
    const std::string header = forward_header(message.header, message_id(message.sequence));
    const std::string reply = ack_prefix + std::to_string(message.sequence.value);
    switch (context.link.send_to_hub(target, {target, reply, header, message.payload})) {
      case HubSend::sent: {
        Flight& flight = flights[message.sequence];
        flight.state = Flight::State::waiting;
        flight.bytes = header.size() + message.payload.size();
        flight.sent = now;
        flight.first_sent = flight.first_sent.value_or(now);
        return true;
      }
      case HubSend::denied:
        refuse(message.sequence,
               {403, 0, "Permissions Violation for Publish to \"" + target + "\""}, now);
        return true;
      case HubSend::no_interest:
        ++failures;
        drain("no stream at the hub takes " + target, now);
        return false;
      case HubSend::offline:
        return false;
    }
    return false;
  }

  std::string message_id(StreamSeq sequence) const {
    return id_prefix + std::to_string(sequence.value);
  }

  void start_survey(Instant now) {
    mode = Mode::surveying;
    survey.start(
        api_prefix(domain), stream.config().subjects, {},
        [this](const Survey& found, Instant when) {
          surveyed = true;
          learn(found);
          mode = Mode::sending;
          pump(when);
        },
        now);
  }

  /// Nothing of ours that is in doubt from now on can stand at or below these positions.
  void learn(const Survey& found) {
    const auto known = std::exchange(state.hub_streams, {});
    for (const SurveyedStream& at_hub : found.streams) {
      const auto before = known.find(at_hub.name);
      if (at_hub.answered) {
        state.hub_streams[at_hub.name] = {at_hub.created, at_hub.last};
      } else if (before != known.end()) {
        state.hub_streams[at_hub.name] = before->second;
      }
    }
  }

  // --- Acks --------------------------------------------------------------------------------

  void on_inbox(InboxId, std::string_view target, const base::Message& message,
                Instant now) override {
    if (!target.starts_with(ack_prefix)) {
      return;
    }
    const std::string_view digits = target.substr(ack_prefix.size());
    StreamSeq sequence;
    std::from_chars(digits.data(), digits.data() + digits.size(), sequence.value);
    const auto flight = flights.find(sequence);
    if (flight == flights.end() || flight->second.state != Flight::State::waiting) {
      return;
    }
    const PubAck ack = read_pub_ack(message.payload);
    if (forward_is_no_responders(message.header)) {
      again(flight->second, "no responders at the hub", now);
    } else if (ack.error && forward_may_pass(ack.error)) {
      again(flight->second, ack.error.description, now);
    } else if (ack.error) {
      refuse(sequence, ack.error, now);
    } else if (ack.readable && !ack.sequence.none()) {
      failures = settle_failures = 0;
      cautious = false;
      error.clear();
      stored(sequence, ack.stream, ack.sequence, ack.duplicate);
    } else {
      return;
    }
    save_soon(now);
    if (mode == Mode::draining && waiting_messages() == 0) {
      mode = Mode::pausing;
    }
    pump_due = true;
  }

  void stored(StreamSeq sequence, const std::string& hub_stream, StreamSeq at, bool duplicate) {
    flights[sequence].state = Flight::State::settled;
    HubPosition& position = state.hub_streams[hub_stream];
    if (at < position.sequence && !duplicate) {
      position = {{}, at};  // The hub's stream was made again and counts anew.
    }
    position.sequence = std::max(position.sequence, at);
    state.hub_stream = hub_stream;
    state.hub_sequence = at;
    advance();
  }

  void advance() {
    while (!flights.empty() && flights.begin()->second.state == Flight::State::settled) {
      state.acked = flights.begin()->first;
      flights.erase(flights.begin());
    }
    next = std::max(next, state.acked.next());
  }

  void refuse(StreamSeq sequence, const stream::ApiError& why, Instant now) {
    ++state.refused;
    state.last_error = why.description;
    flights[sequence].state = Flight::State::settled;
    const auto message = stream.get(sequence);
    const std::string subject = "$FROND.ADVISORY.SYNC.REFUSED." + stream.config().name;
    const std::string body = forward_refused_json(
        stream.config().name, sequence, message ? message->subject : std::string_view{}, why);
    context.outlet.send(subject, {subject, {}, {}, body});
    advance();
    save_soon(now);
  }

  /// Refused for now: it must be stored before anything that has not been sent yet.
  void again(Flight& flight, std::string why, Instant now) {
    flight.state = Flight::State::again;
    ++failures;
    drain(std::move(why), now);
  }

  void drain(std::string why, Instant now) {
    error = std::move(why);
    cautious = true;
    if (mode == Mode::sending || mode == Mode::draining) {
      mode = waiting_messages() == 0 ? Mode::pausing : Mode::draining;
      resume_at = now + retry_pause(failures);
    }
  }

  void pause(std::string why, Instant until) {
    error = std::move(why);
    if (mode != Mode::down) {
      mode = Mode::pausing;
      resume_at = until;
    }
  }

  void resume(Instant now) {
    resume_at = kNever;
    surveyed = surveyed && !state.hub_streams.empty();
    if (waiting_messages() > 0) {
      settle(now);
    } else {
      send_on(now);
    }
  }

  void send_on(Instant now) {
    for (const auto& [sequence, flight] : flights) {
      if (flight.state == Flight::State::again) {
        next = std::min(next, sequence);
        break;
      }
    }
    cautious = true;
    mode = Mode::sending;
    pump(now);
  }

  // --- Doubt -------------------------------------------------------------------------------

  void settle(Instant now) {
    mode = Mode::settling;
    resume_at = kNever;
    settler.start({.api = api_prefix(domain),
                   .subjects = stream.config().subjects,
                   .positions = state.hub_streams,
                   .id_prefix = id_prefix},
                  now);
  }

  void on_found(StreamSeq local, const std::string& hub_stream, StreamSeq sequence) override {
    const auto flight = flights.find(local);
    if (flight != flights.end() && flight->second.state != Flight::State::settled) {
      stored(local, hub_stream, sequence, true);
    }
  }

  void on_settled(const Survey& found, Instant now) override {
    settle_failures = 0;
    learn(found);
    send_again(now);
    if (found.streams.empty()) {
      ++failures;
      pause("no stream at the hub stores these subjects", now + retry_pause(failures));
    } else if (failures > 1) {
      pause(error, now + retry_pause(failures - 1));
    } else {
      error.clear();
      send_on(now);
    }
  }

  void on_settle_failed(const std::string& why, Instant now) override {
    ++settle_failures;
    // Inside the hub's duplicate window the id alone keeps a message from being stored twice.
    if (settle_failures >= base::forward_settle_tries && inside_duplicate_window(now)) {
      error = why;
      send_again(now);
      send_on(now);
      return;
    }
    pause(why, now + retry_pause(settle_failures));
  }

  bool inside_duplicate_window(Instant now) const {
    return std::ranges::all_of(flights, [now](const auto& entry) {
      const Flight& flight = entry.second;
      return flight.state != Flight::State::waiting ||
             (flight.first_sent && now - *flight.first_sent < base::forward_blind_resend_max);
    });
  }

  void send_again(Instant now) {
    for (auto& [sequence, flight] : flights) {
      if (flight.state == Flight::State::waiting) {
        flight.state = Flight::State::again;
        next = std::min(next, sequence);
      }
    }
    save_soon(now);
  }

  // --- Time and the stream -----------------------------------------------------------------

  Instant ack_deadline() const {
    Instant deadline = kNever;
    if (mode == Mode::sending || mode == Mode::draining) {
      for (const auto& [sequence, flight] : flights) {
        if (flight.state == Flight::State::waiting) {
          deadline = std::min(deadline, flight.sent + base::forward_ack_timeout);
        }
      }
    }
    return deadline;
  }

  void tick(Instant now) {
    survey.tick(now);
    settler.tick(now);
    if (ack_deadline() <= now) {
      ++failures;
      error = "no ack from the hub in time";
      settle(now);
    }
    if (mode == Mode::pausing && resume_at <= now) {
      resume(now);
    }
    if (pump_due) {
      pump(now);
    }
    if (save_at <= now) {
      save();
    }
  }

  void on_messages(stream::Stream&) override { pump_due = true; }
  void on_removed(stream::Stream&) override { pump_due = true; }
  void on_reloaded(stream::Stream&) override {
    // Our file may have been in the commit that failed.
    dirty = true;
    save_at = Instant{};
  }
};

Forward::Forward(SyncContext& context, stream::Stream& stream, std::string directory)
    : impl_(std::make_unique<Impl>(context, stream, std::move(directory))) {}
Forward::~Forward() = default;

void Forward::up(Instant now) {
  Impl& impl = *impl_;
  if (impl.mode != Mode::down) {
    return;
  }
  impl.ack_prefix = "_INBOX." + base::random_name(impl.context.entropy) + ".";
  impl.inbox = impl.context.link.open(impl.ack_prefix + "*", impl);
  impl.failures = impl.settle_failures = 0;
  impl.cautious = true;
  impl.mode = Mode::sending;
  impl.resume(now);
}

void Forward::down(Instant) {
  Impl& impl = *impl_;
  if (impl.mode == Mode::down) {
    return;
  }
  impl.mode = Mode::down;
  impl.resume_at = kNever;
  impl.survey.cancel();
  impl.settler.cancel();
  impl.context.link.close(impl.inbox);
  impl.shrink_claim();
  impl.save();
}

void Forward::tick(Instant now) { impl_->tick(now); }

Instant Forward::next_deadline() const {
  const Impl& impl = *impl_;
  if (impl.pump_due && impl.mode == Mode::sending && !impl.window_full() && !impl.claim_waiting) {
    return Instant{};
  }
  return std::min({impl.survey.next_deadline(), impl.settler.next_deadline(), impl.ack_deadline(),
                   impl.mode == Mode::pausing ? impl.resume_at : kNever, impl.save_at});
}

SyncStatus Forward::status() const {
  const Impl& impl = *impl_;
  SyncStatus status;
  status.way = "forward";
  status.pending = impl.stream.count_from({}, impl.state.acked.next());
  for (const auto& [sequence, flight] : impl.flights) {
    if (flight.state == Flight::State::settled) {
      status.pending -= std::min<std::uint64_t>(status.pending, 1);
    }
  }
  const bool doubt = impl.mode == Mode::down || impl.mode == Mode::settling ||
                     (impl.mode == Mode::pausing && impl.settle_failures > 0);
  (doubt ? status.in_doubt : status.in_flight) = impl.waiting_messages();
  status.refused = impl.state.refused;
  status.hub_stream = impl.state.hub_stream;
  status.hub_sequence = impl.state.hub_sequence;
  status.last_error = impl.error.empty() ? impl.state.last_error : impl.error;
  return status;
}

void Forward::forget() { impl_->context.journal.remove(impl_->state_path); }

}  // namespace frond::sync
