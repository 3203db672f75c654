#pragma once
// The inside of Streams, shared by its two files: streams.cc has the set and its rules,
// streams_disk.cc its files.

#include "base/limits.h"
#include "store/block_cache.h"
#include "store/state_file.h"
#include "stream/log_stream.h"
#include "stream/streams.h"
#include "subject/trie.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace frond::stream {

struct Streams::Impl final : StreamSet {
  struct Entry {
    std::unique_ptr<LogStream> stream;
    std::unique_ptr<store::StateFile> file;  // meta.json
    std::string saved_meta;  // As in the file; empty for a stream that was never durable.
    std::string meta;        // As it shall be.
    Ticket meta_ticket{0};   // The commit that makes it so; 0 when it is.
  };
  using ByName = std::map<std::string, Entry, std::less<>>;

  /// A deletion that is not durable yet.
  struct Removal {
    std::string directory;
    /// The commit that removes the files; 0 when files without meta.json remain of one that failed:
    /// they go before a stream of the name is made again, or with the next start.
    Ticket ticket{0};
  };
  using Removals = std::map<std::string, Removal, std::less<>>;

  Impl(store::Journal& the_journal, const StorageReader& the_files, Entropy& the_entropy,
       StreamsLimits the_limits, const base::Clock& the_clock)
      : journal(the_journal),
        files(the_files),
        entropy(the_entropy),
        limits(the_limits),
        clock(the_clock),
        cache(the_files, base::block_cache_bytes_max) {}

  std::uint64_t& stored_bytes(StorageKind kind) override {
    return kind == StorageKind::file ? file_bytes : memory_bytes;
  }
  void in_commit(LogStream& stream) override { committing.push_back(&stream); }
  void suspicious(LogStream& stream) override {
    std::erase(suspects, &stream);
    suspects.push_back(&stream);
  }
  void expires_at(Instant deadline) override {
    earliest_expiry = std::min(earliest_expiry, deadline);
  }

  std::int64_t limit(StorageKind kind) const {
    return kind == StorageKind::file ? limits.storage_bytes_max : limits.memory_bytes_max;
  }
  bool has_room(StorageKind kind, std::uint64_t bytes) const override {
    const std::uint64_t used = kind == StorageKind::file ? file_bytes : memory_bytes;
    return limit(kind) < 0 || used + bytes <= static_cast<std::uint64_t>(limit(kind));
  }

  const StreamConfig* config_of(std::string_view name) const {
    const auto found = streams.find(name);
    return found == streams.end() ? nullptr : &found->second.stream->config();
  }
  std::optional<store::StorePlace> place_of(const StreamMeta& meta, const std::string& directory) {
    if (meta.config.storage == StorageKind::memory) {
      return std::nullopt;
    }
    return store::StorePlace{journal, files, cache, directory + "/blocks/",
                             store::incarnation_of(meta.identity)};
  }
  std::unique_ptr<store::StateFile> meta_file(const std::string& directory) const {
    return std::make_unique<store::StateFile>(journal, files,
                                              directory + std::string(meta_file_name), "{");
  }

  ApiError check_others(const StreamConfig& config, const StreamConfig* before) const;
  ApiError check_folder(std::string_view name) const;
  std::string new_directory(std::string_view name) const;
  /// Keep `capturing` true to the streams' subjects: before a stream goes or gets another config,
  /// and after it came or got one.
  void unlist_subjects(LogStream& stream);
  void list_subjects(LogStream& stream);
  /// The stream is gone, but for its files.
  void forget(ByName::iterator entry);
  void write_meta(Entry& entry);
  void remove_files(const std::string& name, const std::string& directory);
  struct Found;
  Found read_meta(const std::string& directory);
  void install(Found found, std::vector<Quarantined>& damaged, Instant now);
  bool undo_meta(Entry& entry, Instant now);
  void bring_back(const Removals& lost, Instant now);

  store::Journal& journal;
  const StorageReader& files;
  Entropy& entropy;
  const StreamsLimits limits;
  const base::Clock& clock;
  store::BlockCache cache;
  std::uint64_t file_bytes = 0;  // Of all streams, as are memory_bytes.
  std::uint64_t memory_bytes = 0;
  ByName streams;
  std::vector<LogStream*> suspects;       // Something in these is damaged, and still counted.
  std::vector<LogStream*> committing;     // The commit in flight holds something of them,
  std::vector<std::string> meta_changed;  // and the configs of these, or the next one does.
  Instant earliest_expiry = kNever;       // Nothing expires before it.
  subject::Trie<std::vector<LogStream*>> capturing;  // By the subjects of their configs.
  std::set<std::string, std::less<>> unreadable;     // Folders without a whole meta.json: kept.
  Removals removing;
  Instant maintenance_at = kNever;
  StreamsListener* listener = nullptr;
};

}  // namespace frond::stream
