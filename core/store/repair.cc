#include "store/repair.h"

#include <cstring>
#include <string>

namespace frond::store {
namespace {

/// Of a commit record that is tried bit by bit.
constexpr std::size_t repaired_commit_bytes_max = 1024;

/// Sets one bit after the other right until `is_right` says so.
template <class Check>
bool one_bit_right(std::string& bytes, Check is_right) {
  for (char& byte : bytes) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      const char was = byte;
      byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1u << bit));
      if (is_right()) return true;
      byte = was;
    }
  }
  return false;
}

template <class Number>
Number at_offset(std::string_view bytes, std::size_t offset) {
  Number number;
  std::memcpy(&number, bytes.data() + offset, sizeof(Number));
  return number;
}

/// crc32c tells up to five wrong bits in so few bytes: with one of them set right by mistake, four
/// more could not have gone unseen.
std::optional<BlockHeader> with_one_bit_right(std::string_view bytes, const BlockName& name) {
  std::string tried(bytes.substr(0, format::block_header_bytes));
  std::optional<BlockHeader> header;
  const bool right = one_bit_right(tried, [&] {
    header = read_block_header(tried);
    return header && header->number == name.number && header->generation == name.generation;
  });
  return right ? header : std::nullopt;
}

/// Only base and, in a rewritten block, how far it covers have to be intact.
std::optional<BlockHeader> with_what_is_known(std::string_view bytes, const BlockName& name,
                                              std::uint32_t incarnation) {
  BlockHeader header{.number = name.number,
                     .generation = name.generation,
                     .covers = name.number,
                     .base = at_offset<std::uint64_t>(bytes, 24),
                     .incarnation = incarnation};
  if (name.generation > 0) header.covers += at_offset<std::uint32_t>(bytes, 16);
  std::string known;
  write_block_header(known, header);
  const std::size_t sum = format::block_header_bytes - format::record_checksum_bytes;
  if (known.substr(sum) != bytes.substr(sum, format::record_checksum_bytes)) return std::nullopt;
  return read_block_header(known);
}

}  // namespace

std::optional<BlockHeader> repair_block_header(std::string_view bytes, const BlockName& name,
                                               std::uint32_t incarnation) {
  if (bytes.size() < format::block_header_bytes) return std::nullopt;
  if (const auto header = with_one_bit_right(bytes, name)) return header;
  return with_what_is_known(bytes, name, incarnation);
}

std::optional<RepairedCommit> repair_commit(std::string_view bytes) {
  std::string tried(bytes.substr(0, repaired_commit_bytes_max));
  RawRecord record;
  RepairedCommit commit;
  const bool right = one_bit_right(tried, [&] {
    return read_record(tried, record) == RecordStatus::ok &&
           record.type == format::RecordType::commit &&
           read_commit(record.fields, commit.last, commit.removed);
  });
  if (!right) return std::nullopt;
  commit.length = record.length;
  return commit;
}

}  // namespace frond::store
