#include "stream/streams.h"

#include "base/limits.h"
#include "base/nuid.h"
#include "stream/config_check.h"
#include "stream/error_table.h"
#include "stream/streams_impl.h"
#include "subject/trie_patterns.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace frond::stream {

Streams::Streams(store::Journal& journal, const StorageReader& files, Entropy& entropy,
                 StreamsLimits limits, const base::Clock& clock)
    : impl_(std::make_unique<Impl>(journal, files, entropy, limits, clock)) {}

Streams::~Streams() = default;

void Streams::set_listener(StreamsListener* listener) { impl_->listener = listener; }

/// What other streams and the account's limits say. `before` is the stream's own config, when it
/// exists.
ApiError Streams::Impl::check_others(const StreamConfig& config, const StreamConfig* before) const {
  const auto only_own = [before](const std::vector<LogStream*>& holders) {
    return std::ranges::all_of(holders,
                               [before](LogStream* one) { return &one->config() == before; });
  };
  std::size_t steps = base::pattern_steps_max;
  for (const std::string& subject : config.subjects) {
    switch (subject::visit_overlapping(capturing, subject, steps, only_own)) {
      case subject::Search::stopped:
        return api_error(10065);
      case subject::Search::gave_up:
        return api_error(10052, {"subjects take too long to compare"});
      case subject::Search::ended:
        break;
    }
  }
  std::uint64_t reserved = 0;
  for (const auto& [name, entry] : streams) {
    const StreamConfig& other = entry.stream->config();
    if (&other == before) {
      continue;
    }
    if (other.storage == config.storage && other.max_bytes > 0) {
      reserved += static_cast<std::uint64_t>(other.max_bytes);
    }
  }
  const std::int64_t most = limit(config.storage);
  const std::uint64_t wanted =
      config.max_bytes > 0 ? static_cast<std::uint64_t>(config.max_bytes) : 0;
  if (most >= 0 && reserved + wanted > static_cast<std::uint64_t>(most)) {
    return api_error(config.storage == StorageKind::file ? 10047 : 10028);
  }
  return {};
}

void Streams::Impl::list_subjects(LogStream& stream) {
  for (const std::string& subject : stream.config().subjects) {
    capturing.at(subject).push_back(&stream);
  }
}

void Streams::Impl::unlist_subjects(LogStream& stream) {
  for (const std::string& subject : stream.config().subjects) {
    std::vector<LogStream*>* holders = capturing.find(subject);
    if (holders == nullptr) {
      continue;  // Twice in a config from a file.
    }
    std::erase(*holders, &stream);
    if (holders->empty()) {
      capturing.erase(subject);
    }
  }
}

void Streams::Impl::forget(ByName::iterator entry) {
  unlist_subjects(*entry->second.stream);
  std::erase(committing, entry->second.stream.get());
  std::erase(suspects, entry->second.stream.get());
  streams.erase(entry);
}

StreamOutcome Streams::create(StreamConfig config, Instant now, bool pedantic) {
  StreamOutcome outcome;
  set_static_metadata(config);
  if (config.sealed) {
    outcome.error = api_error(10052, {"stream configuration for create can not be sealed"});
    return outcome;
  }
  outcome.error = check_config(config, pedantic,
                               [this](std::string_view name) { return impl_->config_of(name); });
  if (outcome.error) {
    return outcome;
  }
  if (const auto found = impl_->streams.find(config.name); found != impl_->streams.end()) {
    Impl::Entry& entry = found->second;
    if (!same_config(entry.stream->config(), config)) {
      outcome.error = api_error(10058);
      return outcome;
    }
    outcome.stream = entry.stream.get();
    outcome.ticket = entry.meta_ticket;
    return outcome;
  }
  outcome.error = impl_->check_others(config, nullptr);
  if (!outcome.error) {
    outcome.error = impl_->check_folder(config.name);
  }
  if (outcome.error) {
    return outcome;
  }
  const std::string name = config.name;
  const std::string directory = impl_->new_directory(name);
  StreamMeta meta{.config = std::move(config),
                  .created = impl_->clock.wall(now),
                  .identity = base::random_name(impl_->entropy)};
  std::optional<store::StorePlace> place = impl_->place_of(meta, directory);
  Impl::Entry& entry = impl_->streams[name];
  entry.stream = std::make_unique<LogStream>(std::move(meta), directory, std::move(place), *impl_,
                                             impl_->clock);
  entry.file = impl_->meta_file(directory);
  impl_->list_subjects(*entry.stream);
  if (impl_->removing.contains(name)) {
    // What is left of the one before goes first, in this commit if not in an earlier one.
    impl_->remove_files(name, directory);
  }
  impl_->write_meta(entry);
  outcome.stream = entry.stream.get();
  outcome.created = true;
  outcome.ticket = entry.meta_ticket;
  if (impl_->listener != nullptr) {
    impl_->listener->on_created(*entry.stream);
  }
  return outcome;
}

