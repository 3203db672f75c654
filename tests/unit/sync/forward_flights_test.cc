// The bookkeeping of messages under way, and what of it survives.

#include "sync/forward/forward_flights.h"

#include "base/limits.h"
#include "outbound.h"
#include "sync/forward/forward_ledger.h"
#include "sync/forward/inherited_doubt.h"

namespace frond::sync {
namespace {

TEST_CASE("a flight waits, is settled and leaves in order") {
  ForwardFlights flights;
  flights.sent({1}, "i1", 10, at_ms(5));
  flights.sent({2}, "i2", 20, at_ms(6));
  flights.sent({3}, "i3", 30, at_ms(7));
  CHECK(flights.waiting() == 3);
  CHECK(flights.waiting_bytes() == 60);
  CHECK(flights.oldest()->sent == at_ms(5));
  flights.settle({2}, HubPlace{"H", {7}, {}});
  CHECK(flights.settled({2}));
  CHECK_FALSE(flights.waits({2}));
  CHECK_FALSE(flights.must_go_again({2}));
  CHECK(flights.settled_ahead() == 1);
  CHECK_FALSE(flights.take_settled({9}));
  flights.settle({1}, std::nullopt);
  CHECK_FALSE(flights.take_settled({1}));
  const auto first = flights.take_settled({9});
  REQUIRE(first);
  CHECK(first->sequence.value == 1);
  CHECK_FALSE(first->place);
  const auto second = flights.take_settled({9});
  REQUIRE(second);
  CHECK(second->place->id == "i2");
  CHECK_FALSE(flights.take_settled({9}));
  CHECK_FALSE(flights.known({1}));
  CHECK(flights.waiting() == 1);
  CHECK(flights.waiting_bytes() == 30);
  CHECK(flights.settled_ahead() == 0);
  CHECK(flights.last().value == 3);
}

TEST_CASE("what must go again waits no longer, and remembers when it first went") {
  ForwardFlights flights;
  flights.sent({1}, "i1", 10, at_ms(5));
  flights.sent({2}, "i2", 10, at_ms(6));
  CHECK(flights.sent_once({1}));
  flights.send_again({1});
  CHECK(flights.must_go_again({1}));
  CHECK(flights.waiting() == 1);
  CHECK(flights.first_again({}) == StreamSeq{1});
  CHECK_FALSE(flights.first_again({2}));
  flights.sent({1}, "i1", 10, at_ms(50));
  CHECK_FALSE(flights.sent_once({1}));
  CHECK(flights.all_first_sent_after(at_ms(4)));
  CHECK_FALSE(flights.all_first_sent_after(at_ms(5)));
  CHECK(flights.oldest()->sequence.value == 2);
  CHECK(flights.oldest()->sent == at_ms(6));
  flights.send_unknown_again();
  CHECK(flights.waiting() == 0);
  CHECK(flights.waiting_bytes() == 0);
  CHECK_FALSE(flights.oldest());
  CHECK(flights.first_again({}) == StreamSeq{1});
  CHECK(flights.first_again({2}) == StreamSeq{2});
  flights.send_anew({1});
  flights.sent({1}, "other", 10, at_ms(60));
  CHECK(flights.sent_once({1}));
}

struct Books {
  SyncWorld w;
  std::optional<ForwardLedger> ledger;

