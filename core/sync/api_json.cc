#include "sync/api_json.h"

#include "base/base64.h"
#include "base/limits.h"
#include "base/time_text.h"
#include "wire/json_reader.h"

#include <algorithm>
#include <charconv>
#include <limits>
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
  return value != nullptr && value->is_number_unsigned() ? value->get<std::uint64_t>() : 0;
}

/// What no stream can reach is no sequence: the one behind it must be countable, too.
StreamSeq sequence(const Json& object, const char* name) {
  const std::uint64_t value = number(object, name);
  return {value <= base::sequence_max ? value : 0};
}

std::string text(const Json& object, const char* name) {
  const Json* value = field(object, name);
  return value != nullptr && value->is_string()
             ? value->get<std::string>().substr(0, base::sync_text_bytes_max)
             : std::string{};
}

/// Bytes in base64; empty when they are none.
std::string decoded(const Json& object, const char* name) {
  const Json* value = field(object, name);
  return value != nullptr && value->is_string()
             ? base::base64_decode(value->get_ref<const std::string&>()).value_or("")
             : std::string{};
}

/// A name of a stream or consumer, which becomes part of subjects.
std::string asset_name(const Json& object, const char* name) {
  std::string value = text(object, name);
  return is_asset_name(value) ? value : std::string{};
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

bool is_asset_name(std::string_view text) {
  return !text.empty() && text.size() <= base::name_bytes_max &&
         std::ranges::none_of(text, [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte <= ' ' || byte == 0x7f || c == '.' || c == '*' || c == '>';
         });
}

ConsumerCreated read_consumer_created(std::string_view body) {
  ConsumerCreated created;
  Json json;
  read_common(body, json, created);
  created.name = asset_name(json, "name");
  created.pending = number(json, "num_pending");
  if (const Json* delivered = field(json, "delivered")) {
    created.delivered = sequence(*delivered, "stream_seq");
  }
  return created;
}

RemoteStreamInfo read_stream_info(std::string_view body) {
  RemoteStreamInfo info;
  Json json;
  read_common(body, json, info);
  info.created = text(json, "created");
  if (const Json* state = field(json, "state")) {
    info.first = sequence(*state, "first_seq");
    info.last = sequence(*state, "last_seq");
    info.subjects = number(*state, "num_subjects");
  }
  if (const Json* config = field(json, "config")) {
    info.messages_per_subject = number(*config, "max_msgs_per_subject");
    const std::uint64_t window = number(*config, "duplicate_window");
    info.duplicate_window = Duration(
        window <= std::numeric_limits<std::int64_t>::max() ? static_cast<std::int64_t>(window) : 0);
  }
  return info;
}

StoredAt read_stored_at(std::string_view body) {
  StoredAt stored;
  Json json;
  read_common(body, json, stored);
  if (const Json* message = field(json, "message")) {
    stored.sequence = sequence(*message, "seq");
    stored.time = base::rfc3339_parse(text(*message, "time"));
    stored.subject = text(*message, "subject");
    stored.header = decoded(*message, "hdrs");
    stored.payload = decoded(*message, "data");
  }
  return stored;
}

StreamNames read_stream_names(std::string_view body) {
  StreamNames names;
  Json json;
  read_common(body, json, names);
  const Json* list = field(json, "streams");
  if (list != nullptr && list->is_array()) {
    names.listed = list->size();
    for (const Json& name : *list) {
      if (name.is_string() && names.names.size() <= base::sync_streams_max &&
          is_asset_name(name.get_ref<const std::string&>())) {
        names.names.push_back(name.get<std::string>());
      }
    }
  }
  names.total = number(json, "total");
  return names;
}

PubAck read_pub_ack(std::string_view body) {
  PubAck ack;
  Json json;
  read_common(body, json, ack);
  ack.stream = asset_name(json, "stream");
  ack.sequence = sequence(json, "seq");
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
  if (reply.size() > base::sync_text_bytes_max) {
    return std::nullopt;
  }
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
  if (stream == 0 || stream > base::sequence_max ||
      time > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
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
