#pragma once
// A stable sort that is small in Wasm. std::sort and its relatives unroll into 2 to 6 KB of code
// for each type and order, and the engine sorts a dozen; one function that merges runs is a tenth
// of it and does n log n comparisons whatever the input. Used wherever core sorts.

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace frond::base {

/// Merges the sorted runs [left, middle) and [middle, end) to `out`; of equals the left one comes
/// first.
template <typename Left, typename Right, typename Out, typename Less>
Out merge_runs(Left left, Left left_end, Right right, Right right_end, Out out, Less& less) {
  while (left != left_end) {
    if (right != right_end && less(*right, *left)) {
      *out++ = std::move(*right++);
    } else {
      *out++ = std::move(*left++);
    }
  }
  for (; right != right_end; ++right) {
    *out++ = std::move(*right);
  }
  return out;
}

template <typename T, typename Less = std::less<>>
void sort(std::vector<T>& items, Less less = {}) {
  const std::size_t count = items.size();
  std::size_t sorted = 1;
  while (sorted < count && !less(items[sorted], items[sorted - 1])) {
    ++sorted;
  }
  if (sorted >= count) {
    return;
  }
  std::vector<T> other(count);
  for (std::size_t width = 1; width < count; width *= 2) {
    T* out = other.data();
    T* const from = items.data();
    for (std::size_t at = 0; at < count; at += 2 * width) {
      T* const middle = from + (width < count - at ? at + width : count);
      T* const end = from + (2 * width < count - at ? at + 2 * width : count);
      out = merge_runs(from + at, middle, middle, end, out, less);
    }
    items.swap(other);
  }
}

/// `items` are sorted up to `middle` and from there on: makes them one sorted whole.
template <typename T, typename Less = std::less<>>
void merge_at(std::vector<T>& items, std::size_t middle, Less less = {}) {
  std::vector<T> merged(items.size());
  T* const from = items.data();
  T* const end = from + items.size();
  merge_runs(from, from + middle, from + middle, end, merged.data(), less);
  items.swap(merged);
}

}  // namespace frond::base
