// Requests of $JS.API as any client may send them: whatever the bytes, parsing ends in a value or
// in a text, and what was printed reads back as the same value.
#include "wire/json_reader.h"

#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace frond::wire;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Json value;
  if (!parse_json(text, value).empty()) return 0;
  const std::string printed = print_json(value);
  Json again;
  if (!parse_json(printed, again).empty() || print_json(again) != printed) std::abort();
  std::string error;
  ObjectReader reader(value, "StreamConfig", error);
  std::string name;
  std::int64_t most = 0;
  std::vector<std::string> subjects;
  reader.read("name", name);
  reader.read("max_msgs", most);
  reader.read("subjects", subjects);
  reader.finish();
  return 0;
}
