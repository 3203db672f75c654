#pragma once
// A node with one stream, its storage and a hub that can be told to misbehave: what the tests of
// sync run against. The hub speaks the JetStream API as leafnode-protocol 10 to 12 shows it.

#include "base/time_text.h"
#include "fake_stream.h"
#include "store/durability_gate.h"
#include "subject/match.h"
#include "support/commits.h"
#include "sync/sync_context.h"
#include "wire/headers.h"
#include "wire/json_reader.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace frond::sync {

/// A stream of the hub.
struct HubStream {
  struct Kept {
    std::string subject, header, payload;
    std::int64_t time = 7;  // ms
  };
  std::int64_t time = 7;  // Of what is added.
  std::string created = "2026-11-23T20:00:00Z";
  std::string filter;
  std::map<std::uint64_t, Kept> kept;
  std::uint64_t last = 0;
  std::map<std::string, std::uint64_t> ids;   // Inside the duplicate window.
  std::uint64_t visible = ~std::uint64_t{0};  // Readers see no further: a replica that lags behind.
  std::string info_error;                     // What STREAM.INFO answers instead.
  int per_subject = -1;                       // max_msgs_per_subject; tests remove by it.
  bool info_mute = false;                     // It answers nothing at all.

  void add(std::string subject, std::string payload, std::string header = {}) {
    kept[++last] = {std::move(subject), std::move(header), std::move(payload), time};
  }
};

class SyncWorld final : public base::Outlet, public SyncLink {
 public:
  // --- The node's side ---
  std::size_t send(std::string_view target, const base::Message& message) override {
    sent.push_back(std::string(target));
    CHECK(message.reply.empty());  // What is answered goes by SyncLink, where nobody listens.
    return 1;
  }
  bool has_interest(std::string_view) const override { return true; }
  InboxId open(Peer, std::string_view subject, InboxHandler& handler) override {
    const InboxId id{++inbox_ids};
    inboxes[id] = {std::string(subject), &handler};
    return id;
  }
  void close(InboxId inbox) override { inboxes.erase(inbox); }
  HubSend send_to_hub(std::string_view target, const base::Message& message) override {
    if (denied == target || (!denied_space.empty() && target.starts_with(denied_space))) {
      return HubSend::denied;
    }
    std::string subject(target);
    if (subject.starts_with("$JS.FC.")) {
      sent.push_back(subject);
      return HubSend::sent;
    }
    if (subject.starts_with("$JS.hub.API.")) {
      subject = subject.substr(12);
      if (!subject.starts_with("$KV.")) {
        api(subject, std::string(message.reply), message.payload);
        return HubSend::sent;
      }
    }
    for (auto& [name, origin] : streams) {
      if (subject::matches(origin.filter, subject)) {
        publishes.push_back(subject + "=" + std::string(message.payload));
        store(name, origin, subject, message);
        return HubSend::sent;
      }
    }
    return HubSend::no_interest;
  }

  bool has_room() const override { return room; }
  void send_to_self(std::string_view target, const base::Message&) override {
    to_self.push_back(std::string(target));
  }
  void probe(Instant) override {}
  Instant last_heard() const override { return asleep ? Instant{} : now; }
  std::string_view hub_id() const override { return hub; }

