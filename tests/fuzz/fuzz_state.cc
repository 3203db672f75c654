// The small files that the node writes, and what a hub answers to sync, as anything. The first byte
// chooses the reader. Whatever is read back prints and reads again the same, or it is refused.
#include "base/duration_text.h"
#include "base/time_text.h"
#include "consumer/config_json.h"
#include "consumer/request_json.h"
#include "consumer/state.h"
#include "input.h"
#include "leaf/ack_reply.h"
#include "store/checksum.h"
#include "stream/config_json.h"
#include "stream/meta.h"
#include "sync/api_json.h"
#include "sync/forward/forward_state.h"
#include "sync/two_way/two_way_state.h"
#include "wire/json_reader.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace {

using namespace frond;
using fuzz::must;

constexpr Instant now{std::chrono::seconds(1'700'000'000)};

void consumer_state(std::string_view bytes) {
  const std::optional<consumer::ConsumerState> state = consumer::decode_state(bytes, {}, now);
  if (!state) return;
  const std::string printed = consumer::encode_state(*state, {}, now);
  const std::optional<consumer::ConsumerState> again = consumer::decode_state(printed, {}, now);
  must(again && consumer::encode_state(*again, {}, now) == printed,
       "a consumer's state reads back");
}

/// With the right frame, so that the fields are reached.
void consumer_state_framed(std::string_view fields) {
  std::string bytes = "FRC1" + std::string(fields);
  const std::uint32_t sum = store::crc32c(bytes);
  for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(sum >> shift);
  consumer_state(bytes);
}

void consumer_config(std::string_view text) {
  wire::Json json;
  if (!wire::parse_json(text, json).empty()) return;
  consumer::ConsumerConfig config;
  if (!consumer::read_config(json, config).empty()) return;
  const std::string printed = wire::print_json(consumer::print_config(config));
  must(wire::parse_json(printed, json).empty(), "a consumer's config prints as JSON");
  consumer::ConsumerConfig again;
  must(consumer::read_config(json, again).empty(), "a consumer's config reads back");
  must(wire::print_json(consumer::print_config(again)) == printed, "a consumer's config stays");
}

void stream_config(std::string_view text) {
  const stream::ParsedStreamConfig parsed = stream::parse_stream_config(text);
  if (parsed.error) return;
  const std::string printed = wire::print_json(stream::stream_config_json(parsed.config));
  const stream::ParsedStreamConfig again = stream::parse_stream_config(std::string_view(printed));
  must(!again.error, "a stream's config reads back");
  must(wire::print_json(stream::stream_config_json(again.config)) == printed,
       "a stream's config stays");
}

void stream_meta(std::string_view text) {
  std::string reason;
  const std::optional<stream::StreamMeta> meta = stream::parse_meta(text, reason);
  must(meta.has_value() == reason.empty(), "a meta.json is read or refused with a reason");
  if (!meta) return;
  const std::string printed = stream::print_meta(*meta);
  const std::optional<stream::StreamMeta> again = stream::parse_meta(printed, reason);
  must(again && stream::print_meta(*again) == printed, "a meta.json reads back");
}

void forward_state(std::string_view text) {
  const std::optional<sync::ForwardState> state = sync::forward_state_parse(text);
  if (!state) return;
  const std::string printed = sync::forward_state_json(*state);
  const std::optional<sync::ForwardState> again = sync::forward_state_parse(printed);
  must(again && sync::forward_state_json(*again) == printed, "a forward.state reads back");
}

void two_way_state(std::string_view text) {
  const std::optional<sync::TwoWayState> state = sync::two_way_state_parse(text);
  if (!state) return;
  const std::string printed = sync::two_way_state_json(*state);
  const std::optional<sync::TwoWayState> again = sync::two_way_state_parse(printed);
  must(again && sync::two_way_state_json(*again) == printed, "a two_way.state reads back");
}

void times(std::string_view text) {
  if (const std::optional<WallTime> time = base::rfc3339_parse(text)) {
    must(base::rfc3339_parse(base::rfc3339_format(*time)) == time, "a time reads back");
  }
  if (const std::optional<Duration> duration = base::duration_parse(text)) {
    must(base::duration_parse(base::duration_format(*duration)) == duration,
         "a duration reads back");
  }
  consumer::read_pull(text, now);
  consumer::read_nak_delay(text);
}

void hub_answers(std::string_view text) {
  sync::read_consumer_created(text);
  sync::read_stream_info(text);
  sync::read_stream_names(text);
  sync::read_pub_ack(text);
  sync::read_delivery_place(text);
  leaf::split_ack_reply(text);
  leaf::is_ack_reply(text);
}

constexpr void (*readers[])(std::string_view) = {
    consumer_state, consumer_state_framed, consumer_config,
    stream_config,  stream_meta,           forward_state,
    times,          hub_answers,           two_way_state};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t reader = input.below(std::size(readers));
  readers[reader](input.rest());
  return 0;
}
