// Blocks as a damaged disk may return them: reading a record never leaves the bytes given, and what
// was written reads back unchanged.
#include "store/record.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace frond::store;

/// Reads a block to its end the way recovery does, trusting no checksum so that the fields are
/// reached.
void read_block(std::string_view bytes) {
  read_block_header(bytes);
  while (!bytes.empty()) {
    RawRecord record;
    if (read_record(bytes, record, false) != RecordStatus::ok) return;
    if (record.length == 0 || record.length > bytes.size()) std::abort();
    bytes.remove_prefix(record.length);
    MessageRecord message;
    read_message(record.fields, message);
    std::uint64_t last = 0;
    std::vector<SequenceRange> removed;
    read_commit(record.fields, last, removed);
  }
}

void write_and_read(std::string_view bytes) {
  const std::size_t third = bytes.size() / 3;
  MessageRecord message{.sequence = bytes.size() + 1,
                        .subject = bytes.substr(0, third < 200 ? third : 200),
                        .header = bytes.substr(third, third),
                        .payload = bytes.substr(2 * third)};
  std::string out;
  const std::size_t length = write_message(out, message);
  RawRecord record;
  MessageRecord back;
  if (read_record(out, record) != RecordStatus::ok || record.length != length) std::abort();
  if (!read_message(record.fields, back) || back.sequence != message.sequence) std::abort();
  if (back.subject != message.subject || back.header != message.header) std::abort();
  if (back.payload != message.payload) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  read_block(bytes);
  write_and_read(bytes);
  return 0;
}
