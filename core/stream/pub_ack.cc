#include "stream/pub_ack.h"

#include "wire/json_reader.h"

#include <nlohmann/json.hpp>

namespace frond::stream {
namespace {

std::string json_text(std::string_view text) {
  // Names of streams and domains are nearly always plain; only the others need a JSON writer.
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7F || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&') {
      return wire::print_json(wire::Json(text));
    }
  }
  std::string out;
  out.reserve(text.size() + 2);
  out += '"';
  out += text;
  out += '"';
  return out;
}

}  // namespace

std::string pub_ack_json(std::string_view stream, std::string_view domain,
                         const IngestResult& result) {
  if (result.error) {
    return pub_ack_json(stream, result.error);
  }
  std::string json = "{\"stream\":" + json_text(stream);
  if (!domain.empty()) {
    json += ",\"domain\":" + json_text(domain);
  }
  json += ",\"seq\":" + std::to_string(result.sequence.value);
  // The blank before true is nats-server's.
  json += result.duplicate ? ",\"duplicate\": true}" : "}";
  return json;
}

std::string pub_ack_json(std::string_view stream, const ApiError& error) {
  return "{\"error\":{\"code\":" + std::to_string(error.code) +
         ",\"err_code\":" + std::to_string(error.err_code) +
         ",\"description\":" + json_text(error.description) + "},\"stream\":" + json_text(stream) +
         ",\"seq\":0}";
}

}  // namespace frond::stream
