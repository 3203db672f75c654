#pragma once
// How a fuzz target takes decisions out of its input: byte by byte from the front, zeros when it is
// used up. So every input is a valid list of decisions and each mutation changes a few of them.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace frond::fuzz {

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  bool empty() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : byte() % bound; }
  /// A place in something of this size, with two bytes so that all of a small file is reached.
  std::size_t place(std::size_t size) {
    const std::size_t high = byte();
    const std::size_t value = high << 8 | byte();
    return size == 0 ? 0 : value % size;
  }
  /// Numbers that code likes to be wrong about, and small ones.
  std::uint64_t number() {
    const std::uint8_t kind = byte();
    if (kind < 192) return kind;
    if (kind == 255) return ~std::uint64_t{0} - byte() % 3;
    const std::uint64_t edge = std::uint64_t{1} << (kind % 64);
    return edge - 1 + byte() % 3;
  }
  std::string_view take(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view rest() { return take(rest_.size()); }

 private:
  std::string_view rest_;
};

/// Says what does not hold and ends the program: for libFuzzer and the replay that is a crash.
inline void must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace frond::fuzz
