#pragma once
// The block format, byte by byte, as constants; the page with the reasons is docs/format.md. Both
// writer and reader (record.cc, block_reader.cc) take their numbers from here only. Numbers are
// little-endian.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace frond::store::format {

/// "FRB2" as the first four bytes of every block; the digit is the version.
inline constexpr std::uint32_t block_magic = 0x32425246;
/// "FRB1", still read.
inline constexpr std::uint32_t block_magic_1 = 0x31425246;

/// magic u32, generation u32, number u64, covers minus number u32, incarnation u32, base u64,
/// crc32c u32 of what precedes it. Version 1 had covers as u64 and no incarnation.
inline constexpr std::size_t block_header_bytes = 36;

/// crc32c u32 of all that follows; then the length of the body as a varint; then the body.
inline constexpr std::size_t record_checksum_bytes = 4;
inline constexpr std::size_t varint_bytes_max = 10;

/// A small state file (state_file.h): this, crc32c u32 of what follows, generation u64, the text.
inline constexpr std::string_view state_magic = "FRS1";

/// The least a record can take: checksum, length, type and one field. Bounds how many records a
/// stretch of unreadable bytes can have held.
inline constexpr std::size_t record_bytes_min = record_checksum_bytes + 1 + 1 + 1;
/// The least a message record can take: time and the lengths of subject and header on top.
inline constexpr std::size_t message_record_bytes_min = record_bytes_min + 8 + 2;

enum class RecordType : std::uint8_t {
  /// sequence varint, time i64, subject length varint, header length varint, subject, header,
  /// payload to the end of the body.
  message = 1,
  /// Ends a group of records that become valid together. last sequence varint, then removed ranges
  /// in ascending order: (first minus the end of the range before) varint, (count minus 1) varint.
  commit = 2,
  /// The last record of a full block: what a start wants to know of it (block_summary.h).
  summary = 3,
};

/// What a summary says first: another layout has another number, and is passed over.
inline constexpr std::uint64_t summary_version = 2;
/// "FRSY": ends a block that ends with a summary; before it stands the length of that record, u32.
inline constexpr std::uint32_t summary_magic = 0x59535246;
inline constexpr std::size_t summary_end_bytes = 8;

}  // namespace frond::store::format
