#include "stream/streams.h"

#include "base/assert.h"
#include "base/limits.h"
#include "base/nuid.h"
#include "store/block_cache.h"
#include "stream/config_check.h"
#include "stream/error_table.h"
#include "stream/log_stream.h"
#include "subject/match.h"

#include <algorithm>
#include <map>
#include <set>

namespace frond::stream {

struct Streams::Impl final : store::JournalClient, StorageBudget {
  struct Entry {
    std::unique_ptr<LogStream> stream;
    std::string saved_meta;  // As in the file; empty for a stream that was never durable.
    std::string meta;        // As it shall be.
    Ticket meta_ticket{0};   // The commit that makes it so; 0 when it is.
  };
  using ByName = std::map<std::string, Entry, std::less<>>;

  Impl(store::Journal& the_journal, const StorageReader& the_files, Entropy& the_entropy,
       StreamsLimits the_limits)
      : journal(the_journal),
        files(the_files),
        entropy(the_entropy),
        limits(the_limits),
        cache(the_files, base::block_cache_bytes_max) {}

  void before_seal() override {
    for (auto& [name, entry] : streams) {
      entry.stream->store().flush();
    }
  }

  std::uint64_t used(StorageKind kind) const {
    std::uint64_t bytes = 0;
    for (const auto& [name, entry] : streams) {
      if (entry.stream->config().storage == kind) {
        bytes += entry.stream->store().bytes();
      }
    }
    return bytes;
  }
  std::int64_t limit(StorageKind kind) const {
    return kind == StorageKind::file ? limits.storage_bytes_max : limits.memory_bytes_max;
  }
  bool has_room(StorageKind kind, std::uint64_t bytes) const override {
    return limit(kind) < 0 || used(kind) + bytes <= static_cast<std::uint64_t>(limit(kind));
  }

  const StreamConfig* config_of(std::string_view name) const {
    const auto found = streams.find(name);
    return found == streams.end() ? nullptr : &found->second.stream->config();
  }
  std::optional<store::StorePlace> place_of(const StreamConfig& config) {
    if (config.storage == StorageKind::memory) {
      return std::nullopt;
    }
    return store::StorePlace{journal, files, cache, stream_directory(config.name) + "/blocks/"};
  }
  static std::string meta_path(std::string_view name) {
    return stream_directory(name) + "/meta.json";
  }

  ApiError check_others(const StreamConfig& config, const StreamConfig* before) const;
  void write_meta(Entry& entry);
  void remove_files(const std::string& name);
  void load(const std::string& path, std::vector<Quarantined>& damaged, Instant now);
  void undo_meta(const std::string& name, Entry& entry, Instant now);

