#include "sync/forward_message.h"

#include "sync/api_json.h"
#include "wire/headers.h"
#include "wire/json_reader.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace frond::sync {

std::string forward_target(std::string_view subject, std::string_view domain) {
  if (!domain.empty() && (subject.starts_with("$KV.") || subject.starts_with("$OBJ."))) {
    return api_prefix(domain) + "." + std::string(subject);
  }
  return std::string(subject);
}

std::string forward_header(std::string_view header, std::string_view message_id) {
  std::string out(header);
  if (const auto own = wire::header_value(header, "Nats-Msg-Id")) {
    wire::header_remove(out, "Nats-Msg-Id");
    wire::header_append(out, "Frond-Msg-Id", *own);
  }
  wire::header_remove_prefix(out, "Nats-Expected-");
  wire::header_remove_prefix(out, "Nats-Batch-");
  wire::header_append(out, "Nats-Msg-Id", message_id);
  return out;
}

bool forward_may_pass(const stream::ApiError& error) {
  static constexpr std::array<std::uint16_t, 6> passing = {
      10008,  // JetStream system temporarily unavailable
      10023,  // insufficient resources
      10047,  // insufficient storage resources available
      10076,  // JetStream not enabled, as while a hub starts
      10077,  // maximum messages or bytes exceeded, or the disk failed
      10028,  // insufficient memory resources available
  };
  return error.code == 503 || std::ranges::find(passing, error.err_code) != passing.end();
}

bool forward_is_no_responders(std::string_view header) {
  const auto status = wire::header_status(header);
  return status && status->code == "503";
}

std::string forward_refused_json(std::string_view stream, StreamSeq sequence,
                                 std::string_view subject, const stream::ApiError& error) {
  wire::Json json = wire::Json::object();
  json["type"] = "io.frond.advisory.v1.forward_refused";
  json["stream"] = stream;
  json["seq"] = sequence.value;
  json["subject"] = subject;
  json["error"] = {
      {"code", error.code}, {"err_code", error.err_code}, {"description", error.description}};
  return wire::print_json(json);
}

}  // namespace frond::sync
