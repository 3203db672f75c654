#pragma once
// How a fuzz target takes decisions out of its input: byte by byte from the front, zeros when it is
// used up. So every input is a valid list of decisions and each mutation changes a few of them.

#include "support/growth.h"

#include <algorithm>
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

/// How long a text is made at most. The replay has hundreds of inputs and seconds for all of them.
#ifdef FROND_FUZZ_LONG_TEXTS
inline constexpr std::size_t long_text_bytes_max = 1024 * 1024;
#else
inline constexpr std::size_t long_text_bytes_max = 16 * 1024;
#endif

/// Makes a long text out of a short one, so that a mutation of a few bytes reaches what only large
/// inputs do: "\x01", a byte b and a body up to "\x02" stand for the body 2^(b mod 17) times, with
/// the number of the repetition for each "\x03" in it. Ends at `most` bytes.
inline std::string expanded(std::string_view text, std::size_t most) {
  std::string out;
  while (!text.empty() && out.size() < most) {
    const std::size_t start = text.find('\x01');
    out.append(text.substr(0, start));
    if (start == std::string_view::npos || start + 1 == text.size()) break;
    const std::size_t times = std::size_t{1} << static_cast<unsigned char>(text[start + 1]) % 17;
    const std::string_view behind = text.substr(start + 2);
    const std::string_view body = behind.substr(0, behind.find('\x02'));
    for (std::size_t i = 0; i < times && out.size() < most && !body.empty(); ++i) {
      for (const char c : body) {
        if (c == '\x03') {
          out += std::to_string(i);
        } else {
          out += c;
        }
      }
    }
    text = behind.substr(std::min(behind.size(), body.size() + 1));
  }
  out.resize(std::min(out.size(), most));
  return out;
}

/// Says what does not hold and ends the program: for libFuzzer and the replay that is a crash.
inline void must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

/// Ends the program when what is measured takes more processor time than its input is worth: what
/// a peer sends must not hold up all others. The bound leaves room for sanitizers and a full node;
/// work that grows with the square of a long input is far beyond it.
class WorkBound {
 public:
  explicit WorkBound(std::size_t input_bytes)
      : seconds_max_(0.5 + static_cast<double>(input_bytes) * 20e-6),
        started_(test::thread_seconds()) {}
  ~WorkBound() {
    must(test::thread_seconds() - started_ <= seconds_max_, "work is in proportion to the input");
  }
  WorkBound(const WorkBound&) = delete;
  WorkBound& operator=(const WorkBound&) = delete;

 private:
  double seconds_max_;
  double started_;
};

}  // namespace frond::fuzz
