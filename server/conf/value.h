#pragma once
// A value of a NATS configuration file: what conf/parser makes of the text and settings_file reads.
// Plain data; it lives only while the settings are made.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace frond::server {

struct ConfValue;
struct ConfEntry;
using ConfArray = std::vector<ConfValue>;
/// In the order of the file. A key that comes twice, spelled alike, has its last value only, which
/// says so.
using ConfMap = std::vector<ConfEntry>;

struct ConfValue {
  std::variant<bool, std::int64_t, double, std::string, ConfArray, ConfMap> data;
  std::string text;  ///< Of a scalar, as written ("2m", "1K"), because durations look like sizes.
  int line = 0;      ///< Where the value's key (or the element) stands, counted from 1.
  bool variable = false;  ///< Used as $NAME somewhere: then it need not be a known key.
  bool again = false;     ///< Its key stood in the block before: what that said is lost.
};

/// Not a std::pair: asked about its members too early, that one needs them complete (clang says
/// so).
struct ConfEntry {
  std::string first;  ///< The key, as written.
  ConfValue second;
};

}  // namespace frond::server
