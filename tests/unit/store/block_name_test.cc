#include "store/block_name.h"

#include "base/limits.h"

#include <catch2/catch.hpp>

using namespace frond;
using store::parse_block_name;
using store::print_block_name;

TEST_CASE("block name: printed and read back") {
  CHECK(print_block_name({.number = 7, .generation = 0}) == "7.blk");
  CHECK(print_block_name({.number = 7, .generation = 2}) == "7.2.blk");
  for (const std::uint64_t number : {std::uint64_t{1}, base::sequence_max}) {
    for (const std::uint32_t generation : {0u, 1u, ~0u}) {
      const auto read = parse_block_name(print_block_name({number, generation}));
      REQUIRE(read);
      CHECK(read->number == number);
      CHECK(read->generation == generation);
    }
  }
}

TEST_CASE("block name: any other spelling is no block") {
  for (const char* text : {"",
                           ".blk",
                           "0.blk",
                           "01.blk",
                           "1",
                           "1.",
                           "1.bl",
                           "1.blk2",
                           "1.0.blk",
                           "1.01.blk",
                           "+1.blk",
                           "-1.blk",
                           "1..blk",
                           "1.2",
                           "1.2.3.blk",
                           "1.blk.blk",
                           "1.4294967296.blk",
                           "18446744073709551615.blk",
                           "18446744073709551616.blk",
                           " 1.blk",
                           "a.blk"}) {
    INFO(text);
    CHECK_FALSE(parse_block_name(text));
  }
}
