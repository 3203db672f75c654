#pragma once
// The record of a run. Always a hash over everything that happened (check f compares two runs of a
// seed by it); with --trace also text on stdout. A line is only put together when it is printed.

#include "sim/scheduler.h"

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

namespace frond::sim {

class Trace {
 public:
  Trace(const Scheduler& scheduler, bool print) : scheduler_(scheduler), print_(print) {}

  /// `who` did or saw `what`; `bytes` are the bytes concerned, printed escaped and shortened.
  void event(std::string_view who, std::string_view what, std::string_view bytes = {}) {
    mix(static_cast<std::uint64_t>(scheduler_.now().time_since_epoch().count()));
    mix(who);
    mix(what);
    mix(bytes);
    if (print_) print(who, what, bytes);
  }
  std::uint64_t hash() const { return hash_; }
  bool printing() const { return print_; }

 private:
  void mix(std::uint64_t value) { hash_ = (hash_ ^ value) * 0x100000001B3ull; }
  void mix(std::string_view bytes) {
    mix(bytes.size());
    // Eight bytes at a time: every byte of every connection goes through here.
    for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data(), 8);
      mix(word);
      hash_ ^= hash_ >> 29;
    }
    for (const char c : bytes) mix(static_cast<unsigned char>(c));
  }
  void print(std::string_view who, std::string_view what, std::string_view bytes) const {
    const auto since = scheduler_.now().time_since_epoch().count() - 1'767'225'600'000'000'000ll;
    std::string shown;
    for (const char c : bytes.substr(0, 400)) {
      if (c == '\r') continue;
      if (c == '\n') {
        shown += " | ";
      } else {
        shown += c >= ' ' && c < 127 ? c : '.';
      }
    }
    if (bytes.size() > 400) shown += "... " + std::to_string(bytes.size()) + " bytes";
    std::printf("%12.6f %-10.*s %.*s %s\n", static_cast<double>(since) / 1e9,
                static_cast<int>(who.size()), who.data(), static_cast<int>(what.size()),
                what.data(), shown.c_str());
  }

  const Scheduler& scheduler_;
  bool print_;
  std::uint64_t hash_ = 0xCBF29CE484222325ull;
};

}  // namespace frond::sim
