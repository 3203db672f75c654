// Clients that do not read: whatever waits for one of them is bounded by max_pending.

#include "test_host.h"

#include <catch2/catch.hpp>

#include <string>

namespace {

using frond::ConnectionId;
using frond::test::named;
using frond::test::TestNode;

constexpr std::uint64_t bound = 512 * 1024;

frond::Config small() {
  frond::Config config = named("n");
  config.pending_bytes_max = bound;
  return config;
}

std::string repeated(const std::string& line, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += line;
  return all;
}

/// What the host holds for a connection that reads nothing, and whether it was ended for that.
struct Deaf {
  explicit Deaf(TestNode& owner) : node(owner), id(owner.client()) { node.deaf.insert(id); }
  bool ended() const {
    const auto reason = node.closed.find(id);
    return reason != node.closed.end() && reason->second == "Slow Consumer (Pending Bytes)";
  }
  std::size_t held() const { return node.sent.at(id).size(); }
  TestNode& node;
  ConnectionId id;
};

}  // namespace

TEST_CASE("a million lines that want an answer and a client that reads none") {
  TestNode node(small());
  Deaf deaf(node);
  std::string line;
  SECTION("PING") { line = "PING\r\n"; }
  SECTION("subjects that are none") { line = "SUB a..b 1\r\n"; }
  SECTION("subjects that are forbidden") { line = "SUB foo _sys_ 1\r\n"; }
  SECTION("verbose") {
    node.say(deaf.id, "CONNECT {\"verbose\":true}\r\n");
    line = "UNSUB 1\r\n";
  }
  SECTION("nobody answers") {
    node.say(deaf.id, "SUB in 1\r\n");
    line = "PUB nobody in 0\r\n\r\n";
  }
  SECTION("API requests") {
    node.say(deaf.id, "SUB in 1\r\n");
    line = "PUB $JS.API.STREAM.INFO.NONE in 0\r\n\r\n";
  }
  const std::string piece = repeated(line, 1000);
  for (int i = 0; i < 1000 && !node.closed.contains(deaf.id); ++i) node.say(deaf.id, piece);
  CHECK(deaf.ended());
  CHECK(deaf.held() <= bound);
}

namespace {

/// A stream of 64 messages of 64 KiB: eight times the bound.
struct Filled {
  Filled() {
    const ConnectionId writer = node.client();
    node.request(writer, "$JS.API.STREAM.CREATE.S",
                 R"({"name":"S","subjects":["a"],"allow_direct":true,"storage":"memory"})");
    const std::string payload(64 * 1024, 'x');
    for (int i = 0; i < 64; ++i) {
      node.say(writer, "PUB a " + std::to_string(payload.size()) + "\r\n" + payload + "\r\n");
    }
  }
  void ask(ConnectionId id, const std::string& subject, const std::string& body) {
    node.say(id, "SUB in.> 1\r\nPUB " + subject + " in.1 " + std::to_string(body.size()) + "\r\n" +
                     body + "\r\n");
    node.commit_all();
    node.pass(std::chrono::seconds(1));
  }
  static std::size_t messages(const std::string& heard) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = heard.find(" 65536\r\n", at)) != std::string::npos; ++at)
      ++count;
    return count;
  }
  TestNode node{small()};
};

}  // namespace

TEST_CASE("a batch for a client that does not read waits, and takes no more than a part") {
  Filled f;
  Deaf deaf(f.node);
  for (int i = 0; i < 100; ++i) f.ask(deaf.id, "$JS.API.DIRECT.GET.S", R"({"seq":1,"batch":64})");
  CHECK_FALSE(deaf.ended());
  CHECK(deaf.held() <= bound / 4 + 2 * 66'000);
}

TEST_CASE("a batch of eight times the bound comes whole to a client that reads") {
  Filled f;
  const ConnectionId id = f.node.client();
  f.ask(id, "$JS.API.DIRECT.GET.S", R"({"seq":1,"batch":64,"no_hdr":true})");
  const std::string heard = f.node.heard(id);
  CHECK(Filled::messages(heard) == 64);
  CHECK(heard.ends_with("\r\n\r\n"));
  CHECK_FALSE(f.node.closed.contains(id));
}

TEST_CASE("deliveries wait for a client that does not read, and go on when it does") {
  Filled f;
  Deaf deaf(f.node);
  SECTION("push") {
    f.node.say(deaf.id, "SUB to 2\r\n");
    f.ask(
        deaf.id, "$JS.API.CONSUMER.CREATE.S.c",
        R"({"stream_name":"S","config":{"name":"c","deliver_subject":"to","ack_policy":"none"}})");
  }
  SECTION("pull") {
    f.ask(deaf.id, "$JS.API.CONSUMER.CREATE.S.c",
          R"({"stream_name":"S","config":{"name":"c","ack_policy":"none"}})");
    f.ask(deaf.id, "$JS.API.CONSUMER.MSG.NEXT.S.c",
          R"({"batch":64,"max_bytes":100000000,"expires":600000000000})");
  }
  CHECK_FALSE(deaf.ended());
  CHECK(deaf.held() <= bound / 4 + 3 * 66'000);
  f.node.deaf.clear();
  f.node.engine->sent(deaf.id, deaf.held(), f.node.both());
  f.node.drain();
  f.node.pass(std::chrono::seconds(1));
  CHECK(Filled::messages(f.node.heard(deaf.id)) == 64);
  CHECK_FALSE(deaf.ended());
}
