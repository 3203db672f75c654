// Queries as any client may send them, over documents that anybody may have stored. The input is
// cut at the first zero byte: a request's JSON, and a payload. Whatever the bytes, compiling and
// running end, in time that grows with both; and where no $regex and no field of the message is
// asked for, the engine, which never parses a document, finds what a plain filter finds in the
// parsed one.
#include "input.h"
#include "query/query.h"
#include "support/plain_selector.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace {

using namespace frond;
using fuzz::must;

stream::StoredMessage message_of(std::string_view payload) {
  return {.sequence = {1},
          .time = WallTime(std::chrono::seconds(1'700'000'000)),
          .subject = "a.b",
          .header = {},
          .payload = payload};
}

bool is_plain(std::string_view selector) {
  for (const char* other :
       {"$regex", "$subject", "$tokens.", "$seq", "$time", "$key", "$headers.", "$value"}) {
    if (selector.find(other) != std::string_view::npos) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = std::min(input.find('\0'), input.size());
  const std::string request = fuzz::expanded(input.substr(0, cut), fuzz::long_text_bytes_max);
  const std::string payload =
      fuzz::expanded(input.substr(std::min(cut + 1, size)), fuzz::long_text_bytes_max);
  wire::Json body;
  if (!wire::parse_json(request, body).empty() || !body.is_object()) return 0;
  query::Query query;
  if (query::read_query(body, query)) return 0;
  bool json = false;
  query.selector.matches(message_of(payload), json);
  query.keys.read(message_of(payload));
  query.projection.read(message_of(payload));
  std::string printed;
  query.projection.print(printed);
  wire::Json document;
  if (!wire::parse_json(payload, document).empty() || payload.empty()) return 0;
  const std::string text = document.dump();
  const bool found = query.selector.matches(message_of(text), json);
  must(json, "JSON is taken for it");
  if (query.projection.read(message_of(text))) {
    printed.clear();
    query.projection.print(printed);
    wire::Json shown;
    must(wire::parse_json(printed, shown).empty() && shown.is_object(), "a projection is JSON");
  }
  const test::PlainJson selector = body.value("selector", test::PlainJson::object());
  if (is_plain(request)) {
    must(found == test::plain_matches(selector, &document), "a plain filter finds the same");
  }
  return 0;
}
