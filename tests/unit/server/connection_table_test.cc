#include "server/net/connection_table.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>

using namespace frond;
using namespace frond::server;

namespace {

/// Notes what is asked of it.
struct Noted : Connection {
  using Connection::Connection;
  std::string said;
  int flushed = 0;
  bool takes_nothing = false;
  void start() override {}
  void send(std::string bytes) override { said += bytes; }
  void flush() override { ++flushed; }
  void hold(bool held) override { said += held ? "hold " : "go on "; }
  void finish(std::string_view reason) override { said += "finish " + std::string(reason); }
  void abort(std::string_view) override {}
  bool stalled() override { return takes_nothing; }
};

}  // namespace

TEST_CASE("a connection is flushed once for all that was sent in a round") {
  ConnectionTable table;
  const auto one = std::make_shared<Noted>(table.next_id());
  const auto two = std::make_shared<Noted>(table.next_id());
  table.add(one);
  table.add(two);
  table.to_send(one->id())->send("a");
  table.to_send(one->id())->send("b");
  table.flush();
  table.flush();
  CHECK(one->said == "ab");
  CHECK(one->flushed == 1);
  CHECK(two->flushed == 0);
  CHECK(table.to_send(ConnectionId{99}) == nullptr);
}

TEST_CASE("the engine hears the end of what it knows and has not closed, and of its dials") {
  ConnectionTable table;
  const auto accepted = std::make_shared<Noted>(table.next_id());
  const auto shaking_hands = std::make_shared<Noted>(table.next_id());
  const auto finished = std::make_shared<Noted>(table.next_id());
  const auto dialled = std::make_shared<Noted>(ConnectionId{1'000});
  for (const auto& one : {accepted, shaking_hands, finished}) {
    table.add(one);
  }
  table.set_known(accepted->id());
  table.set_known(finished->id());
  table.finish(finished->id(), "Server Shutdown");
  CHECK(finished->said == "finish Server Shutdown");
  CHECK_FALSE(table.known(finished->id()));
  table.dial_began(dialled->id());
  table.add(dialled);
  CHECK(table.remove(accepted->id()) == true);
  CHECK(table.remove(shaking_hands->id()) == false);
  CHECK(table.remove(finished->id()) == false);
  CHECK(table.remove(dialled->id()) == true);
  CHECK_FALSE(table.remove(dialled->id()).has_value());
  CHECK(table.empty());
}

TEST_CASE("a dial that was given up is nobody's") {
  ConnectionTable table;
  table.dial_began(ConnectionId{7});
  CHECK(table.dialling(ConnectionId{7}));
  table.finish(ConnectionId{7}, "paused");
  CHECK_FALSE(table.dialling(ConnectionId{7}));
  CHECK_FALSE(table.dial_ended(ConnectionId{7}));
}

TEST_CASE("what has been stalled for longer than allowed is found, and progress counts") {
  ConnectionTable table;
  const auto slow = std::make_shared<Noted>(table.next_id());
  table.add(slow);
  slow->takes_nothing = true;
  CHECK(table.stalled_beyond(2).empty());
  CHECK(table.stalled_beyond(2).empty());
  CHECK(table.stalled_beyond(2).size() == 1);
  slow->takes_nothing = false;
  CHECK(table.stalled_beyond(2).empty());
  slow->takes_nothing = true;
  CHECK(table.stalled_beyond(2).empty());
  CHECK(table.stalled_beyond(0).empty());  // No limit.
}
