#include "store/durability_gate.h"

#include <catch2/catch.hpp>

#include <string>

using namespace frond;
using store::DurabilityGate;
using store::Journal;

namespace {

struct Sent final : base::Outlet {
  std::size_t send(std::string_view target, const base::Message& message) override {
    log += std::string(target) + "=" + std::string(message.payload) + " ";
    return 1;
  }
  bool has_interest(std::string_view) const override { return true; }
  std::string take() { return std::exchange(log, {}); }
  std::string log;
};

struct Rig {
  Ticket seal() {
    journal.write("x", "1");
    return journal.seal()->ticket;
  }
  void complete(Ticket ticket) {
    journal.completed(ticket);
    gate.release();
  }
  void fail(Ticket ticket) { gate.refuse(journal.failed(ticket)); }

  Journal journal;
  Sent sent;
  DurabilityGate gate{journal, sent};
};

}  // namespace

TEST_CASE("gate: a reply leaves with its commit, not before, and at once when that is done") {
  Rig rig;
  const Ticket first = rig.journal.open_ticket();
  rig.gate.hold(first, {"a", {}, "1"}, {});
  rig.gate.hold(Ticket{0}, {"b", {}, "now"}, {});
  CHECK(rig.sent.take() == "b=now ");
  rig.seal();
  const Ticket second = rig.journal.open_ticket();
  rig.gate.hold(second, {"c", {}, "2"}, {});
  CHECK(rig.sent.take().empty());
  rig.complete(first);
  CHECK(rig.sent.take() == "a=1 ");
  CHECK_FALSE(rig.gate.empty());
  rig.gate.hold(first, {"d", {}, "late"}, {});
  CHECK(rig.sent.take() == "d=late ");
  rig.seal();
  rig.complete(second);
  CHECK(rig.sent.take() == "c=2 ");
  CHECK(rig.gate.empty());
}

TEST_CASE("gate: order of tickets, within one the order of holding") {
  Rig rig;
  const Ticket first = rig.seal();
  const Ticket second = rig.journal.open_ticket();
  rig.gate.hold(second, {"a", {}, "2"}, {});
  // A duplicate's ack depends on the older commit that holds the first copy.
  rig.gate.hold(first, {"b", {}, "1"}, {});
  rig.gate.hold(first, {"c", {}, "1"}, {});
  rig.gate.hold(second, {"d", {}, "2"}, {});
  rig.complete(first);
  CHECK(rig.sent.take() == "b=1 c=1 ");
  rig.seal();
  rig.complete(second);
  CHECK(rig.sent.take() == "a=2 d=2 ");
}

TEST_CASE("gate: lost commits refuse what waited for them, and only that") {
  Rig rig;
  std::string actions;
  const Ticket first = rig.seal();
  const Ticket second = rig.journal.open_ticket();
  rig.gate.hold(first, {"a", {}, "stored"}, {"a", {}, "refused"});
  rig.gate.hold(second, {"b", {}, "stored"}, {"b", {}, "refused"});
  rig.gate.hold(second, {"c", {}, "stored"}, {});
  rig.gate.hold(first, [&](bool durable) { actions += durable ? "+" : "-"; });
  rig.fail(first);
  CHECK(rig.sent.take() == "a=refused b=refused ");
  CHECK(actions == "-");
  CHECK(rig.gate.empty());
  const Ticket third = rig.journal.open_ticket();
  rig.gate.hold(third, {"d", {}, "stored"}, {"d", {}, "refused"});
  rig.gate.hold(third, [&](bool durable) { actions += durable ? "+" : "-"; });
  rig.seal();
  rig.complete(third);
  CHECK(rig.sent.take() == "d=stored ");
  CHECK(actions == "-+");
}

TEST_CASE("gate: an action may hold more while it runs") {
  Rig rig;
  std::string log;
  const Ticket first = rig.journal.open_ticket();
  rig.gate.hold(first, [&](bool) {
    log += "1";
    rig.gate.hold(first, [&](bool) { log += "2"; });
    rig.gate.hold(rig.journal.open_ticket(), [&](bool) { log += "3"; });
  });
  rig.seal();
  rig.complete(first);
  CHECK(log == "12");
  CHECK_FALSE(rig.gate.empty());
}

TEST_CASE("gate: what waits is counted by its bytes, and no longer when it has left") {
  Rig rig;
  CHECK(rig.gate.waiting_bytes() == 0);
  const Ticket first = rig.journal.open_ticket();
  rig.gate.hold(first, {"a", {}, std::string(1000, 'x')}, {"a", {}, std::string(500, 'y')});
  const std::uint64_t one = rig.gate.waiting_bytes();
  CHECK(one >= 1500);
  rig.gate.hold(first, [](bool) {});
  CHECK(rig.gate.waiting_bytes() > one);
  SECTION("answered") {
    rig.seal();
    rig.complete(first);
  }
  SECTION("refused") { rig.fail(rig.seal()); }
  CHECK(rig.gate.waiting_bytes() == 0);
}