StreamOutcome Streams::update(std::string_view name, StreamConfig config, Instant now,
                              bool pedantic) {
  StreamOutcome outcome;
  const auto found = impl_->streams.find(name);
  const bool known = found != impl_->streams.end();
  set_static_metadata(config);
  if (known) {
    outcome.error = check_retention_change(config, found->second.stream->config());
  }
  if (!outcome.error) {
    outcome.error = check_config(
        config, pedantic, [this](std::string_view other) { return impl_->config_of(other); });
  }
  if (!outcome.error && config.name != name) {
    outcome.error = api_error(10056);
  }
  // How many replicas there can be is asked when the stream has been found.
  if (!known && (!outcome.error || outcome.error.err_code == 10074)) {
    outcome.error = api_error(10059);
  }
  if (outcome.error) {
    return outcome;
  }
  Impl::Entry& entry = found->second;
  outcome.error = check_update(config, entry.stream->config());
  if (!outcome.error && impl_->listener != nullptr) {
    outcome.error = impl_->listener->check_update(*entry.stream, config);
  }
  if (!outcome.error) {
    outcome.error = impl_->check_others(config, &entry.stream->config());
  }
  if (outcome.error) {
    return outcome;
  }
  const StreamConfig before = entry.stream->config();
  impl_->unlist_subjects(*entry.stream);
  entry.stream->reconfigure(std::move(config), now);
  impl_->list_subjects(*entry.stream);
  impl_->write_meta(entry);
  outcome.stream = entry.stream.get();
  outcome.ticket = entry.meta_ticket;
  if (impl_->listener != nullptr) {
    impl_->listener->on_updated(*entry.stream, before);
  }
  return outcome;
}

StreamOutcome Streams::remove(std::string_view name, Instant) {
  StreamOutcome outcome;
  const auto found = impl_->streams.find(name);
  if (found == impl_->streams.end()) {
    outcome.error = api_error(10059);
    return outcome;
  }
  if (impl_->listener != nullptr) {
    impl_->listener->on_deleted(*found->second.stream);
  }
  const std::string copy = found->first;
  const std::string directory = found->second.stream->directory();
  impl_->forget(found);
  impl_->remove_files(copy, directory);
  outcome.ticket = impl_->journal.open_ticket();
  return outcome;
}

Stream* Streams::find(std::string_view name) {
  const auto found = impl_->streams.find(name);
  return found == impl_->streams.end() ? nullptr : found->second.stream.get();
}

std::vector<Stream*> Streams::all() {
  std::vector<Stream*> all;
  for (auto& [name, entry] : impl_->streams) {
    all.push_back(entry.stream.get());
  }
  return all;
}

std::vector<Stream*> Streams::by_subject(std::string_view subject) {
  std::map<std::string_view, Stream*> matching;
  std::size_t steps = std::numeric_limits<std::size_t>::max();
  subject::visit_overlapping(impl_->capturing, subject, steps,
                             [&matching](const std::vector<LogStream*>& holders) {
                               for (LogStream* one : holders) {
                                 matching.emplace(one->config().name, one);
                               }
                               return true;
                             });
  std::vector<Stream*> in_order;
  for (const auto& [name, one] : matching) {
    in_order.push_back(one);
  }
  return in_order;
}

std::uint64_t Streams::storage_bytes() const { return impl_->file_bytes; }
std::uint64_t Streams::memory_bytes() const { return impl_->memory_bytes; }

void Streams::durable(Ticket ticket, Instant now) {
  std::erase_if(impl_->removing, [ticket](const auto& one) {
    return one.second.ticket != Ticket{0} && one.second.ticket <= ticket;
  });
  std::erase_if(impl_->meta_changed, [&](const std::string& name) {
    const auto found = impl_->streams.find(name);
    if (found != impl_->streams.end() && found->second.meta_ticket > ticket) {
      return false;
    }
    if (found != impl_->streams.end()) {
      found->second.saved_meta = found->second.meta;
      found->second.meta_ticket = Ticket{0};
    }
    return true;
  });
  const std::vector<LogStream*> committed = std::exchange(impl_->committing, {});
  for (LogStream* stream : committed) {
    if (stream->store().durable(ticket)) {
      stream->unfence();
    }
    if (impl_->maintenance_at == kNever && stream->store().maintenance_due()) {
      impl_->maintenance_at = now + base::maintenance_delay;
    }
  }
  for (LogStream* stream : committed) {
    stream->tell_messages();
  }
}

void Streams::tick(Instant now) {
  if (impl_->earliest_expiry <= now) {
    impl_->earliest_expiry = kNever;
    for (auto& [name, entry] : impl_->streams) {
      entry.stream->expire(now);
    }
  }
  if (impl_->maintenance_at <= now) {
    impl_->maintenance_at = kNever;
    for (auto& [name, entry] : impl_->streams) {
      store::MessageStore& store = entry.stream->store();
      if (store.maintenance_due()) {
        store.request_maintenance();
      }
    }
  }
}

std::vector<Quarantined> Streams::drop_damaged() {
  std::vector<Quarantined> reported;
  for (LogStream* stream : std::exchange(impl_->suspects, {})) {
    for (store::BlockFault& fault : stream->drop_damaged()) {
      reported.push_back({std::move(fault.path), std::move(fault.reason)});
    }
  }
  return reported;
}

Instant Streams::next_deadline() const {
  if (!impl_->suspects.empty()) {
    return Instant{};
  }
  return std::min(impl_->maintenance_at, impl_->earliest_expiry);
}

}  // namespace frond::stream
