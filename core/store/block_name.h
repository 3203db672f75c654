#pragma once
// How the file of a block is called: "<number>.blk", or "<number>.<generation>.blk" once it has
// been rewritten. Pure functions for the message store and its recovery.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace frond::store {

struct BlockName {
  std::uint64_t number = 0;
  std::uint32_t generation = 0;
};

std::string print_block_name(const BlockName& name);
/// Only the way it is printed: any other spelling would be read back under another path.
std::optional<BlockName> parse_block_name(std::string_view text);

}  // namespace frond::store
