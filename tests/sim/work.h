#pragma once
// How much the program allocates: the measure of the work that one input costs an engine, the same
// on every machine and in every build. work.cc replaces operator new.

#include <cstdint>

namespace frond::sim {

struct Work {
  std::uint64_t allocations = 0, bytes = 0;
};

/// Everything since the program began; take two and subtract.
Work work_so_far();

}  // namespace frond::sim
