#include "store/record.h"

#include "base/limits.h"

#include <catch2/catch.hpp>

#include <cstring>
#include <string>
#include <vector>

using namespace frond;
using namespace frond::store;

namespace {

std::string header_of(const BlockHeader& header) {
  std::string bytes;
  write_block_header(bytes, header);
  return bytes;
}

MessageRecord message(std::uint64_t sequence, std::string_view subject, std::string_view header,
                      std::string_view payload) {
  return {.sequence = sequence,
          .time = WallTime(Duration(1234567890123456789)),
          .subject = subject,
          .header = header,
          .payload = payload};
}

}  // namespace

TEST_CASE("block header: 36 bytes that read back") {
  const BlockHeader given{
      .number = 7, .generation = 3, .covers = 12, .base = 99, .incarnation = 0xA1B2C3D4};
  const std::string bytes = header_of(given);
  CHECK(bytes.size() == 36);
  CHECK(bytes.starts_with("FRB2"));
  const auto read = read_block_header(bytes + "more");
  REQUIRE(read);
  CHECK(read->number == 7);
  CHECK(read->generation == 3);
  CHECK(read->covers == 12);
  CHECK(read->base == 99);
  CHECK(read->incarnation == 0xA1B2C3D4);
}

TEST_CASE("block header: every flipped bit and every cut is noticed") {
  const std::string whole = header_of({.number = 1, .covers = 1, .incarnation = 5});
  for (std::size_t at = 0; at < whole.size() * 8; ++at) {
    std::string bytes = whole;
    bytes[at / 8] ^= static_cast<char>(1 << (at % 8));
    INFO("bit " << at);
    CHECK_FALSE(read_block_header(bytes));
  }
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK_FALSE(read_block_header(whole.substr(0, size)));
  }
}

TEST_CASE("block header: one of version 1 is read, without an incarnation") {
  // generation 2, number 5, covers 9, base 41.
  const unsigned char bytes[] = {'F', 'R', 'B', '1', 2, 0, 0, 0, 5,    0,    0,    0,
                                 0,   0,   0,   0,   9, 0, 0, 0, 0,    0,    0,    0,
                                 41,  0,   0,   0,   0, 0, 0, 0, 0x4F, 0x47, 0xF2, 0x67};
  const auto read = read_block_header({reinterpret_cast<const char*>(bytes), sizeof(bytes)});
  REQUIRE(read);
  CHECK(read->generation == 2);
  CHECK(read->number == 5);
  CHECK(read->covers == 9);
  CHECK(read->base == 41);
  CHECK(read->incarnation == 0);
}

TEST_CASE("block header: numbers at their ends") {
  const std::uint64_t most = base::sequence_max;
  CHECK(read_block_header(header_of({.number = most, .covers = most, .base = most})));
  CHECK_FALSE(read_block_header(header_of({.number = most + 1, .covers = most + 1})));
  CHECK_FALSE(read_block_header(header_of({.number = most, .covers = most + 1})));
  CHECK_FALSE(read_block_header(header_of({.number = 1, .covers = 1, .base = most + 1})));
  const std::uint64_t far = (std::uint64_t{1} << 32) - 1;
  CHECK(can_cover(10, 10 + far));
  CHECK_FALSE(can_cover(10, 11 + far));
  CHECK(read_block_header(header_of({.number = 10, .covers = 10 + far}))->covers == 10 + far);
}

TEST_CASE("incarnation: differs by identity, never none") {
  CHECK(incarnation_of("") != 0);
  CHECK(incarnation_of("abc") == incarnation_of("abc"));
  CHECK(incarnation_of("abc") != incarnation_of("abd"));
}

