#pragma once
// The inside of Streams, shared by its two files: streams.cc has the set and its rules,
// streams_disk.cc its files.

#include "base/limits.h"
#include "store/block_cache.h"
#include "stream/log_stream.h"
#include "stream/streams.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

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
       StreamsLimits the_limits, const base::Clock& the_clock)
      : journal(the_journal),
        files(the_files),
        entropy(the_entropy),
        limits(the_limits),
        clock(the_clock),
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
  const base::Clock& clock;
  store::BlockCache cache;
  ByName streams;
  std::set<std::string, std::less<>> unreadable;  // Names whose meta.json is damaged: files kept.
  std::map<std::string, Ticket, std::less<>>
      removing;               // Deleted; the commit that removes the files.
  Instant retry_at = kNever;  // Deletions that were lost are tried again.
  Instant maintenance_at = kNever;
  StreamsListener* listener = nullptr;
};

}  // namespace frond::stream
