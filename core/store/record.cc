#include "store/record.h"

#include "base/assert.h"
#include "base/limits.h"
#include "store/checksum.h"
#include "store/varint.h"

#include <cstring>
#include <limits>

namespace frond::store {
namespace {

template <class Number>
void put_fixed(std::string& out, Number number) {
  char bytes[sizeof(Number)];
  std::memcpy(bytes, &number, sizeof(Number));
  out.append(bytes, sizeof(Number));
}

template <class Number>
Number get_fixed(const char* at) {
  Number number;
  std::memcpy(&number, at, sizeof(Number));
  return number;
}

std::size_t varint_length(std::uint64_t number) {
  std::size_t length = 1;
  for (; number >= 0x80; number >>= 7) ++length;
  return length;
}

char* put_varint(char* at, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) *at++ = static_cast<char>(number | 0x80);
  *at++ = static_cast<char>(number);
  return at;
}

/// Makes room for a record with a body of `body` bytes, writes length and type and returns where
/// the fields go. `start` is set to the record's offset in `out`.
char* open_record(std::string& out, format::RecordType type, std::size_t body, std::size_t& start) {
  start = out.size();
  out.resize(start + format::record_checksum_bytes + varint_length(body) + body);
  char* at = put_varint(out.data() + start + format::record_checksum_bytes, body);
  *at++ = static_cast<char>(type);
  return at;
}

std::size_t close_record(std::string& out, const char* end, std::size_t start) {
  FROND_ASSERT(end == out.data() + out.size());
  const std::size_t checked = start + format::record_checksum_bytes;
  const std::uint32_t checksum = crc32c(std::string_view(out).substr(checked));
  std::memcpy(out.data() + start, &checksum, sizeof(checksum));
  return out.size() - start;
}

char* put_bytes(char* at, std::string_view bytes) {
  if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
  return at + bytes.size();
}

}  // namespace

std::uint32_t incarnation_of(std::string_view identity) {
  const std::uint32_t sum = crc32c(identity);
  return sum == 0 ? 1 : sum;
}

bool can_cover(std::uint64_t number, std::uint64_t covers) {
  return covers - number <= std::numeric_limits<std::uint32_t>::max();
}

void write_block_header(std::string& out, const BlockHeader& header) {
  const std::size_t start = out.size();
  put_fixed(out, format::block_magic);
  put_fixed(out, header.generation);
  put_fixed(out, header.number);
  put_fixed(out, static_cast<std::uint32_t>(header.covers - header.number));
  put_fixed(out, header.incarnation);
  put_fixed(out, header.base);
  put_fixed(out, crc32c(std::string_view(out).substr(start)));
}

std::optional<BlockHeader> read_block_header(std::string_view bytes) {
  if (bytes.size() < format::block_header_bytes) return std::nullopt;
  const std::size_t checked = format::block_header_bytes - format::record_checksum_bytes;
  const char* at = bytes.data();
  const auto magic = get_fixed<std::uint32_t>(at);
  if (magic != format::block_magic && magic != format::block_magic_1) return std::nullopt;
  if (get_fixed<std::uint32_t>(at + checked) != crc32c(bytes.substr(0, checked))) {
    return std::nullopt;
  }
  BlockHeader header{.number = get_fixed<std::uint64_t>(at + 8),
                     .generation = get_fixed<std::uint32_t>(at + 4),
                     .covers = get_fixed<std::uint64_t>(at + 16),
                     .base = get_fixed<std::uint64_t>(at + 24)};
  if (magic == format::block_magic) {
    // A sum that wraps is below the number and found out with the rest.
    header.covers = header.number + get_fixed<std::uint32_t>(at + 16);
    header.incarnation = get_fixed<std::uint32_t>(at + 20);
  }
  // The next block and the next message have a number too.
  if (header.number > header.covers || header.covers > base::sequence_max ||
      header.base > base::sequence_max) {
    return std::nullopt;
  }
  return header;
}

bool is_newer_block(std::string_view bytes) {
  if (bytes.size() < format::block_header_bytes) return false;
  constexpr std::uint32_t name = 0x00FFFFFF;  // "FRB"; the digit is the highest byte.
  constexpr std::size_t checked = format::block_header_bytes - format::record_checksum_bytes;
  const auto magic = get_fixed<std::uint32_t>(bytes.data());
  return (magic & name) == (format::block_magic & name) && magic > format::block_magic &&
         get_fixed<std::uint32_t>(bytes.data() + checked) == crc32c(bytes.substr(0, checked));
}

