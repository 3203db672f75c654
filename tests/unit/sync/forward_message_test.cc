// The id of a forwarded message, and the epochs that it names.

#include "sync/forward/forward_message.h"
#include "base/limits.h"
#include "fake_stream.h"
#include "sync/forward/forward_epochs.h"

#include <catch2/catch.hpp>

#include <string>

namespace frond::sync {
namespace {

TEST_CASE("epochs: found by sequence, renewed one by one, forgotten from below") {
  ForwardEpochs epochs;
  CHECK(epochs.of({1}).empty());
  epochs.begin({1}, "a");
  epochs.begin({5}, "b");
  CHECK(epochs.of({4}) == "a");
  CHECK(epochs.of({5}) == "b");
  epochs.renew({4}, "x");
  epochs.renew({6}, "y");
  CHECK(epochs.of({3}) == "a");
  CHECK(epochs.of({4}) == "x");
  CHECK(epochs.of({5}) == "b");
  CHECK(epochs.of({6}) == "y");
  CHECK(epochs.of({7}) == "b");
  epochs.renew({6}, "z");
  CHECK(epochs.of({6}) == "z");
  CHECK(epochs.of({7}) == "b");
  epochs.forget_up_to({4});
  CHECK(epochs.entries().front() == ForwardEpoch{{5}, "b"});
  epochs.begin({6}, "c");  // What was above has been rolled back.
  CHECK(epochs.of({6}) == "c");
  CHECK(epochs.of({99}) == "c");
  for (std::uint64_t i = 10; i < 1000; ++i) {
    epochs.begin({i}, std::to_string(i));
  }
  CHECK(epochs.entries().size() <= base::forward_epochs_max);
  CHECK(epochs.of({5}) == "b");
  CHECK(epochs.of({999}) == "999");
}

TEST_CASE("ids of forwarded messages are read as they are written, and nothing else is") {
  const std::string text =
      forward_id_rest("e1", {7}, wall(at_ms(3)), 9);  // The id is a view of it.
  const auto id = forward_id_parse(text);
  REQUIRE(id);
  CHECK(id->epoch == "e1");
  CHECK(id->sequence.value == 7);
  CHECK(id->time == wall(at_ms(3)));
  CHECK(id->sum == 9);
  const auto without_sum = forward_id_parse("e1:7:3");
  REQUIRE(without_sum);
  CHECK_FALSE(without_sum->sum);
  const std::string old_text = forward_id_rest("", {7}, wall(at_ms(3)), 9);
  const auto old = forward_id_parse(old_text);
  REQUIRE(old);
  CHECK(old->epoch.empty());
  CHECK(old->sequence.value == 7);
  CHECK_FALSE(old->time);
  for (const char* bad : {"", ":", "e1:", "e1:7", "e1:7:", "e1::3", ":7:3", "7x",
                          "e1:7:3:", "e1:7:3:4x", "e1:7:3:4:5", "e1:7:3:4294967296", "-1"}) {
    CHECK_FALSE(forward_id_parse(bad));
  }
}

TEST_CASE("refusals: of the message for good, of the hub for now, of a disk unsure") {
  using enum ForwardRefusal;
  const auto means = [](std::uint16_t code, std::uint16_t err_code, const char* text) {
    return forward_refusal({code, err_code, text});
  };
  CHECK(means(400, 10054, "message size exceeds maximum allowed") == final);
  CHECK(means(400, 10071, "wrong last sequence: 4") == final);
  CHECK(means(400, 10109, "invalid operation on sealed stream") == final);
  CHECK(means(500, 10111, "rollup not permitted") == final);
  CHECK(means(503, 10077, "maximum messages per subject exceeded") == final);
  CHECK(means(503, 10077, "message to large") == final);
  CHECK(means(400, 19999, "something new about the message") == final);
  CHECK(means(503, 10077, "maximum messages exceeded") == passing);
  CHECK(means(503, 10077, "maximum bytes exceeded") == passing);
  CHECK(means(503, 10076, "JetStream not enabled") == passing);
  CHECK(means(429, 10167, "too many requests") == passing);
  CHECK(means(503, 10023, "insufficient resources") == passing);
  CHECK(means(500, 10118, "stream is offline") == passing);
  CHECK(means(503, 10077, "storage commit failed") == unsure);
  CHECK(means(503, 0, "raft: proposal failed") == unsure);
  CHECK(means(500, 19999, "something new about the hub") == unsure);
}

}  // namespace
}  // namespace frond::sync
