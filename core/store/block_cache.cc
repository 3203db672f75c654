#include "store/block_cache.h"

#include <algorithm>
#include <utility>

namespace frond::store {
namespace {

constexpr std::uint64_t page_bytes = 64 * 1024;

}  // namespace

void BlockCache::drop(std::list<Held>::iterator held) {
  bytes_ -= held->page->size();
  by_key_.erase(held->key);
  held_.erase(held);
}

BlockCache::Slice BlockCache::read(std::uint64_t owner, const std::string& path,
                                   std::uint64_t offset, std::uint64_t length,
                                   std::uint64_t settled) {
  const Key key{owner, offset / page_bytes};
  const std::uint64_t start = key.page * page_bytes;
  const std::uint64_t wanted = offset - start + length;
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    if (found->second->page->size() >= wanted) {
      held_.splice(held_.begin(), held_, found->second);
      return {found->second->page, static_cast<std::size_t>(offset - start)};
    }
    // A record that runs over the page's end, or a file that has grown: read the page longer.
    drop(found->second);
  }
  if (start + wanted > settled) return {};
  const std::uint64_t most = std::min(std::max(page_bytes, wanted), settled - start);
  std::optional<std::string> bytes = files_.read(path, start, most);
  if (!bytes || bytes->size() < wanted) return {.page = {}, .offset = 0, .unreadable = !bytes};
  bytes_ += bytes->size();
  held_.push_front({key, std::make_shared<const std::string>(*std::move(bytes))});
  by_key_[key] = held_.begin();
  Slice slice{held_.front().page, static_cast<std::size_t>(offset - start)};
  while (bytes_ > bytes_max_ && !held_.empty()) drop(std::prev(held_.end()));
  return slice;
}

void BlockCache::forget(std::uint64_t owner, std::uint64_t size_bytes) {
  for (std::uint64_t page = 0; page * page_bytes < size_bytes; ++page) {
    if (const auto found = by_key_.find({owner, page}); found != by_key_.end()) drop(found->second);
  }
}

}  // namespace frond::store
