#pragma once
// The simulation's only source of randomness: splitmix64. Everything random in a run comes from one
// seed through this class, so a seed is a whole run. Parts that must not disturb each other (the
// entropy of one engine) get a fork.

#include <frond/host.h>
#include <frond/types.h>

#include <cstddef>
#include <cstdint>

namespace frond::sim {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  /// 0 .. n-1; 0 when n is 0.
  std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : next() % n; }
  /// lo .. hi, both included.
  std::uint64_t between(std::uint64_t lo, std::uint64_t hi) { return lo + below(hi - lo + 1); }
  bool chance(unsigned percent) { return below(100) < percent; }
  Duration duration(Duration lo, Duration hi) {
    return lo + Duration(static_cast<std::int64_t>(
                    below(static_cast<std::uint64_t>((hi - lo).count()) + 1)));
  }
  template <class Container>
  auto& pick(Container& from) {
    return from[static_cast<std::size_t>(below(from.size()))];
  }
  Random fork() { return Random(next()); }

 private:
  std::uint64_t state_;
};

/// What a simulated host lends to its engine.
class SimEntropy final : public Entropy {
 public:
  explicit SimEntropy(Random random) : random_(random) {}
  std::uint64_t next() override { return random_.next(); }

 private:
  Random random_;
};

}  // namespace frond::sim
