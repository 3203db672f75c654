#include "consumer/consumers.h"

#include "base/limits.h"
#include "base/nuid.h"
#include "consumer/config_check.h"
#include "store/file_name.h"
#include "stream/error_table.h"

#include <algorithm>
#include <utility>

namespace frond::consumer {

using stream::api_error;

Consumers::Consumers(stream::Streams& streams, Environment environment, const StorageReader& files)
    : streams_(streams), environment_(std::move(environment)), files_(files) {}

Consumers::~Consumers() {
  for (auto& [name, consumers] : by_stream_) {
    if (stream::Stream* stream = streams_.find(name)) {
      stream->remove_listener(&consumers.readers);
    }
  }
}

Consumer* Consumers::find(std::string_view stream, std::string_view name) {
  const auto consumers = by_stream_.find(stream);
  if (consumers == by_stream_.end()) {
    return nullptr;
  }
  const auto entry = consumers->second.by_name.find(name);
  return entry == consumers->second.by_name.end() ? nullptr : entry->second.consumer.get();
}

std::vector<Consumer*> Consumers::list(std::string_view stream) {
  std::vector<Consumer*> out;
  if (const auto consumers = by_stream_.find(stream); consumers != by_stream_.end()) {
    for (const auto& [name, entry] : consumers->second.by_name) {
      out.push_back(entry.consumer.get());
    }
  }
  return out;
}

stream::ApiError Consumers::check_stream_update(const stream::StreamConfig& before,
                                                const stream::StreamConfig& after) {
  const Duration inactive = after.limit_inactive_threshold;
  const std::int64_t ack_pending = after.limit_max_ack_pending;
  if (inactive == before.limit_inactive_threshold && ack_pending == before.limit_max_ack_pending) {
    return {};
  }
  std::string over;
  for (const Consumer* consumer : list(after.name)) {
    const ConsumerConfig& config = consumer->config();
    if ((inactive.count() > 0 && config.inactive_threshold > inactive) ||
        (ack_pending > 0 && config.max_ack_pending > ack_pending)) {
      over.append(over.empty() ? "" : ", ").append(consumer->name());
    }
  }
  return over.empty() ? stream::ApiError{}
                      : stream::api_error(10069, {"change to limits violates consumers: " + over});
}

std::size_t Consumers::count(std::string_view stream) const {
  const auto consumers = by_stream_.find(stream);
  return consumers == by_stream_.end() ? 0 : consumers->second.by_name.size();
}

std::size_t Consumers::count() const {
  std::size_t total = 0;
  for (const auto& [stream, consumers] : by_stream_) {
    total += consumers.by_name.size();
  }
  return total;
}

ConsumerOutcome Consumers::create(stream::Stream& stream, ConsumerConfig config, Action action,
                                  bool pedantic, Instant now) {
  const stream::StreamConfig& parent = stream.config();
  set_static_metadata(config);
  if (stream::ApiError error = apply_defaults(config, parent, pedantic)) {
    return {error};
  }
  if (stream::ApiError error = check(config, parent)) {
    return {error};
  }
  const std::string wanted = config.is_durable() ? config.durable : config.name;
  if (!wanted.empty() && find(parent.name, wanted) != nullptr) {
    Consumer& known = *find(parent.name, wanted);
    return change(known, std::move(config), action, now);
  }
  if (action == Action::update) {
    return {api_error(10149)};
  }
  if (parent.max_consumers > 0 &&
      std::cmp_greater_equal(count(parent.name), parent.max_consumers)) {
    return {api_error(10026)};
  }
  if (wanted.size() > base::name_bytes_max) {
    return {api_error(10102, {std::to_string(base::name_bytes_max)})};
  }
  return add(stream, std::move(config), now);
}

/// The name is taken: the same config again, an update, or an error (CC-22, CC-27).
ConsumerOutcome Consumers::change(Consumer& consumer, ConsumerConfig config, Action action,
                                  Instant now) {
  if (!config.is_durable() && config.inactive_threshold.count() <= 0) {
    config.inactive_threshold = base::ephemeral_inactive_default;
  }
  if (action == Action::create) {
    ConsumerConfig compared = config;
    copy_static_metadata(compared, consumer.config());
    if (!(compared == consumer.config())) {
      return {api_error(10148)};
    }
  }
  const bool bound = environment_.outlet.has_reader(consumer.config().deliver_subject);
  if (stream::ApiError error = check_update(consumer.config(), config, bound)) {
    return {error};
  }
  if (!(config == consumer.config())) {
    const bool pausing = config.pause_until != consumer.config().pause_until;
    update(consumer, std::move(config), now);
    write_config(consumer);
    if (pausing) {
      advise_pause(consumer, now);
    }
  }
  return {{}, &consumer, false, everything_so_far(consumer)};
}

/// Behind which commit everything recorded for this consumer is durable. A commit that nothing is
/// recorded for would never come, so an unchanged consumer waits for the one in the air at most.
Ticket Consumers::everything_so_far(const Consumer& consumer) const {
  const store::Journal& journal = environment_.journal;
  if (!consumer.persistent() || (!journal.pending() && !journal.in_flight())) {
    return Ticket{0};
  }
  const auto open = static_cast<std::uint64_t>(journal.open_ticket());
  return Ticket{journal.pending() ? open : open - 1};
}

ConsumerOutcome Consumers::add(stream::Stream& stream, ConsumerConfig config, Instant now) {
  std::string name = config.is_durable() ? config.durable : config.name;
  while (name.empty()) {
    name = base::random_name(environment_.entropy, base::ephemeral_name_characters);
    if (find(stream.config().name, name) != nullptr) {
      name.clear();
    }
  }
  ConsumerFiles files = new_files(stream, name);
  Entry& entry = install(stream, std::move(config), std::move(name), environment_.clock.wall(now),
                         std::move(files), std::nullopt, now);
  Consumer& consumer = *entry.consumer;
  ConsumerOutcome outcome{{}, &consumer, true, Ticket{0}};
  if (consumer.persistent()) {
    write_config(consumer);
    consumer.save_soon();
    outcome.ticket = entry.created_in = environment_.journal.open_ticket();
  }
  advise(consumer, "create", now);
  return outcome;
}

Consumers::Entry& Consumers::install(stream::Stream& stream, ConsumerConfig config,
                                     std::string name, WallTime created, ConsumerFiles files,
                                     std::optional<ConsumerState> restored, Instant now) {
  const std::string& stream_name = stream.config().name;
  const bool first = !by_stream_.contains(stream_name);
  OfStream& consumers = by_stream_[stream_name];
  if (first) {
    stream.add_listener(&consumers.readers);
  }
  Entry& entry = consumers.by_name[name];
  entry.consumer =
      std::make_unique<Consumer>(stream, environment_, std::move(config), std::move(name), created,
                                 std::move(files), std::move(restored), now);
  consumers.readers.add(*entry.consumer);
  if (entry.consumer->config().push()) {
    pushing_.push_back(entry.consumer.get());
  }
  stems_in_use_.insert(store::folded(entry.consumer->files().stem));
  if (listener_ != nullptr) {
    listener_->on_created(*entry.consumer);
  }
  return entry;
}

/// What it reads and how may be different behind this.
void Consumers::update(Consumer& consumer, ConsumerConfig config, Instant now) {
  Readers& readers = by_stream_.find(consumer.stream().config().name)->second.readers;
  readers.remove(consumer);
  std::erase(pushing_, &consumer);
  consumer.update(std::move(config), now);
  readers.add(consumer);
  if (consumer.config().push()) {
    pushing_.push_back(&consumer);
  }
}

ConsumerOutcome Consumers::remove(stream::Stream& stream, std::string_view name, Instant now) {
  Consumer* consumer = find(stream.config().name, name);
  if (consumer == nullptr) {
    return {api_error(10014)};
  }
  ConsumerOutcome outcome;
  if (consumer->persistent()) {
    remove_files(*consumer);
    outcome.ticket = environment_.journal.open_ticket();
  }
  advise(*consumer, "delete", now);
  consumer->close("409 Consumer Deleted");
  drop(stream, name);
  return outcome;
}

void Consumers::drop(const stream::Stream& stream, std::string_view name) {
  OfStream& consumers = by_stream_.find(stream.config().name)->second;
  const auto entry = consumers.by_name.find(name);
  Consumer& consumer = *entry->second.consumer;
  if (listener_ != nullptr) {
    listener_->on_deleted(consumer);
  }
  consumers.readers.remove(consumer);
  std::erase(pushing_, &consumer);
  std::erase(environment_.woken, &consumer);
  stems_in_use_.erase(store::folded(consumer.files().stem));
  // One that is being pumped right now is kept until that is over.
  closed_.push_back(std::move(entry->second.consumer));
  consumers.by_name.erase(entry);
  if (!pumping_) {
    closed_.clear();
  }
}

ConsumerOutcome Consumers::pause(stream::Stream& stream, std::string_view name,
                                 std::optional<WallTime> until, Instant now) {
  Consumer* consumer = find(stream.config().name, name);
  if (consumer == nullptr) {
    return {api_error(10014)};
  }
  ConsumerConfig config = consumer->config();
  config.pause_until = until && *until > WallTime{} ? until : std::nullopt;
  set_static_metadata(config);
  update(*consumer, std::move(config), now);
  ConsumerOutcome outcome{{}, consumer, false, Ticket{0}};
  if (consumer->persistent()) {
    write_config(*consumer);
    outcome.ticket = environment_.journal.open_ticket();
  }
  advise_pause(*consumer, now);
  return outcome;
}

void Consumers::stream_deleted(stream::Stream& stream, Instant) {
  const auto consumers = by_stream_.find(stream.config().name);
  if (consumers == by_stream_.end()) {
    return;
  }
  stream.remove_listener(&consumers->second.readers);
  auto& by_name = consumers->second.by_name;
  while (!by_name.empty()) {
    Consumer& consumer = *by_name.begin()->second.consumer;
    if (consumer.persistent()) {
      remove_files(consumer);
    }
    consumer.close("409 Consumer Deleted");
    const std::string name = consumer.name();
    drop(stream, name);
  }
  by_stream_.erase(consumers);
}

}  // namespace frond::consumer
