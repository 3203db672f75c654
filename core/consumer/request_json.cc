#include "consumer/request_json.h"

#include "base/duration_text.h"
#include "base/time_sum.h"
#include "wire/json_reader.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace frond::consumer {

PullBody read_pull(std::string_view body, Instant now) {
  PullBody out;
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    return out;
  }
  body = body.substr(first, body.find_last_not_of(" \t\r\n") - first + 1);
  PullRequest& request = out.request;
  if (body.front() != '{') {
    std::int64_t batch = 1;
    const auto [end, status] = std::from_chars(body.data(), body.data() + body.size(), batch);
    request.batch = status == std::errc() && end == body.data() + body.size() ? batch : 1;
    return out;
  }
  wire::Json value;
  out.error = wire::parse_json(body, value);
  if (!out.error.empty()) {
    return out;
  }
  std::string id;
  std::int64_t min_pending = 0;
  std::int64_t min_ack_pending = 0;
  // Unknown fields are fine here, as in nats-server: finish() is not called.
  wire::ObjectReader reader(value, "", out.error);  // Of a struct without a name.
  request.batch = 0;
  reader.read("expires", out.expires);
  reader.read("batch", request.batch, "int");
  reader.read("max_bytes", request.max_bytes, "int");
  reader.read("no_wait", request.no_wait);
  reader.read("idle_heartbeat", request.heartbeat);
  reader.read("min_pending", min_pending);
  reader.read("min_ack_pending", min_ack_pending);
  reader.read("id", id);
  reader.read("priority", out.priority);
  out.overflow = min_pending != 0 || min_ack_pending != 0;
  out.pinned = !id.empty();
  if (!out.error.empty()) {
    return out;
  }
  if (request.heartbeat.count() > 0) {
    if (request.heartbeat > out.expires / 2) {
      out.error = "heartbeat value too large";
      return out;
    }
    request.next_heartbeat = base::after(now, request.heartbeat);
  }
  if (out.expires.count() != 0) {
    // What is over before anybody can serve it is answered as over (408), whatever is there.
    const bool over = out.expires < std::chrono::microseconds(1);
    request.expires = over ? now : base::after(now, out.expires);
  }
  return out;
}

std::optional<Duration> read_nak_delay(std::string_view text) {
  if (!text.starts_with('{')) {
    return base::duration_parse(text);
  }
  wire::Json value;
  std::string error = wire::parse_json(text, value);
  Duration delay{0};
  if (error.empty()) {
    wire::ObjectReader reader(value, "ConsumerNakOptions", error);
    reader.read("delay", delay);
  }
  return error.empty() ? std::optional(delay) : std::nullopt;
}

}  // namespace frond::consumer