std::size_t write_message(std::string& out, const MessageRecord& message) {
  const std::size_t body = 1 + varint_length(message.sequence) + 8 +
                           varint_length(message.subject.size()) +
                           varint_length(message.header.size()) + message.subject.size() +
                           message.header.size() + message.payload.size();
  std::size_t start = 0;
  char* at = open_record(out, format::RecordType::message, body, start);
  at = put_varint(at, message.sequence);
  const std::int64_t time = message.time.time_since_epoch().count();
  std::memcpy(at, &time, sizeof(time));
  at = put_varint(at + sizeof(time), message.subject.size());
  at = put_varint(at, message.header.size());
  at = put_bytes(at, message.subject);
  at = put_bytes(at, message.header);
  at = put_bytes(at, message.payload);
  return close_record(out, at, start);
}

std::size_t write_commit(std::string& out, std::uint64_t last,
                         const std::vector<SequenceRange>& removed) {
  std::size_t body = 1 + varint_length(last);
  std::uint64_t end = 0;
  for (const SequenceRange& range : removed) {
    FROND_ASSERT(range.first >= end && range.last >= range.first);
    body += varint_length(range.first - end) + varint_length(range.last - range.first);
    end = range.last;
  }
  std::size_t start = 0;
  char* at = open_record(out, format::RecordType::commit, body, start);
  at = put_varint(at, last);
  end = 0;
  for (const SequenceRange& range : removed) {
    at = put_varint(at, range.first - end);
    at = put_varint(at, range.last - range.first);
    end = range.last;
  }
  return close_record(out, at, start);
}

void write_summary_record(std::string& out, std::string_view body) {
  std::size_t start = 0;
  char* at = open_record(out, format::RecordType::summary,
                         1 + body.size() + format::summary_end_bytes, start);
  at = put_bytes(at, body);
  const auto length = static_cast<std::uint32_t>(out.size() - start);
  std::memcpy(at, &length, sizeof(length));
  std::memcpy(at + sizeof(length), &format::summary_magic, sizeof(format::summary_magic));
  close_record(out, at + format::summary_end_bytes, start);
}

RecordStatus read_record(std::string_view bytes, RawRecord& record, bool verify) {
  if (bytes.size() < format::record_bytes_min) return RecordStatus::truncated;
  const auto checksum = get_fixed<std::uint32_t>(bytes.data());
  std::string_view rest = bytes.substr(format::record_checksum_bytes);
  std::uint64_t body = 0;
  if (!take_varint(rest, body) || body == 0) return RecordStatus::damaged;
  if (body > rest.size()) return RecordStatus::truncated;
  record.length = static_cast<std::size_t>(rest.data() - bytes.data()) + body;
  if (verify && crc32c(bytes.substr(format::record_checksum_bytes,
                                    record.length - format::record_checksum_bytes)) != checksum) {
    return RecordStatus::damaged;
  }
  record.type = static_cast<format::RecordType>(rest[0]);
  if (record.type < format::RecordType::message || record.type > format::RecordType::summary) {
    return RecordStatus::damaged;
  }
  record.fields = rest.substr(1, body - 1);
  return RecordStatus::ok;
}

bool read_message(std::string_view fields, MessageRecord& message) {
  if (!take_varint(fields, message.sequence) || message.sequence == 0) return false;
  if (message.sequence > base::sequence_max) return false;
  if (fields.size() < sizeof(std::int64_t)) return false;
  message.time = WallTime(Duration(get_fixed<std::int64_t>(fields.data())));
  fields.remove_prefix(sizeof(std::int64_t));
  std::uint64_t subject = 0;
  std::uint64_t header = 0;
  if (!take_varint(fields, subject) || !take_varint(fields, header)) return false;
  if (subject > fields.size() || header > fields.size() - subject) return false;
  message.subject = fields.substr(0, subject);
  message.header = fields.substr(subject, header);
  message.payload = fields.substr(subject + header);
  return true;
}

bool read_commit(std::string_view fields, std::uint64_t& last,
                 std::vector<SequenceRange>& removed) {
  removed.clear();
  if (!take_varint(fields, last) || last > base::sequence_max) return false;
  std::uint64_t end = 0;
  while (!fields.empty()) {
    std::uint64_t gap = 0;
    std::uint64_t more = 0;
    if (!take_varint(fields, gap) || !take_varint(fields, more)) return false;
    // Ranges lie at or below `last`; with that no sum can wrap.
    if (gap > last - end || more > last - end - gap) return false;
    removed.push_back({end + gap, end + gap + more});
    end += gap + more;
  }
  return true;
}

}  // namespace frond::store
