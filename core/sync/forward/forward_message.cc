#include "sync/forward/forward_message.h"

#include "store/checksum.h"
#include "sync/api_json.h"
#include "sync/dead_letters.h"
#include "wire/headers.h"
#include "wire/json_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace frond::sync {

namespace {

template <class Number>
bool read_number(std::string_view digits, Number& out) {
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return result.ec == std::errc{} && result.ptr == digits.data() + digits.size();
}

}  // namespace

std::string forward_id_prefix(std::string_view node, std::string_view stream, WallTime created) {
  return std::string(node) + ":" + std::string(stream) + ":" +
         std::to_string(created.time_since_epoch().count()) + ":";
}

std::string forward_id_rest(std::string_view epoch, StreamSeq sequence, WallTime time,
                            std::uint32_t sum) {
  if (epoch.empty()) {
    return std::to_string(sequence.value);
  }
  return std::string(epoch) + ":" + std::to_string(sequence.value) + ":" +
         std::to_string(time.time_since_epoch().count()) + ":" + std::to_string(sum);
}

std::uint32_t forward_sum(const stream::StoredMessage& message) {
  std::string sums;
  for (const std::string_view part : {message.subject, message.header, message.payload}) {
    sums += std::to_string(store::crc32c(part)) + ":";
  }
  return store::crc32c(sums);
}

std::optional<ForwardId> forward_id_parse(std::string_view rest) {
  ForwardId id;
  const std::size_t first = rest.find(':');
  if (first == std::string_view::npos) {
    return read_number(rest, id.sequence.value) ? std::optional(id) : std::nullopt;
  }
  const std::size_t second = rest.find(':', first + 1);
  const std::size_t third = second == std::string_view::npos ? second : rest.find(':', second + 1);
  std::int64_t time = 0;
  if (first == 0 || second == std::string_view::npos ||
      !read_number(rest.substr(first + 1, second - first - 1), id.sequence.value) ||
      !read_number(rest.substr(second + 1, third - second - 1), time)) {
    return std::nullopt;
  }
  if (third != std::string_view::npos && !read_number(rest.substr(third + 1), id.sum.emplace())) {
    return std::nullopt;
  }
  id.epoch = rest.substr(0, first);
  id.time = WallTime(Duration(time));
  return id;
}

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

ForwardRefusal forward_refusal(const stream::ApiError& error) {
  using enum ForwardRefusal;
  struct Rule {
    std::uint16_t err_code;
    std::string_view description;  // Any when empty.
    ForwardRefusal means;
  };
  // docs/features.md has this table with reasons.
  static constexpr std::array rules = {
      Rule{10004, {}, passing},  // incomplete results
      Rule{10008, {}, passing},  // JetStream system temporarily unavailable
      Rule{10009, {}, passing},  // JetStream cluster can not handle request
      Rule{10023, {}, passing},  // insufficient resources
      Rule{10028, {}, passing},  // insufficient memory resources available
      Rule{10039, {}, passing},  // JetStream not enabled for account
      Rule{10047, {}, passing},  // insufficient storage resources available
      Rule{10076, {}, passing},  // JetStream not enabled, as while a hub starts
      Rule{10118, {}, passing},  // stream is offline
      Rule{10167, {}, passing},  // too many requests
      Rule{10194, {}, passing},  // stream is offline: reason
      Rule{10077, "maximum messages exceeded", passing},
      Rule{10077, "maximum bytes exceeded", passing},
      Rule{10077, "maximum messages per subject exceeded", final},
      Rule{10077, "message to large", final},  // As nats-server spells it.
      Rule{10077, {}, unsure},                 // The disk failed, who knows when.
      Rule{10111, {}, final},                  // rollup failed: the message asks for it
  };
  for (const Rule& rule : rules) {
    if (rule.err_code == error.err_code &&
        (rule.description.empty() || rule.description == error.description)) {
      return rule.means;
    }
  }
  if (error.code == 429) {
    return passing;
  }
  return error.code >= 500 ? unsure : final;
}

bool forward_is_no_responders(std::string_view header) {
  const auto status = wire::header_status(header);
  return status && status->code == "503";
}

std::string forward_refused_json(std::string_view stream, StreamSeq sequence,
                                 std::string_view subject, const stream::ApiError& error,
                                 StreamSeq letter) {
  wire::Json json = wire::Json::object();
  json["type"] = "io.frond.advisory.v1.forward_refused";
  json["stream"] = stream;
  json["seq"] = sequence.value;
  json["subject"] = subject;
  json["error"] = {
      {"code", error.code}, {"err_code", error.err_code}, {"description", error.description}};
  if (!letter.none()) {
    json["dead_letter"] = {{"stream", dead_letter_stream(stream)}, {"seq", letter.value}};
  }
  return wire::print_json(json);
}

}  // namespace frond::sync