  Books() { open(); }
  void open(WayStart start = WayStart::opened) {
    ledger.reset();
    ledger.emplace(w.context, w.stream, "streams/ORD", start);
  }
  void hold(std::uint64_t last) {
    for (std::uint64_t i = w.stream.last.value; i < last; ++i) {
      w.stream.ingest({"ord.1", {}, {}, "x"}, at_ms(0));
    }
    w.stream.durable = w.stream.last;
  }
};

TEST_CASE("a claim counts when it is durable, and as long as it is not taken back") {
  Books b;
  bool told = false;
  b.hold(5);
  b.ledger->claim({1}, [&](bool durable) { told = durable; });
  CHECK(b.ledger->claiming());
  CHECK_FALSE(b.ledger->claimed({1}));
  b.w.commit();
  CHECK(told);
  CHECK(b.ledger->claimed({1 + base::forward_claim_messages}));
  CHECK_FALSE(b.ledger->claimed({2 + base::forward_claim_messages}));
  b.ledger->shrink_claim({3});
  CHECK(b.ledger->claimed({3}));
  CHECK_FALSE(b.ledger->claimed({4}));
  b.ledger->claim({4}, [](bool) {});
  b.ledger->shrink_claim({3});
  b.w.commit();
  CHECK_FALSE(b.ledger->claimed({4}));
  // Nothing is under way: what is acknowledged stays claimed.
  b.ledger->settled({3}, std::nullopt);
  b.ledger->shrink_claim({});
  CHECK(b.ledger->state().claimed.value == 3);
}

TEST_CASE("of two epochs that begin at one sequence the later one counts") {
  ForwardEpochs epochs({{{1}, "a"}, {{5}, "b"}});
  epochs.begin({5}, "c");  // Opened again, with nothing stored in between.
  CHECK(epochs.entries() == std::vector<ForwardEpoch>{{{1}, "a"}, {{5}, "c"}});
  CHECK(ForwardEpochs(epochs.entries()).of({5}) == "c");
}

TEST_CASE("a claim of a commit that failed does not count") {
  Books b;
  b.w.commit();
  bool told = true;
  b.ledger->claim({1}, [&](bool durable) { told = durable; });
  REQUIRE(b.w.lose_commit());
  CHECK_FALSE(told);
  CHECK_FALSE(b.ledger->claiming());
  CHECK_FALSE(b.ledger->claimed({1}));
}

TEST_CASE("nothing is believed of what the stream does not have any more") {
  Books b;
  b.hold(20);
  b.ledger->claim({1}, [](bool) {});
  b.ledger->settled({15}, HubPlace{"H", {15}, "id"});
  b.ledger->save();
  b.w.commit();
  const std::string epoch(b.ledger->epoch_of({16}));
  b.w.stream.kept.erase(b.w.stream.kept.upper_bound({10}), b.w.stream.kept.end());
  b.w.stream.last = b.w.stream.durable = {10};
  b.open();
  CHECK(b.ledger->state().acked.value == 10);
  CHECK(b.ledger->state().claimed.value == 10);
  CHECK(b.ledger->inherited().last.value == 10);
  CHECK(b.ledger->inherited().claimed.value == 10);
  CHECK_FALSE(b.ledger->inherited().blind);
  CHECK_FALSE(b.ledger->claimed({10}));
  CHECK(b.ledger->epoch_of({11}) != epoch);
  CHECK(b.ledger->state().hub_streams.at("H").id == "id");
}

TEST_CASE("an epoch is durable with the first message of its life at the latest") {
  Books b;
  b.w.commit();
  b.hold(3);
  b.open();
  const std::string epoch(b.ledger->epoch_of({4}));
  b.w.commit();  // The one that a message of this life would be in.
  b.hold(4);
  b.open();
  CHECK(b.ledger->epoch_of({4}) == epoch);
  CHECK(b.ledger->epoch_of({5}) != epoch);
}

TEST_CASE("a hub that names ever new streams does not fill the ledger") {
  Books b;
  for (std::uint64_t i = 1; i < 2000; ++i) {
    b.ledger->settled({i}, HubPlace{"S" + std::to_string(i), {i}, {}});
  }
  CHECK(b.ledger->state().hub_streams.size() == base::sync_streams_max);
  CHECK(b.ledger->state().acked.value == 1999);
}

TEST_CASE("inherited doubt: what is found in order moves its beginning, gaps are kept") {
  Books b;
  b.hold(6);
  InheritedDoubt doubt(b.w.stream, {1}, {.last = {6}, .claimed = {4}});
  CHECK(doubt.open());
  CHECK(doubt.certain());
  CHECK(doubt.certain_count() == 3);
  CHECK_FALSE(doubt.covers({1}));
  CHECK(doubt.covers({6}));
  CHECK_FALSE(doubt.covers({7}));
  doubt.found({3}, {"H", {30}, {}});
  CHECK_FALSE(doubt.take_settled());
  CHECK(doubt.certain_count() == 2);
  doubt.found({2}, {"H", {20}, {}});
  CHECK(doubt.take_settled()->sequence.value == 2);
  CHECK(doubt.take_settled()->sequence.value == 3);
  CHECK_FALSE(doubt.take_settled());
  doubt.found({6}, {"H", {60}, {}});
  const InheritedDoubt::Rest rest = doubt.close();
  CHECK(rest.from.value == 4);  // 4 and 5 are not at the hub and go now.
  CHECK(rest.found.size() == 1);
  CHECK_FALSE(doubt.open());
  CHECK_FALSE(doubt.certain());
}

TEST_CASE("inherited doubt: blind, what lies a window before a found one is settled") {
  Books b;
  const std::uint64_t window = base::forward_window_messages;
  const StreamSeq last{3 * window};
  b.hold(last.value);
  InheritedDoubt doubt(b.w.stream, {}, {.last = last, .claimed = last, .blind = true});
  doubt.found({2 * window}, {"H", {1}, {}});
  CHECK_FALSE(doubt.take_settled());
  const InheritedDoubt::Rest rest = doubt.close();
  CHECK(rest.from.value == window + 1);
  CHECK(rest.found.contains({2 * window}));
}

TEST_CASE("flights: what was to go again blindly and did not is in doubt again") {
  ForwardFlights flights;
  flights.sent({1}, "1", 10, at_ms(0));
  flights.sent({2}, "2", 10, at_ms(0));
  flights.sent({3}, "3", 10, at_ms(0));
  flights.send_again({3});  // Refused: the hub does not have it.
  flights.send_unknown_again(true);
  flights.sent({1}, "1", 10, at_ms(5));
  flights.doubt_blind();
  CHECK_FALSE(flights.unsure({1}));
  CHECK(flights.unsure({2}));
  CHECK(flights.must_go_again({3}));
  flights.send_unknown_again();
  flights.doubt_blind();
  CHECK(flights.must_go_again({2}));
}

}  // namespace
}  // namespace frond::sync
