#include "sim/stream_reader.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

namespace frond::sim {

using nlohmann::json;
using std::chrono::seconds;

void StreamReader::read(std::string stream, Done done) {
  stream_ = std::move(stream);
  done_ = std::move(done);
  short_before_ = false;
  begin();
}

void StreamReader::begin() {
  ++readings_;
  messages_.clear();
  last_time_ = 0;
  around_.scheduler.after(seconds(60), [this, reading = readings_] {
    if (reading == readings_) end("reading " + stream_ + " timed out");
  });
  client_.request("$JS.API.STREAM.INFO." + stream_, "", "", seconds(10),
                  [this](const std::optional<Delivered>& answer) { with_info(answer); });
}

void StreamReader::with_info(const std::optional<Delivered>& answer) {
  if (!answer) return end("no answer to STREAM.INFO." + stream_);
  const json info = json::parse(answer->payload, nullptr, false);
  if (!info.is_object() || !info.contains("state")) return end("STREAM.INFO: " + answer->payload);
  constexpr int stopped = 10225;
  const json error = info.value("mirror", json::object()).value("error", json::object());
  mirror_stopped_ = error.value("err_code", 0) == stopped;
  expected_ = info["state"].value("messages", std::uint64_t{0});
  if (expected_ == 0) return end("");
  const json request = {{"stream_name", stream_},
                        {"config",
                         {{"deliver_policy", "all"},
                          {"ack_policy", "none"},
                          {"replay_policy", "instant"},
                          {"inactive_threshold", 5'000'000'000},
                          {"num_replicas", 1},
                          {"mem_storage", true}}}};
  client_.request("$JS.API.CONSUMER.CREATE." + stream_, "", request.dump(), seconds(10),
                  [this](const std::optional<Delivered>& reply) { with_consumer(reply); });
}

void StreamReader::with_consumer(const std::optional<Delivered>& answer) {
  if (!answer) return end("no answer to CONSUMER.CREATE." + stream_);
  const json info = json::parse(answer->payload, nullptr, false);
  if (!info.is_object() || !info.contains("name")) {
    return end("CONSUMER.CREATE: " + answer->payload);
  }
  const std::string inbox = client_.fresh_inbox();
  inbox_ = client_.subscribe(inbox, "", [this](const Delivered& message) { take(message); });
  const json request = {{"batch", expected_}, {"expires", 20'000'000'000}};
  client_.publish("$JS.API.CONSUMER.MSG.NEXT." + stream_ + "." + info.value("name", ""), inbox, "",
                  request.dump());
}

void StreamReader::take(const Delivered& message) {
  if (message.status() == 100) return;
  if (message.status() != 0) {
    if (!std::exchange(short_before_, true)) {
      // What it finds damaged while it is read a stream counts no longer: now it knows.
      client_.unsubscribe(*std::exchange(inbox_, std::nullopt));
      return begin();
    }
    return end("reading " + stream_ + " ended after " + std::to_string(messages_.size()) + " of " +
               std::to_string(expected_) + ": " + message.header);
  }
  // $JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<time>.<pending>
  std::string_view rest = message.reply;
  for (int i = 0; i < 5; ++i) rest.remove_prefix(std::min(rest.size(), rest.find('.') + 1));
  Stored stored{0, message.subject, message.payload};
  std::from_chars(rest.data(), rest.data() + rest.size(), stored.seq);
  for (int i = 0; i < 2; ++i) rest.remove_prefix(std::min(rest.size(), rest.find('.') + 1));
  std::int64_t time = 0;
  std::from_chars(rest.data(), rest.data() + rest.size(), time);
  if (time < std::exchange(last_time_, time)) {
    around_.checkers.fail('a', stream_ + ": times go back at " + std::to_string(stored.seq));
  }
  messages_.push_back(std::move(stored));
  if (messages_.size() == expected_) end("");
}

void StreamReader::end(std::string error) {
  ++readings_;
  if (inbox_) client_.unsubscribe(*std::exchange(inbox_, std::nullopt));
  if (done_) std::exchange(done_, {})(std::move(messages_), std::move(error));
}

}  // namespace frond::sim
