#include "query/rows.h"

#include "base/limits.h"

#include <utility>

namespace frond::query {

void Rows::sink(std::size_t at) {
  for (;;) {
    std::size_t top = at;
    for (const std::size_t child : {2 * at + 1, 2 * at + 2}) {
      if (child < heap_.size() && above(heap_[child], heap_[top])) {
        top = child;
      }
    }
    if (top == at) {
      return;
    }
    std::swap(heap_[at], heap_[top]);
    at = top;
  }
}

bool Rows::add(std::string key, std::uint64_t place) {
  const std::size_t bytes = sizeof(Row) + key.size();
  if (most_ > 0 && heap_.size() == most_) {
    if (!std::exchange(heaped_, true)) {
      for (std::size_t at = heap_.size() / 2; at-- > 0;) {
        sink(at);
      }
    }
    if (!(key < heap_.front().key)) {
      return true;
    }
    bytes_ += key.size() - heap_.front().key.size();
    heap_.front() = {std::move(key), place};
    sink(0);
  } else {
    bytes_ += bytes;
    heap_.push_back({std::move(key), place});
  }
  return heap_.size() <= base::query_rows_max && bytes_ <= base::query_rows_bytes_max;
}

void Rows::finish() {
  taking_ = true;
  for (std::size_t at = heap_.size() / 2; at-- > 0;) {
    sink(at);
  }
}

void Rows::pop() {
  heap_.front() = std::move(heap_.back());
  heap_.pop_back();
  sink(0);
}

}  // namespace frond::query
