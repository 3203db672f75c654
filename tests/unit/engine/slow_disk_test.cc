// The whole engine with a disk that is slow or fails: what waits for it stays small, and nothing is
// tried without a pause.

#include "test_host.h"

#include "base/limits.h"

#include <catch2/catch.hpp>

#include <iterator>

using frond::CommitStorage;
using frond::ConnectionId;
using frond::ConnectionInfo;
using frond::ConnectionKind;
using frond::test::named;
using frond::test::TestNode;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t megabyte = 1024 * 1024;

void make_stream(TestNode& node, ConnectionId client) {
  node.request(client, "$JS.API.STREAM.CREATE.S", R"({"name":"S","subjects":["s"]})");
}

std::string publishes(std::string_view verb, std::size_t count, std::size_t size) {
  const std::string length = std::to_string(size);
  const std::string one = (verb == "PUB" ? "PUB s in " : "LMSG s in ") + length + "\r\n" +
                          std::string(size, 'x') + "\r\n";
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += one;
  return all;
}

std::uint64_t bytes_of(const CommitStorage& commit) {
  std::uint64_t bytes = 0;
  for (const frond::FileOperation& operation : commit.operations) {
    if (const auto* write = std::get_if<frond::WriteFile>(&operation)) {
      bytes += write->contents.size();
    } else if (const auto* append = std::get_if<frond::AppendFile>(&operation)) {
      bytes += append->contents.size();
    }
  }
  return bytes;
}

