// One test per fuzz target: its seeds and inputs made from them (replay.h). `--rng-seed N` makes
// others; longer hunts are libFuzzer's (README.md). The last test is of the replay itself.

#include "fuzz/replay.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <string_view>

#define FROND_FUZZ_TARGET(name) extern "C" int name(const std::uint8_t*, std::size_t);
#include "fuzz_targets.inc"
#undef FROND_FUZZ_TARGET

namespace {

using namespace frond::fuzz;

/// Those that set up a whole node for each input take milliseconds for it, the others far less.
std::size_t inputs_for(std::string_view name) {
  return name == "fuzz_api" || name == "fuzz_recovery" ? 600 : 3000;
}

void check(const char* name, Target target) {
  const std::size_t generated = inputs_for(name);
  const ReplayResult result = replay(name, target, Catch::rngSeed(), generated);
  INFO(result.failure);
  CHECK(result.failure.empty());
  CHECK(result.inputs > generated);
}

int fails_at_an_x(const std::uint8_t* data, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    if (data[i] == 'x') std::abort();
  }
  return 0;
}

}  // namespace

#define FROND_FUZZ_TARGET(name) \
  TEST_CASE(#name " over its seeds") { check(#name, name); }
#include "fuzz_targets.inc"
#undef FROND_FUZZ_TARGET

TEST_CASE("a replay tells of the input that ends its target") {
  const ReplayResult result = replay("fuzz_nothing", fails_at_an_x, 1, 100'000);
  CHECK(result.inputs < 100'000);
  CHECK(result.failure.find("fuzz_nothing: signal Aborted at input ") == 0);
  CHECK(result.failure.find(" of generator seed 1, written to ") != std::string::npos);
}
