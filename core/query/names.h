#pragma once
// Texts numbered in the order in which they came, each once, and found again by a hash: the keys of
// groups, the subjects of a live query. Lives with its owner.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace frond::query {

class Names {
 public:
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  std::uint32_t find(std::string_view name) const;
  /// The number it has, or gets.
  std::uint32_t add(std::string_view name);
  std::size_t size() const { return names_.size(); }
  const std::string& operator[](std::size_t number) const { return names_[number]; }
  void clear();
  std::size_t bytes() const { return bytes_; }

 private:
  std::size_t slot_of(std::string_view name) const;
  void grow();

  std::vector<std::string> names_;
  std::vector<std::uint32_t> slots_;  // By linear probing: number + 1, 0 is free.
  std::size_t bytes_ = 0;
};

}  // namespace frond::query
