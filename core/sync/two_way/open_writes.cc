#include "sync/two_way/open_writes.h"

#include <algorithm>
#include <utility>

namespace frond::sync {

void OpenWrites::add(OpenWrite write) {
  const auto at = std::ranges::lower_bound(writes_, write.sequence, {}, &OpenWrite::sequence);
  if (at != writes_.end() && at->sequence == write.sequence) {
    return;
  }
  write.behind = false;
  for (auto other = writes_.begin(); other != writes_.end(); ++other) {
    if (other->subject == write.subject) {
      write.behind = other < at;
      other->behind = other->behind || other >= at;
      break;
    }
  }
  writes_.insert(at, std::move(write));
}

OpenWrite* OpenWrites::find(StreamSeq sequence) {
  const auto at = std::ranges::lower_bound(writes_, sequence, {}, &OpenWrite::sequence);
  return at != writes_.end() && at->sequence == sequence ? &*at : nullptr;
}

bool OpenWrites::contains(StreamSeq sequence) const {
  return std::ranges::binary_search(writes_, sequence, {}, &OpenWrite::sequence);
}

OpenWrite* OpenWrites::first_of(std::string_view subject) {
  for (OpenWrite& write : writes_) {
    if (write.subject == subject) {
      return &write;
    }
  }
  return nullptr;
}

void OpenWrites::sent(OpenWrite& write, std::size_t bytes, Instant now) {
  back(write);
  write.in_flight = true;
  write.sent_on = write.expected;
  write.since = now;
  write.bytes = bytes;
  ++in_flight_;
  bytes_ += bytes;
}

void OpenWrites::back(OpenWrite& write) {
  if (std::exchange(write.in_flight, false)) {
    --in_flight_;
    bytes_ -= std::exchange(write.bytes, 0);
  }
}

void OpenWrites::remove(StreamSeq sequence, StreamSeq expected) {
  OpenWrite* const write = find(sequence);
  if (write == nullptr) {
    return;
  }
  back(*write);
  const OpenWrite gone = std::move(*write);
  writes_.erase(writes_.begin() + (write - writes_.data()));
  if (OpenWrite* next = gone.behind ? nullptr : first_of(gone.subject)) {
    next->behind = false;
    next->held = gone.held;
    next->expected = std::max({next->expected, expected, gone.held});
  }
}

void OpenWrites::remove_all(std::string_view subject) {
  for (OpenWrite& write : writes_) {
    if (write.subject == subject) {
      back(write);
    }
  }
  std::erase_if(writes_, [subject](const OpenWrite& write) { return write.subject == subject; });
}

}  // namespace frond::sync
