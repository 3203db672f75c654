// Header blocks as any client may send them: no change of one key touches the lines of another.
// Input: a key up to the first zero byte, then the block.
#include "wire/headers.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace frond::wire;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

std::vector<std::string> others(std::string_view block, std::string_view key) {
  std::vector<std::string> lines;
  for (HeaderCursor cursor(block); cursor.next();) {
    if (cursor.line().key != key) {
      lines.push_back(std::string(cursor.line().key) + ":" + std::string(cursor.line().value));
    }
  }
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string key(bytes.substr(0, bytes.find('\0')));
  const std::string block(bytes.substr(std::min(bytes.size(), key.size() + 1)));
  header_status(block);
  header_block_complete(block);
  // A key with these could never be found again; the engine's own keys have none of them.
  if (key.empty() || key.find_first_of(":\r\n") != std::string::npos) {
    return 0;
  }
  const std::vector<std::string> before = others(block, key);

  std::string changed = block;
  header_set(changed, key, "value");
  require(header_value(changed, key) == "value");
  require(others(changed, key) == before);

  changed = block;
  header_append(changed, key, "value");
  require(header_value(changed, key).has_value());
  require(others(changed, key) == before);

  changed = block;
  header_remove(changed, key);
  require(!header_value(changed, key));
  require(others(changed, key) == before);

  changed = block;
  header_remove_prefix(changed, key.substr(0, 1));
  require(!header_value(changed, key));
  return 0;
}