std::size_t count_of(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos;
       at = text.find(what, at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("publishes that the disk is too slow for are left with their senders") {
  TestNode node(named("n"));
  const auto client = node.client();
  const auto listener = node.client();
  make_stream(node, client);
  node.say(client, "SUB in 1\r\n");
  const std::string chunk = publishes("PUB", 4, 128 * 1024);
  constexpr std::size_t offered = 100;  // 50 MB.
  std::size_t chunks = 0;
  std::size_t acks = 0;
  std::int64_t waiting = 0;
  while (chunks < offered) {
    while (chunks < offered && !node.held[client]) {
      node.say(client, chunk);
      waiting += std::ssize(chunk);
      ++chunks;
      REQUIRE(waiting <= std::int64_t{frond::base::unsaved_bytes_max} + std::ssize(chunk));
    }
    // The disk ends a commit; who only listens is never held.
    REQUIRE_FALSE(node.held[listener]);
    REQUIRE_FALSE(node.commits.empty());
    waiting -= static_cast<std::int64_t>(bytes_of(node.commits.front()));
    node.commit();
    acks += count_of(node.heard(client), R"("seq":)");
  }
  node.commit_all();
  acks += count_of(node.heard(client), R"("seq":)");
  CHECK(acks == 4 * offered);
  CHECK_FALSE(node.held[client]);
  CHECK(node.request(client, "$JS.API.STREAM.INFO.S", "").find(R"("messages":400)") !=
        std::string::npos);
}

TEST_CASE("small messages count with what they take beside their bytes") {
  TestNode node(named("n"));
  const auto client = node.client();
  make_stream(node, client);
  const std::string chunk = publishes("PUB", 1000, 1);
  std::size_t messages = 0;
  while (!node.held[client] && messages < 1'000'000) {
    node.say(client, chunk);
    messages += 1000;
  }
  CHECK(messages <= frond::base::unsaved_bytes_max / frond::base::unsaved_message_overhead);
}

TEST_CASE("answers that wait for the disk count too") {
  TestNode node(named("n"));
  const auto client = node.client();
  make_stream(node, client);
  const std::string header = "NATS/1.0\r\nNats-Msg-Id: 1\r\n\r\n";
  const std::string length = std::to_string(header.size());
  std::string chunk;
  for (int i = 0; i < 1000; ++i) {
    chunk += "HPUB s in " + length + ' ' + length + "\r\n" + header + "\r\n";
  }
  std::size_t duplicates = 0;
  while (!node.held[client] && duplicates < 1'000'000) {
    node.say(client, chunk);
    duplicates += 1000;
  }
  CHECK(duplicates < 200'000);
  node.commit_all();
  CHECK_FALSE(node.held[client]);
}

TEST_CASE("a held client is not found stale, is sent to, and can be closed") {
  TestNode node(named("n"));
  const auto client = node.client();
  const auto other = node.client();
  make_stream(node, client);
  node.say(client, "SUB news 7\r\n");
  const std::string megabytes = publishes("PUB", 20, megabyte);
  node.say(client, megabytes);
  REQUIRE(node.held[client]);
  for (int minute = 0; minute < 60; ++minute) {
    node.now += 1min;
    node.engine->tick(node.both());
    node.drain();
    node.say(other, "PONG\r\n");
  }
  CHECK_FALSE(node.closed.contains(client));
  node.say(other, "PUB news 2\r\nhi\r\n");
  CHECK(node.heard(client).find("MSG news 7 2\r\nhi\r\n") != std::string::npos);

  SECTION("and is pinged again when it may go on") {
    node.commit_all();
    CHECK_FALSE(node.held[client]);
    node.heard(client);
    node.pass(3min);
    CHECK(node.heard(client) == "PING\r\n");
  }
  SECTION("by itself") {
    node.engine->closed(client, "gone", node.both());
    node.commit_all();
    CHECK(node.engine->idle());
  }
  SECTION("by a shutdown, which ends when the disk is through") {
    node.engine->shutdown(node.both());
    node.drain();
    CHECK(node.closed.contains(client));
    node.commit_all();
    CHECK(node.engine->idle());
  }
}

TEST_CASE("a commit that fails drops what waits, and ends the hold") {
  TestNode node(named("n"));
  const auto client = node.client();
  make_stream(node, client);
  node.say(client, publishes("PUB", 20, megabyte));
  REQUIRE(node.held[client]);
  node.commit("disk full");
  CHECK_FALSE(node.held[client]);
}

TEST_CASE("a held leaf is shown that we are here, and is not found stale") {
  TestNode node(named("hub"));
  const auto client = node.client();
  make_stream(node, client);
  const ConnectionId leaf{50};
  ConnectionInfo info;
  info.kind = ConnectionKind::leaf;
  node.engine->connected(leaf, info, node.both());
  node.drain();
  node.say(leaf, "CONNECT {\"name\":\"l\",\"server_id\":\"L\",\"headers\":true}\r\nPING\r\n");
  CHECK_FALSE(node.held[leaf]);
  node.say(leaf, publishes("LMSG", 20, megabyte));
  REQUIRE(node.held[leaf]);
  node.heard(leaf);
  for (int second = 0; second < 600; ++second) {
    node.now += 1s;
    node.engine->tick(node.both());
    node.drain();
  }
  CHECK_FALSE(node.closed.contains(leaf));
  CHECK(count_of(node.heard(leaf), "PING\r\n") >= 100);
  node.commit_all();
  CHECK_FALSE(node.held[leaf]);
}

TEST_CASE("a disk that always fails is tried with pauses") {
  TestNode node(named("n"));
  const auto client = node.client();
  make_stream(node, client);
  node.request(client, "$JS.API.CONSUMER.CREATE.S.c",
               R"({"stream_name":"S","config":{"name":"c","durable_name":"c",)"
               R"("ack_policy":"explicit","deliver_subject":"d"}})");
  node.request(client, "$JS.API.CONSUMER.CREATE.S",
               R"({"stream_name":"S","config":{"ack_policy":"explicit",)"
               R"("inactive_threshold":3600000000000}})");
  node.say(client, "SUB d 1\r\nPUB s 1\r\nx\r\n");
  node.commit_all();
  const std::string delivery = node.heard(client);
  const std::size_t ack = delivery.find("$JS.ACK.");
  REQUIRE(ack != std::string::npos);
  // From here on nothing can be saved: not the acknowledgement, and no message.
  node.say(client, "PUB " + delivery.substr(ack, delivery.find(' ', ack) - ack) + " 0\r\n\r\n");
  node.say(client, "PUB s 1\r\ny\r\n");
  node.notices.clear();
  std::size_t commits = 0;
  std::size_t ticks = 0;
  const frond::Instant until = node.now + 60s;
  while (node.now < until) {
    for (; !node.commits.empty(); ++commits) node.commit("disk full");
    node.now = std::max(node.now + 1us, std::min(node.engine->next_deadline(), until));
    node.engine->tick(node.both());
    node.drain();
    REQUIRE(++ticks < 1000);
  }
  CHECK(commits >= 3);  // Tried again, at pauses that grow.
  CHECK(commits <= 70);
  CHECK(node.notices.size() <= commits);
  // It works again: nothing of what was to be written is lost.
  node.commit_all();
  node.pass(2 * frond::base::storage_fence_max);
  node.commit_all();
  CHECK(node.engine->idle());
  node.restart();
  const auto later = node.client();
  CHECK(node.request(later, "$JS.API.CONSUMER.NAMES.S", "").find(R"("total":2)") !=
        std::string::npos);
  CHECK(node.request(later, "$JS.API.CONSUMER.INFO.S.c", "").find(R"("num_ack_pending":0)") !=
        std::string::npos);
}

TEST_CASE("a hold ends when half of what waited is safe, and not before") {
  TestNode node(named("n"));
  const auto client = node.client();
  make_stream(node, client);
  node.say(client, publishes("PUB", 10, megabyte));
  CHECK_FALSE(node.held[client]);
  node.say(client, publishes("PUB", 10, megabyte));
  REQUIRE(node.held[client]);
  node.commit();  // Ten of twenty are safe: less than the bound waits, and more than half of it.
  CHECK(node.held[client]);
  node.commit();
  CHECK_FALSE(node.held[client]);
}

TEST_CASE("after a failed commit the next one, whoever wants it, waits a little") {
  TestNode node(named("n"));
  const auto client = node.client();
  make_stream(node, client);
  node.say(client, "PUB s 1\r\nx\r\n");
  node.commit("disk full");
  node.say(client, "PUB s 1\r\ny\r\n");
  CHECK(node.commits.empty());
  CHECK(node.engine->next_deadline() <= node.now + frond::base::storage_retry_first);
  node.now += frond::base::storage_retry_first;
  node.engine->tick(node.both());
  node.drain();
  CHECK(node.commits.size() == 1);
}
