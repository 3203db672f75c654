#include "sim/work.h"

#include <cstdlib>
#include <new>

namespace {
frond::sim::Work total;
}

namespace frond::sim {
Work work_so_far() { return total; }
}  // namespace frond::sim

void* operator new(std::size_t bytes) {
  ++total.allocations;
  total.bytes += bytes;
  if (void* place = std::malloc(bytes == 0 ? 1 : bytes)) return place;
  std::abort();
}
// The library's own would be paired with our delete: std::stable_sort takes its buffer by this one.
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return operator new(bytes);
}
void operator delete(void* place) noexcept { std::free(place); }
void operator delete(void* place, std::size_t) noexcept { std::free(place); }
