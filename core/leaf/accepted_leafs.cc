#include "leaf/accepted_leafs.h"

#include <algorithm>
#include <utility>

namespace frond::leaf {

AcceptedLeafs::AcceptedLeafs(AcceptContext context) : context_(std::move(context)) {}

AcceptedLeaf* AcceptedLeafs::find(ConnectionId connection) const {
  const auto at = leafs_.find(connection);
  return at == leafs_.end() || at->second->gone() ? nullptr : at->second.get();
}

/// The new connection wins: the old one is what a device left behind when its network changed.
void AcceptedLeafs::evict_older(const AcceptedLeaf& newcomer) {
  for (const auto& [id, other] : leafs_) {
    if (other.get() != &newcomer && other->joined() && !other->gone() && other->same_as(newcomer)) {
      other->close("Duplicate Remote LeafNode Connection", "Duplicate Remote LeafNode Connection");
    }
  }
}

bool AcceptedLeafs::owns(ConnectionId connection) const { return find(connection) != nullptr; }

void AcceptedLeafs::connected(ConnectionId connection, const ConnectionInfo& info, Instant now) {
  leafs_[connection] = std::make_unique<AcceptedLeaf>(
      context_, dirty_, connection, info, [this](const AcceptedLeaf& leaf) { evict_older(leaf); },
      now);
}

void AcceptedLeafs::received(ConnectionId connection, std::string_view bytes, Instant now) {
  if (AcceptedLeaf* leaf = find(connection)) {
    leaf->receive(bytes, now);
  }
}

bool AcceptedLeafs::sent(ConnectionId connection, std::uint64_t bytes) {
  AcceptedLeaf* leaf = find(connection);
  return leaf != nullptr && leaf->sent(bytes);
}

void AcceptedLeafs::hold(ConnectionId connection, bool hold, Instant now) {
  if (AcceptedLeaf* leaf = find(connection)) {
    leaf->hold(hold, now);
  }
}
void AcceptedLeafs::closed(ConnectionId connection) { leafs_.erase(connection); }

void AcceptedLeafs::secret_checked(ConnectionId connection, bool matches, Instant now) {
  if (AcceptedLeaf* leaf = find(connection)) {
    leaf->secret_checked(matches, now);
  }
}

void AcceptedLeafs::recheck(Instant now) {
  for (const auto& [id, leaf] : leafs_) {
    leaf->recheck(now);
  }
}

void AcceptedLeafs::tick(Instant now) {
  for (const auto& [id, leaf] : leafs_) {
    leaf->tick(now);
  }
}

bool AcceptedLeafs::flush() {
  return dirty_.flush(context_.outbox, [this](ConnectionId id) {
    const auto ended = leafs_.find(id);
    slow_consumers_ += ended->second->output().too_slow() ? 1 : 0;
    leafs_.erase(ended);
  });
}

Instant AcceptedLeafs::next_deadline() const {
  Instant next = kNever;
  for (const auto& [id, leaf] : leafs_) {
    next = std::min(next, leaf->next_deadline());
  }
  return next;
}

std::size_t AcceptedLeafs::count() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(leafs_, [](const auto& entry) { return entry.second->joined(); }));
}

void AcceptedLeafs::each(const std::function<void(const LeafRow&)>& visit) const {
  for (const auto& [id, leaf] : leafs_) {
    if (leaf->joined()) {
      visit(leaf->row());
    }
  }
}

void AcceptedLeafs::shutdown() {
  for (const auto& [id, leaf] : leafs_) {
    leaf->close({}, "Server Shutdown");
  }
}

}  // namespace frond::leaf
