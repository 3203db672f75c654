#pragma once
// Runs a fuzz target without libFuzzer, for a machine or a compiler that has none: over its kept
// seeds, and over inputs that a seeded generator makes out of them. No coverage guides it; it keeps
// what was once found from coming back and notices a target that breaks at the first touch.

#include <cstddef>
#include <cstdint>
#include <string>

namespace frond::fuzz {

using Target = int (*)(const std::uint8_t*, std::size_t);

struct ReplayResult {
  std::size_t inputs = 0;  ///< How many held.
  std::string failure;     ///< Empty, or what to do with the input that did not.
};

/// The target runs in a child process: whatever ends it (abort, trap, a sanitizer, ten seconds
/// without an end) is told with the input that did it. `name` is "fuzz_<what>".
ReplayResult replay(const std::string& name, Target target, std::uint64_t generator_seed,
                    std::size_t generated);

}  // namespace frond::fuzz