  // --- The hub's side ---
  void store(const std::string& name, HubStream& origin, const std::string& subject,
             const base::Message& message) {
    const std::string reply(message.reply);
    if (swallow > 0) {
      --swallow;  // Lost on the way up.
      return;
    }
    if (!refusals.empty()) {
      const std::string refusal = refusals.front();
      refusals.pop_front();
      if (refused_are_stored) {
        origin.add(subject, std::string(message.payload), std::string(message.header));
      }
      answer(reply, refusal);
      return;
    }
    const std::string id(wire::header_value(message.header, "Nats-Msg-Id").value_or(""));
    std::string tail;
    const auto [known, fresh] = origin.ids.try_emplace(id, origin.last + 1);
    const std::uint64_t sequence = known->second;
    if (false_duplicates > 0) {
      --false_duplicates;
      origin.ids.erase(known);
      answer(reply, "{\"stream\":\"" + name + "\",\"seq\":1,\"duplicate\":true}");
      return;
    }
    if (!fresh) {
      tail = ",\"duplicate\":true";
    } else {
      origin.add(subject, std::string(message.payload), std::string(message.header));
    }
    if (lose_acks > 0) {
      --lose_acks;
      return;
    }
    answer(reply, "{\"stream\":\"" + name + "\",\"seq\":" + std::to_string(sequence) + tail + "}");
  }
  void answer(const std::string& target, const std::string& body) {
    queue.push_back({target, target, {}, {}, body});
  }
  void api(const std::string& call, const std::string& reply, std::string_view body) {
    calls.push_back(call);
    bodies.emplace_back(body);
    if (mute) {
      return;
    }
    if (call.starts_with("STREAM.INFO.")) {
      const auto at = streams.find(call.substr(12));
      if (at != streams.end() && at->second.info_mute) {
        return;
      }
      answer(reply,
             at == streams.end() ? not_found
             : !at->second.info_error.empty()
                 ? at->second.info_error
                 : "{\"created\":\"" + at->second.created +
                       "\",\"state\":{\"last_seq\":" + std::to_string(at->second.last) +
                       "},\"config\":{\"duplicate_window\":120000000000,\"max_msgs_per_subject\":" +
                       std::to_string(at->second.per_subject) + "}}");
    } else if (call == "STREAM.NAMES" && !names_answers.empty()) {
      answer(reply, names_answers.front());
      if (names_answers.size() > 1) {
        names_answers.pop_front();
      }
    } else if (call == "STREAM.NAMES") {
      wire::Json names = wire::Json::array();
      for (const auto& [name, origin] : streams) {
        names.push_back(name);
      }
      answer(reply, "{\"streams\":" + names.dump() + "}");
    } else if (call.starts_with("STREAM.MSG.GET.") && streams.contains(call.substr(15))) {
      if (probe_mute) {
        return;
      }
      message_get(reply, streams.at(call.substr(15)), body);
    } else if (call.starts_with("CONSUMER.CREATE.")) {
      create(reply, body);
    }
  }
  void create(const std::string& reply, std::string_view body) {
    wire::Json json;
    REQUIRE(wire::parse_json(body, json).empty());
    const bool probe = !json["config"].contains("deliver_subject");
    (probe ? last_probe : last_create) = json["config"];
    const auto at = streams.find(json["stream_name"].get<std::string>());
    if (at == streams.end()) {
      answer(reply, not_found);
      return;
    }
    const HubStream& origin = at->second;
    if (probe) {
      if (!probe_mute) {
        probed(reply, origin);
      }
      return;
    }
    consumer = {at->first, last_create["deliver_subject"].get<std::string>(),
                "C" + std::to_string(++consumers), 0,
                std::min(origin.last + 1, last_create.value("opt_start_seq", std::uint64_t{1}))};
    if (last_create.contains("opt_start_time")) {
      consumer.next = first_since(origin, last_create["opt_start_time"].get<std::string>());
    }
    const auto pending =
        consumer.next > origin.visible
            ? 0
            : std::distance(origin.kept.lower_bound(consumer.next), end_of(origin));
    answer(reply, "{\"name\":\"" + consumer.name +
                      "\",\"delivered\":{\"stream_seq\":" + std::to_string(consumer.next - 1) +
                      "},\"num_pending\":" + std::to_string(pending) + "}");
    deliver();
  }
  static std::uint64_t first_since(const HubStream& origin, const std::string& time) {
    const auto since = base::rfc3339_parse(time);
    REQUIRE(since);
    std::uint64_t start = origin.last + 1;
    for (const auto& [sequence, message] : origin.kept) {
      if (wall(at_ms(message.time)) >= *since) {
        start = std::min(start, sequence);
      }
    }
    return start;
  }
  /// A consumer that is made to be told where it starts.
  void probed(const std::string& reply, const HubStream& origin) {
    const std::uint64_t start =
        first_since(origin, last_probe["opt_start_time"].get<std::string>());
    answer(reply,
           "{\"name\":\"P\",\"delivered\":{\"stream_seq\":" + std::to_string(start - 1) + "}}");
  }
  void message_get(const std::string& reply, const HubStream& origin, std::string_view body) {
    wire::Json json;
    REQUIRE(wire::parse_json(body, json).empty());
    const auto at = origin.kept.find(json["seq"].get<std::uint64_t>());
    if (at == origin.kept.end()) {
      answer(reply, R"({"error":{"code":404,"err_code":10037,"description":"no message found"}})");
      return;
    }
    json["subject"] = at->second.subject;
    json["time"] = base::rfc3339_format(wall(at_ms(at->second.time)));
    answer(reply, "{\"message\":" + json.dump() + "}");
  }
  static std::map<std::uint64_t, HubStream::Kept>::const_iterator end_of(const HubStream& origin) {
    return origin.kept.upper_bound(origin.visible);
  }
  /// Sends what the consumer has not had; `drop` loses one stream sequence on the way.
  void deliver(std::uint64_t drop = 0) {
    const HubStream& origin = streams.at(consumer.stream);
    if (consumer.next > origin.visible) {
      return;
    }
    for (auto at = origin.kept.lower_bound(consumer.next); at != end_of(origin); ++at) {
      const auto left = std::distance(std::next(at), end_of(origin));
      consumer.next = at->first + 1;
      if (!subject::matches(last_create.value("filter_subject", ">"), at->second.subject)) {
        continue;
      }
      ++consumer.sequence;
      const std::string ack = "$JS.ACK." + consumer.stream + "." + consumer.name + ".1." +
                              std::to_string(at->first) + "." + std::to_string(consumer.sequence) +
                              "." + std::to_string(at->second.time * 1'000'000) + "." +
                              std::to_string(left);
      if (at->first != drop) {
        std::string header = at->second.header;
        if (last_create.value("headers_only", false)) {
          wire::header_append(header, "Nats-Msg-Size", std::to_string(at->second.payload.size()));
        }
        queue.push_back({consumer.deliver, at->second.subject, ack, header, at->second.payload});
      }
    }
  }
  void status(const std::string& header, const std::string& reply = {}) {
    queue.push_back({consumer.deliver, consumer.deliver, reply, header, {}});
  }
  void heartbeat(std::uint64_t last) {
    status("NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: " + std::to_string(last) +
           "\r\n\r\n");
  }