TEST_CASE("message record: reads back, with any of its parts empty") {
  for (const std::string_view subject : {"a", "a.b.c"}) {
    for (const std::string_view header : {"", "NATS/1.0\r\n\r\n"}) {
      for (const std::string& payload : {std::string(), std::string("x"), std::string(200, 'y')}) {
        std::string bytes;
        const std::size_t length =
            write_message(bytes, message(base::sequence_max, subject, header, payload));
        CHECK(length == bytes.size());
        RawRecord record;
        MessageRecord read;
        bytes += "tail";
        REQUIRE(read_record(bytes, record) == RecordStatus::ok);
        CHECK(record.length == length);
        CHECK(record.type == format::RecordType::message);
        REQUIRE(read_message(record.fields, read));
        CHECK(read.sequence == base::sequence_max);
        CHECK(read.time == WallTime(Duration(1234567890123456789)));
        CHECK(read.subject == subject);
        CHECK(read.header == header);
        CHECK(read.payload == payload);
      }
    }
  }
}

TEST_CASE("record: every flipped bit and every cut is noticed") {
  std::string whole;
  write_message(whole, message(300, "s.x", {}, "payload"));
  RawRecord record;
  for (std::size_t at = 0; at < whole.size() * 8; ++at) {
    std::string bytes = whole;
    bytes[at / 8] ^= static_cast<char>(1 << (at % 8));
    INFO("bit " << at);
    CHECK(read_record(bytes, record) != RecordStatus::ok);
  }
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK(read_record(std::string_view(whole).substr(0, size), record) == RecordStatus::truncated);
  }
}

TEST_CASE("commit record: ranges read back, neighbours and single sequences too") {
  const std::vector<std::vector<SequenceRange>> all{
      {}, {{1, 1}}, {{1, 5}, {6, 6}, {100, 4000}}, {{base::sequence_max, base::sequence_max}}};
  for (const std::vector<SequenceRange>& removed : all) {
    std::string bytes;
    const std::uint64_t last = removed.empty() ? 7 : removed.back().last;
    const std::size_t length = write_commit(bytes, last, removed);
    CHECK(length == bytes.size());
    RawRecord record;
    REQUIRE(read_record(bytes, record) == RecordStatus::ok);
    CHECK(record.type == format::RecordType::commit);
    std::uint64_t read_last = 0;
    std::vector<SequenceRange> read;
    REQUIRE(read_commit(record.fields, read_last, read));
    CHECK(read_last == last);
    CHECK(read == removed);
  }
}

TEST_CASE("commit record: what no writer leaves is refused") {
  std::vector<SequenceRange> read;
  std::uint64_t last = 0;
  const auto parse = [&](std::initializer_list<int> bytes) {
    std::string fields;
    for (const int byte : bytes) fields += static_cast<char>(byte);
    return read_commit(fields, last, read);
  };
  CHECK(parse({5}));
  CHECK(parse({5, 1, 4}));        // 1 ... 5
  CHECK_FALSE(parse({5, 1, 5}));  // 1 ... 6 is above the last.
  CHECK_FALSE(parse({5, 6, 0}));
  CHECK_FALSE(parse({5, 1}));
  CHECK_FALSE(parse({}));
  CHECK_FALSE(parse({0x80}));
}

TEST_CASE("message record: fields that do not add up are refused") {
  std::string bytes;
  write_message(bytes, message(1, "subject", "h", "p"));
  RawRecord record;
  MessageRecord read;
  REQUIRE(read_record(bytes, record) == RecordStatus::ok);
  REQUIRE(read_message(record.fields, read));
  // Cut in front of the end of the header, nothing of the payload is needed.
  const std::size_t needed = record.fields.size() - 1;
  CHECK(read_message(record.fields.substr(0, needed), read));
  for (std::size_t size = 0; size < needed; ++size) {
    INFO("size " << size);
    CHECK_FALSE(read_message(record.fields.substr(0, size), read));
  }
  std::string zero;
  write_message(zero, message(0, "s", {}, {}));
  REQUIRE(read_record(zero, record) == RecordStatus::ok);
  CHECK_FALSE(read_message(record.fields, read));
}