  store::Journal& journal;
  const StorageReader& files;
  Entropy& entropy;
  const StreamsLimits limits;
  store::BlockCache cache;
  ByName streams;
  std::set<std::string, std::less<>> unreadable;  // Names whose meta.json is damaged: files kept.
  std::map<std::string, Ticket, std::less<>>
      removing;               // Deleted; the commit that removes the files.
  Instant retry_at = kNever;  // Deletions that were lost are tried again.
  Instant maintenance_at = kNever;
  StreamsListener* listener = nullptr;
};

Streams::Streams(store::Journal& journal, const StorageReader& files, Entropy& entropy,
                 StreamsLimits limits)
    : impl_(std::make_unique<Impl>(journal, files, entropy, limits)) {
  journal.set_client(impl_.get());
}

Streams::~Streams() { impl_->journal.set_client(nullptr); }

void Streams::set_listener(StreamsListener* listener) { impl_->listener = listener; }

void Streams::Impl::write_meta(Entry& entry) {
  // Memory streams have a file for their config too: they come back empty after a restart.
  entry.meta = print_meta(entry.stream->meta());
  journal.write(meta_path(entry.stream->config().name), entry.meta);
  entry.meta_ticket = journal.open_ticket();
}

void Streams::Impl::remove_files(const std::string& name) {
  // meta.json first: what is left without it, should a commit be applied in part, is swept away at
  // the next start.
  journal.remove(meta_path(name));
  journal.remove_all(files, stream_directory(name) + "/");
  removing[name] = journal.open_ticket();
}

std::vector<Quarantined> Streams::recover(Instant now) {
  std::vector<Quarantined> damaged;
  std::set<std::string, std::less<>> directories;
  std::set<std::string, std::less<>> with_meta;
  for (const FileInfo& file : impl_->files.list(streams_directory)) {
    const std::size_t slash = file.path.find('/', streams_directory.size());
    if (slash == std::string::npos) {
      continue;
    }
    directories.insert(file.path.substr(0, slash));
    if (std::string_view(file.path).substr(slash) == "/meta.json") {
      with_meta.insert(file.path.substr(0, slash));
      impl_->load(file.path, damaged, now);
    }
  }
  for (const std::string& directory : directories) {
    if (!with_meta.contains(directory)) {
      impl_->journal.remove_all(impl_->files, directory + "/");
    }
  }
  return damaged;
}

void Streams::Impl::load(const std::string& path, std::vector<Quarantined>& damaged, Instant now) {
  std::string reason = "cannot be read";
  const std::optional<std::string> text = files.read(path, 0, ~std::uint64_t{0});
  std::optional<StreamMeta> meta;
  if (text) {
    meta = parse_meta(*text, reason);
  }
  if (meta && meta_path(meta->config.name) != path) {
    reason = "names another stream";
    meta.reset();
  }
  if (!meta) {
    damaged.push_back({path, reason});
    unreadable.insert(path);
    return;
  }
  const std::string name = meta->config.name;
  std::optional<store::StorePlace> place = place_of(meta->config);
  Entry& entry = streams[name];
  entry.stream = std::make_unique<LogStream>(*std::move(meta), std::move(place), *this);
  entry.saved_meta = entry.meta = *text;
  for (store::BlockFault& fault : entry.stream->load(now)) {
    damaged.push_back({std::move(fault.path), std::move(fault.reason)});
  }
}

/// What other streams and the account's limits say. `before` is the stream's own config, when it
/// exists.
ApiError Streams::Impl::check_others(const StreamConfig& config, const StreamConfig* before) const {
  std::uint64_t reserved = 0;
  for (const auto& [name, entry] : streams) {
    const StreamConfig& other = entry.stream->config();
    if (&other == before) {
      continue;
    }
    for (const std::string& subject : config.subjects) {
      for (const std::string& taken : other.subjects) {
        if (subject::overlap(subject, taken)) {
          return api_error(10065);
        }
      }
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
  if (!outcome.error && impl_->unreadable.contains(Impl::meta_path(config.name))) {
    outcome.error = api_error(10049, {"files of a damaged stream of this name are kept"});
  }
  if (outcome.error) {
    return outcome;
  }
  const std::string name = config.name;
  std::optional<store::StorePlace> place = impl_->place_of(config);
  StreamMeta meta{
      .config = std::move(config), .created = now, .identity = base::random_name(impl_->entropy)};
  Impl::Entry& entry = impl_->streams[name];
  entry.stream = std::make_unique<LogStream>(std::move(meta), std::move(place), *impl_);
  impl_->write_meta(entry);
  outcome.stream = entry.stream.get();
  outcome.created = true;
  outcome.ticket = entry.meta_ticket;
  if (impl_->listener != nullptr) {
    impl_->listener->on_created(*entry.stream);
  }
  return outcome;
}

StreamOutcome Streams::update(StreamConfig config, Instant now, bool pedantic) {
  StreamOutcome outcome;
  const auto found = impl_->streams.find(config.name);
  if (found == impl_->streams.end()) {
    outcome.error = api_error(10059);
    return outcome;
  }
  Impl::Entry& entry = found->second;
  set_static_metadata(config);
  outcome.error = check_retention_change(config, entry.stream->config());
  if (!outcome.error) {
    outcome.error = check_config(config, pedantic,
                                 [this](std::string_view name) { return impl_->config_of(name); });
  }
  if (!outcome.error) {
    outcome.error = check_update(config, entry.stream->config());
  }
  if (!outcome.error) {
    outcome.error = impl_->check_others(config, &entry.stream->config());
  }
  if (outcome.error) {
    return outcome;
  }
  const StreamConfig before = entry.stream->config();
  entry.stream->reconfigure(std::move(config), now);
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
  impl_->streams.erase(found);
  impl_->remove_files(copy);
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
  std::vector<Stream*> matching;
  for (auto& [name, entry] : impl_->streams) {
    const std::vector<std::string>& subjects = entry.stream->config().subjects;
    if (std::any_of(subjects.begin(), subjects.end(),
                    [subject](const std::string& own) { return subject::overlap(own, subject); })) {
      matching.push_back(entry.stream.get());
    }
  }
  return matching;
}

std::uint64_t Streams::storage_bytes() const { return impl_->used(StorageKind::file); }
std::uint64_t Streams::memory_bytes() const { return impl_->used(StorageKind::memory); }

void Streams::durable(Ticket ticket, Instant now) {
  std::erase_if(impl_->removing, [ticket](const auto& one) { return one.second <= ticket; });
  std::vector<std::string> grown;
  for (auto& [name, entry] : impl_->streams) {
    if (entry.meta_ticket != Ticket{0} && entry.meta_ticket <= ticket) {
      entry.saved_meta = entry.meta;
      entry.meta_ticket = Ticket{0};
    }
    store::MessageStore& store = entry.stream->store();
    if (store.durable(ticket)) {
      grown.push_back(name);
    }
    if (impl_->maintenance_at == kNever && store.maintenance_due()) {
      impl_->maintenance_at = now + base::maintenance_delay;
    }
  }
  // By name: what listeners do may delete streams.
  for (const std::string& name : grown) {
    if (const auto found = impl_->streams.find(name); found != impl_->streams.end()) {
      found->second.stream->tell_messages();
    }
  }
}

/// The commit with this stream's config is lost.
void Streams::Impl::undo_meta(const std::string& name, Entry& entry, Instant now) {
  if (entry.saved_meta.empty()) {
    if (listener != nullptr) {
      listener->on_deleted(*entry.stream);
    }
    streams.erase(name);
    return;
  }
  std::string reason;
  std::optional<StreamMeta> meta = parse_meta(entry.saved_meta, reason);
  FROND_ASSERT(meta.has_value());
  entry.meta = entry.saved_meta;
  entry.meta_ticket = Ticket{0};
  const StreamConfig before = entry.stream->config();
  entry.stream->reconfigure(std::move(meta->config), now);
  if (listener != nullptr) {
    listener->on_updated(*entry.stream, before);
  }
}

void Streams::reload_unsaved(Instant now) {
  if (!impl_->removing.empty()) {
    impl_->retry_at = now + base::storage_retry_delay;
  }
  std::vector<std::string> names;
  for (const auto& [name, entry] : impl_->streams) {
    names.push_back(name);
  }
  for (const std::string& name : names) {
    const auto found = impl_->streams.find(name);
    if (found == impl_->streams.end()) {
      continue;
    }
    const bool unsaved = found->second.stream->store().unsaved();
    if (found->second.meta_ticket != Ticket{0}) {
      impl_->undo_meta(name, found->second, now);
      if (!impl_->streams.contains(name)) {
        continue;
      }
    }
    if (unsaved) {
      LogStream& stream = *found->second.stream;
      stream.load(now);
      stream.tell_reloaded();
    }
  }
}

void Streams::tick(Instant now) {
  for (auto& [name, entry] : impl_->streams) {
    if (entry.stream->next_deadline() <= now) {
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
  if (impl_->retry_at <= now) {
    impl_->retry_at = kNever;
    for (const auto& [name, ticket] : std::map(impl_->removing)) {
      if (!impl_->streams.contains(name)) {
        impl_->remove_files(name);
      }
    }
  }
}

Instant Streams::next_deadline() const {
  Instant next = std::min(impl_->maintenance_at, impl_->retry_at);
  for (const auto& [name, entry] : impl_->streams) {
    next = std::min(next, entry.stream->next_deadline());
  }
  return next;
}

}  // namespace frond::stream
