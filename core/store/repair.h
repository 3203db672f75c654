#pragma once
// What recovery can still tell of a header or a commit record that does not add up. Both decide
// about all the messages around them, so nothing is guessed: they count only when the checksum
// vouches for them, after one bit has been set right, or, in a header, after what is known anyway
// (the name says number and generation, the stream who it is) has been put in its place. A commit
// record that was not written to its end never passes for a damaged one. Pure functions.

#include "store/block_name.h"
#include "store/record.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace frond::store {

/// The header that these bytes were, if that is certain. `incarnation` is the stream's own; the
/// block may turn out to be of another.
std::optional<BlockHeader> repair_block_header(std::string_view bytes, const BlockName& name,
                                               std::uint32_t incarnation);

struct RepairedCommit {
  std::size_t length = 0;  ///< Of the record, bytes.
  std::uint64_t last = 0;
  std::vector<SequenceRange> removed;
};

/// The commit record that begins where these bytes do, if it is one with a wrong bit. Long ones are
/// not tried.
std::optional<RepairedCommit> repair_commit(std::string_view bytes);

}  // namespace frond::store