  void carry() {
    const Packet packet = queue.front();
    queue.pop_front();
    for (const auto& [id, inbox] : inboxes) {
      if (subject::matches(inbox.subject, packet.target)) {
        const InboxId inbox_id = id;
        inbox.handler->on_inbox(inbox_id, packet.target,
                                {packet.subject, packet.reply, packet.header, packet.payload}, now);
        return;
      }
    }
  }
  /// Carries everything that is under way to the node and makes its writes durable.
  template <class Syncing>
  void run(Syncing& syncing, std::int64_t ms, int steps = 2000) {
    now = at_ms(ms);
    for (int i = 0; i < steps; ++i) {
      syncing.tick(now);
      commit();
      if (!queue.empty()) {
        carry();
      } else if (syncing.next_deadline() > now) {
        return;
      }
    }
    FAIL("does not come to rest");
  }
  void commit() {
    test::carry_out(journal, files, [this](const CommitStorage& commit) {
      own_streams.durable(commit.ticket, now);
      gate.release();
    });
  }
  /// The commit that has gathered is lost. False when there was none.
  bool lose_commit() {
    const std::optional<Ticket> lost = test::lose(journal, files);
    if (lost) {
      own_streams.reload_unsaved(now);
      gate.refuse(*lost);
    }
    return lost.has_value();
  }
  /// What stands in the stream of dead letters, as "<subject>=<payload>".
  std::vector<std::string> letters() {
    std::vector<std::string> list;
    stream::Stream* kept = own_streams.find(dead_letter_stream(stream.settings.name));
    for (StreamSeq at; kept != nullptr && at < kept->state().last;) {
      at = at.next();
      if (const auto letter = kept->get(at)) {
        list.push_back(std::string(letter->subject) + "=" + std::string(letter->payload));
      }
    }
    return list;
  }
  std::vector<std::string> at_hub(const std::string& name) const {
    std::vector<std::string> list;
    for (const auto& [sequence, message] : streams.at(name).kept) {
      list.push_back(message.payload);
    }
    return list;
  }

  struct Packet {
    std::string target, subject, reply, header, payload;
  };
  struct Inbox {
    std::string subject;
    InboxHandler* handler = nullptr;
  };
  struct Consumer {
    std::string stream, deliver, name;
    std::uint64_t sequence = 0, next = 1;
  };
  const std::string not_found =
      R"({"error":{"code":404,"err_code":10059,"description":"stream not found"}})";
  Instant now{};
  test::FakeStorage files{false};
  test::TestEntropy entropy{1};
  store::Journal journal;
  store::DurabilityGate gate{journal, *this};
  FakeStream stream;
  base::Clock clock;
  stream::Streams own_streams{journal, files, entropy, {}, clock};  // For dead letters.
  DeadLetters dead_letters{own_streams};
  std::map<std::string, HubStream> streams;
  std::map<InboxId, Inbox> inboxes;
  std::deque<Packet> queue;
  std::vector<std::string> sent, to_self, calls, publishes;
  std::vector<std::string> bodies;        // Of the calls.
  bool probe_mute = false;                // What asks where something has gone gets no answer.
  std::deque<std::string> names_answers;  // To STREAM.NAMES, the last one again and again.
  std::deque<std::string> refusals;       // One per publish.
  bool refused_are_stored = false;        // By a disk that failed late.
  std::string denied;
  std::string denied_space;  // All subjects that begin with it.
  std::string hub = "NHUB";
  bool room = true;  // The link carries away what it is given.
  int lose_acks = 0, swallow = 0, false_duplicates = 0;
  bool mute = false;    // Answers no request: what we may not ask.
  bool asleep = false;  // Sends nothing at all.
  std::uint64_t inbox_ids = 0;
  int consumers = 0;
  Consumer consumer;
  wire::Json last_create, last_probe;
  SyncContext context{*this,   *this,        journal,   gate,   files,
                      entropy, dead_letters, "phone-7", "edge1"};
};

}  // namespace frond::sync
