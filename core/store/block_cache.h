#pragma once
// The part of the blocks that is in RAM for reading. Pages of 64 KiB of files, least recently used
// ones go first; one cache for all streams of a node, bounded in base/limits.h. Pages are shared:
// a reader keeps the page it reads from alive by holding it.

#include <frond/host.h>

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

namespace frond::store {

class BlockCache {
 public:
  using Page = std::shared_ptr<const std::string>;

  BlockCache(const StorageReader& files, std::uint64_t bytes_max)
      : files_(files), bytes_max_(bytes_max) {}

  struct Slice {
    Page page;                ///< Null when the file does not reach that far, or gives nothing.
    std::size_t offset = 0;   ///< Where in the page the wanted bytes start.
    bool unreadable = false;  ///< The host gave nothing; it may the next time.
  };
  /// Bytes offset ... offset + length of the file. `owner` names the file uniquely for the life of
  /// the cache, and its first `settled` bytes never change. What lies behind them is not kept: it
  /// may be the torn end that a crash left and that the next append overwrites.
  Slice read(std::uint64_t owner, const std::string& path, std::uint64_t offset,
             std::uint64_t length, std::uint64_t settled);
  /// The file is gone: its pages are of no use any more.
  void forget(std::uint64_t owner, std::uint64_t size_bytes);
  /// A number for `owner` that was never used before.
  std::uint64_t new_owner() { return ++owners_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  struct Key {
    std::uint64_t owner = 0;
    std::uint64_t page = 0;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return static_cast<std::size_t>((key.owner * 0x9E3779B97F4A7C15u) ^ key.page);
    }
  };
  struct Held {
    Key key;
    Page page;
  };
  void drop(std::list<Held>::iterator held);

  const StorageReader& files_;
  const std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  std::uint64_t owners_ = 0;
  std::list<Held> held_;  // Most recently used first.
  std::unordered_map<Key, std::list<Held>::iterator, KeyHash> by_key_;
};

}  // namespace frond::store
