#pragma once
// Do the subjects of one list get in each other's way? Configs of streams and consumers must not
// have such. Lists of many thousands are fine: each subject is compared with those it can meet, not
// with all. Pure functions; what would take too much work is not answered.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace frond::subject {

struct Collision {
  enum class Kind : std::uint8_t {
    none,
    found,
    unknown,  ///< The list is made so that looking would take too long.
  };
  Kind kind = Kind::none;
  std::size_t first = 0;   ///< The earliest that collides with a later one,
  std::size_t second = 0;  ///< and the earliest of those.
};

/// Two of these valid subjects that overlap (match.h); the same subject twice is one.
Collision first_overlap(std::span<const std::string> subjects);

/// Whether one of these valid subjects is a subset of another (match.h); `second` is not set.
Collision first_subset(std::span<const std::string> subjects);

}  // namespace frond::subject
