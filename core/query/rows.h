#pragma once
// Rows that wait to be sent in their order: keys (collation.h) and where their documents are. A
// heap, so that neither gathering nor sending does all the work of sorting at once; with a limit it
// holds no more rows than are wanted. Bounded in base/limits.h. Lives for one scan.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace frond::query {

class Rows {
 public:
  struct Row {
    std::string key;
    std::uint64_t place = 0;  ///< A sequence, or the number of a group.
  };

  /// Keeps the first `most` in order; 0: all.
  void keep(std::uint64_t most) { most_ = most; }
  /// False when there are too many.
  bool add(std::string key, std::uint64_t place);
  /// From now on rows are taken.
  void finish();
  /// The first of those that are left; null when there are none.
  const Row* first() const { return heap_.empty() ? nullptr : &heap_.front(); }
  void pop();
  std::size_t cost() const { return bytes_; }

 private:
  bool above(const Row& a, const Row& b) const { return taking_ ? a.key < b.key : b.key < a.key; }
  void sink(std::size_t at);

  std::vector<Row> heap_;  // While gathering the last one in order is on top, then the first one.
  std::uint64_t most_ = 0;
  std::size_t bytes_ = 0;
  bool heaped_ = false;
  bool taking_ = false;
};

}  // namespace frond::query
