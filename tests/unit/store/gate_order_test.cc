// Replies that wait for different commits leave in the order of the commits, and it does not matter
// how many wait already.
#include "store/durability_gate.h"
#include "support/growth.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

namespace frond::store {
namespace {

struct Heard final : base::Outlet {
  std::size_t send(std::string_view target, const base::Message&) override {
    targets.emplace_back(target);
    return 1;
  }
  bool has_interest(std::string_view) const override { return true; }
  std::vector<std::string> targets;
};

struct Waiting {
  Heard heard;
  Journal journal;
  DurabilityGate gate{journal, heard};
  Ticket first{0}, second{0};

  /// One commit is in flight, the next one gathers.
  Waiting() {
    journal.write("a", "1");
    first = journal.open_ticket();
    static_cast<void>(journal.seal());
    journal.write("b", "2");
    second = journal.open_ticket();
  }
  void hold(Ticket ticket, const std::string& target) {
    gate.hold(ticket, {target, {}, {}}, {target + "-lost", {}, {}});
  }
};

}  // namespace

TEST_CASE("who waits for the older commit is answered first, each in the order of asking") {
  Waiting w;
  w.hold(w.second, "s1");
  w.hold(w.first, "f1");
  w.hold(w.second, "s2");
  w.hold(w.first, "f2");
  w.gate.release();
  CHECK(w.heard.targets.empty());
  w.journal.completed(w.first);
  w.gate.release();
  CHECK(w.heard.targets == std::vector<std::string>{"f1", "f2"});
  w.gate.refuse(w.second);
  CHECK(w.heard.targets == std::vector<std::string>{"f1", "f2", "s1-lost", "s2-lost"});
  CHECK(w.gate.empty());
}

TEST_CASE("an action that asks again while replies leave is in time") {
  Waiting w;
  w.gate.hold(w.first, [&w](bool durable) {
    CHECK(durable);
    w.hold(w.first, "at once");
    w.hold(w.second, "later");
  });
  w.hold(w.first, "behind");
  w.journal.completed(w.first);
  w.gate.release();
  CHECK(w.heard.targets == std::vector<std::string>{"at once", "behind"});
  CHECK_FALSE(w.gate.empty());
}

TEST_CASE("acks of duplicates wait for an older commit behind thousands that wait for the next") {
  CHECK(test::growth(
            [](std::size_t size) {
              return [w = std::make_shared<Waiting>(), size] {
                for (std::size_t i = 0; i < size; ++i) w->hold(w->first, "f");
                for (std::size_t i = 0; i < size; ++i) w->hold(w->second, "s");
                for (std::size_t i = 0; i < size; ++i) w->hold(w->first, "f");
                w->journal.completed(w->first);
                w->gate.release();
                CHECK(w->heard.targets.size() == 2 * size);
              };
            },
            1000) < test::growth_max);
}

}  // namespace frond::store
