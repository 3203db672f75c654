// JSON texts as any peer may send them, before it has said who it is as well: whatever the bytes,
// parsing ends in a value or in a text, in time that grows with the length; what was printed reads
// back as the same value; and the readers of CONNECT, of both sides, end too.
#include "wire/json_reader.h"

#include "input.h"
#include "leaf/handshake.h"
#include "session/connect_options.h"

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace {

using namespace frond;
using fuzz::must;

void read_fields(const wire::Json& value) {
  std::string error;
  wire::ObjectReader reader(value, "StreamConfig", error);
  std::string name;
  std::int64_t most = 0;
  std::vector<std::string> subjects;
  std::map<std::string, std::string> metadata;
  reader.read("name", name);
  reader.read("max_msgs", most);
  reader.read("subjects", subjects);
  reader.read("metadata", metadata);
  reader.finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text =
      fuzz::expanded({reinterpret_cast<const char*>(data), size}, fuzz::long_text_bytes_max);
  const fuzz::WorkBound bound(text.size());
  session::ConnectOptions().read(text);
  static_cast<void>(leaf::parse_leaf_connect(text));
  static_cast<void>(leaf::parse_hub_info(text));
  wire::Json value;
  if (!wire::parse_json(text, value).empty()) return 0;
  if (value.is_object()) {
    std::map<std::string_view, int> names;
    for (auto field = value.begin(); field != value.end(); ++field) ++names[field.key()];
    must(names.size() == value.size(), "a name stands once in an object");
  }
  const std::string printed = wire::print_json(value);
  wire::Json again;
  must(wire::parse_json(printed, again).empty(), "what is printed can be read");
  must(wire::print_json(again) == printed, "and is the same");
  read_fields(value);
  return 0;
}
