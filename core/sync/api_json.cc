#include "sync/api_json.h"

#include "wire/json_reader.h"

#include <charconv>
#include <nlohmann/json.hpp>

namespace frond::sync {

namespace {

using wire::Json;

const Json* field(const Json& object, const char* name) {
  if (!object.is_object()) {
    return nullptr;
  }
  const auto at = object.find(name);
  return at == object.end() ? nullptr : &*at;
}

std::uint64_t number(const Json& object, const char* name) {
  const Json* value = field(object, name);
  return value != nullptr && value->is_number_integer() ? value->get<std::uint64_t>() : 0;
}

std::string text(const Json& object, const char* name) {
  const Json* value = field(object, name);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string{};
}

/// Reads what all answers share; `json` is the whole document.
void read_common(std::string_view body, Json& json, ApiAnswer& answer) {
  answer.readable = wire::parse_json(body, json).empty() && json.is_object();
  const Json* error = answer.readable ? field(json, "error") : nullptr;
  if (error == nullptr || !error->is_object()) {
    return;
  }
  answer.error.code = static_cast<int>(number(*error, "code"));
  answer.error.err_code = static_cast<std::uint16_t>(number(*error, "err_code"));
  answer.error.description = text(*error, "description");
  if (answer.error.err_code == 0) {
    answer.error.err_code =
        10000;  // Refusals of old servers have no err_code; they are errors still.
  }
}

bool read_number(std::string_view token, std::uint64_t& out) {
  const auto result = std::from_chars(token.data(), token.data() + token.size(), out);
  return result.ec == std::errc{} && result.ptr == token.data() + token.size();
}

}  // namespace

ConsumerCreated read_consumer_created(std::string_view body) {
  ConsumerCreated created;
  Json json;
  read_common(body, json, created);
  created.name = text(json, "name");
  created.pending = number(json, "num_pending");
  if (const Json* delivered = field(json, "delivered")) {
    created.delivered = {number(*delivered, "stream_seq")};
  }
  return created;
}

RemoteStreamInfo read_stream_info(std::string_view body) {
  RemoteStreamInfo info;
  Json json;
  read_common(body, json, info);
  info.created = text(json, "created");
  if (const Json* state = field(json, "state")) {
    info.first = {number(*state, "first_seq")};
    info.last = {number(*state, "last_seq")};
  }
  if (const Json* config = field(json, "config")) {
    info.duplicate_window =
        Duration(static_cast<std::int64_t>(number(*config, "duplicate_window")));
  }
  return info;
}

StreamNames read_stream_names(std::string_view body) {
  StreamNames names;
  Json json;
  read_common(body, json, names);
  const Json* list = field(json, "streams");
  if (list != nullptr && list->is_array()) {
    for (const Json& name : *list) {
      if (name.is_string()) {
        names.names.push_back(name.get<std::string>());
      }
    }
  }
  return names;
}

PubAck read_pub_ack(std::string_view body) {
  PubAck ack;
  Json json;
  read_common(body, json, ack);
  ack.stream = text(json, "stream");
  ack.sequence = {number(json, "seq")};
  if (const Json* duplicate = field(json, "duplicate"); duplicate != nullptr) {
    ack.duplicate = duplicate->is_boolean() && duplicate->get<bool>();
  }
  return ack;
}

std::optional<DeliveryPlace> read_delivery_place(std::string_view reply) {
  constexpr std::string_view prefix = "$JS.ACK.";
  constexpr std::size_t tokens_v1 = 7;  // Behind the prefix.
  constexpr std::size_t tokens_v2 = 9;
  if (!reply.starts_with(prefix)) {
    return std::nullopt;
  }
  reply.remove_prefix(prefix.size());
  std::vector<std::string_view> tokens;
  for (std::size_t at = 0; at != std::string_view::npos;) {
    const std::size_t dot = reply.find('.', at);
    tokens.push_back(reply.substr(at, dot - at));
    at = dot == std::string_view::npos ? dot : dot + 1;
  }
  if (tokens.size() != tokens_v1 && tokens.size() < tokens_v2) {
    return std::nullopt;
  }
  // The newer form has domain and account hash in front.
  const std::size_t first = tokens.size() == tokens_v1 ? 0 : 2;
  DeliveryPlace place;
  place.consumer = tokens[first + 1];
  std::uint64_t stream = 0, consumer = 0, time = 0;
  if (!read_number(tokens[first + 2], place.deliveries) ||
      !read_number(tokens[first + 3], stream) || !read_number(tokens[first + 4], consumer) ||
      !read_number(tokens[first + 5], time) || !read_number(tokens[first + 6], place.pending)) {
    return std::nullopt;
  }
  place.stream = {stream};
  place.consumer_sequence = {consumer};
  place.time = WallTime(Duration(static_cast<std::int64_t>(time)));
  return place;
}

std::string api_prefix(std::string_view domain) {
  return domain.empty() ? "$JS.API" : "$JS." + std::string(domain) + ".API";
}

}  // namespace frond::sync
