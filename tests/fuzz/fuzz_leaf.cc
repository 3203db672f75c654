// A hub that says anything to our link, and leafs that say anything to us. The first byte chooses
// the side and how far the handshake has come; the rest is cut at zero bytes, and the first byte of
// a piece says who sends it and how much time passes. A connection is either alive or closed: once
// closed, nothing is sent on it; what local subscribers get can be written as a line; what is
// sent stays in proportion to what came; and what leafs said they want goes with them.
#include "base/clock.h"
#include "input.h"
#include "leaf/accepted_leafs.h"
#include "leaf/hub_link.h"
#include "leaf/interest_table.h"
#include "route/router.h"
#include "support/fake_storage.h"

#include <frond/config.h>

#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace {

using namespace frond;
using fuzz::must;

constexpr std::string_view guard = "$LDS.CbTfYzExVaIWwTZVkaAbwi";
constexpr std::array<std::string_view, 4> hub_words{
    "",
    "INFO {\"server_id\":\"NA\",\"server_name\":\"hub1\",\"version\":\"2.10.27\",\"client_id\":5,"
    "\"nonce\":\"MZD09BeyzlIuq08\",\"domain\":\"hub\",\"jetstream\":true,\"headers\":true,"
    "\"max_payload\":1048576,\"info_on_connect\":true}\r\n",
    "INFO {\"server_id\":\"NA\",\"server_name\":\"hub1\",\"client_id\":5,\"connect_info\":true,"
    "\"info_on_connect\":true,\"headers\":true,\"max_payload\":1048576,"
    "\"remote_account\":\"A\"}\r\n",
    "LS+ a.>\r\nPONG\r\n"};
constexpr unsigned leafs_max = 8;
std::string leaf_words(unsigned number) {
  const std::string name = "leaf" + std::to_string(number);
  return R"(CONNECT {"name":")" + name + R"(","cluster":")" + name +
         R"(","version":"2.10.27","headers":true,"protocol":1,"domain":"edge","user":"lu",)"
         R"("pass":"lp"})"
         "\r\nPING\r\n";
}
/// For each byte that came in: an interest line may send back every local subject it overlaps.
constexpr std::size_t bytes_out_per_byte_in = 512;
constexpr std::size_t bytes_out_free = 64 * 1024;

struct FixedSigner final : Signer {
  std::string public_key() const override { return "UABC"; }
  std::string sign(std::string_view nonce) const override { return "s" + std::string(nonce); }
};

bool one_word(std::string_view text) {
  return text.find_first_of(" \t\r\n") == std::string_view::npos;
}

/// A local subscriber.
struct Watcher final : route::Sink {
  route::SinkKind kind() const override { return route::SinkKind::client; }
  void deliver(const route::Subscription&, const base::Message& message,
               std::string_view) override {
    // As loose as the protocol: only a pedantic client is told of odd subjects.
    must(!message.subject.empty() && one_word(message.subject), "a subject is a word of its line");
    must(one_word(message.reply), "a reply is a word of its line");
  }
  bool forward(const base::Message&, std::string_view, bool,
               std::span<const std::string_view>) override {
    return false;
  }
};

struct World {
  World() {
    config.name = "node";
    config.domain = "edge";
    config.payload_bytes_max = 4096;
    config.hub = HubConfig{.url = "ws://hub/leafnode",
                           .domain = "hub",
                           .user = "lu",
                           .password = "lp",
                           .token = {},
                           .jwt = {}};
    router.set_interest_listener(&interest);
    for (const std::string_view subject : {"a.b", "a.>", "cloud.*", "_INBOX.x.>"}) {
      router.subscribe(watcher, subject);
    }
  }
  ~World() { forget(); }
  void forget() { router.remove_sink(watcher); }

  void publish() {
    const base::Message message{"a.b", "_INBOX.x.1", "NATS/1.0\r\nA: 1\r\n\r\n", "text"};
    router.publish({.message = message, .target = "a.b", .from = &watcher});
  }
  /// Carries out the outputs; `owns` says which connections the engine's side thinks alive.
  template <class Owner>
  void settle(const Owner& owner) {
    for (Output& output : outbox.take()) {
      if (const auto* send = std::get_if<SendBytes>(&output)) {
        must(open.contains(send->connection), "nothing is sent on a closed connection");
        out += send->bytes.size();
      } else if (const auto* close = std::get_if<CloseConnection>(&output)) {
        must(open.erase(close->connection) == 1, "a connection is closed once");
        must(!close->reason.empty(), "with a reason");
      } else if (const auto* dial = std::get_if<DialHub>(&output)) {
        must(open.insert(dial->connection).second, "a dial has a fresh id");
      }
    }
    must(out <= bytes_out_free + in * bytes_out_per_byte_in, "what is sent is bounded");
    for (const ConnectionId id : open) must(owner.owns(id), "a connection not closed is alive");
  }

  Config config;
  FixedSigner signer;
  test::TestEntropy entropy{1};
  route::Router router{entropy};
  leaf::InterestTable interest;
  Watcher watcher;
  Outbox outbox;
  std::set<ConnectionId> open;
  std::size_t in = 0;
  std::size_t out = 0;
  Instant now{std::chrono::seconds(1'700'000'000)};
  base::Clock clock;
};

/// Calls `say(who, bytes)` for every piece and lets the time pass that it asks for.
template <class Say>
void each_piece(World& world, std::string_view rest, const Say& say) {
  for (int left = 64; left > 0 && !rest.empty(); --left) {
    const std::size_t end = rest.find('\0');
    const std::string_view piece = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    const auto control = static_cast<std::uint8_t>(piece.empty() ? 0 : piece.front());
    world.now += std::chrono::milliseconds(std::uint64_t{1} << control / 16);
    world.in += piece.size();
    // Bytes of its own, so that a look past their end is seen.
    say(control % 16, std::string(piece.substr(piece.empty() ? 0 : 1)));
  }
}

void from_hub(std::uint8_t shape, std::string_view input) {
  World world;
  std::uint64_t ids = 0;
  leaf::HubLink link(
      world.config, world.router, world.interest, world.entropy,
      shape % 8 >= 4 ? &world.signer : nullptr, world.outbox, [&] { return ConnectionId{++ids}; },
      guard, world.clock, world.now);
  const auto settle = [&] {
    link.flush(world.now);
    world.settle(link);
  };
  settle();
  link.connected(ConnectionId{ids}, world.now);
  for (std::size_t i = 0; i < shape / 8u % hub_words.size() + 1; ++i) {
    world.in += hub_words[i].size();
    link.received(ConnectionId{ids}, hub_words[i], world.now);
    settle();
  }
  each_piece(world, input, [&](unsigned who, const std::string& bytes) {
    link.tick(world.now);
    settle();
    if (who == 1) link.connected(ConnectionId{ids}, world.now);
    if (who == 2 && world.open.erase(ConnectionId{ids}) == 1) {
      link.closed(ConnectionId{ids}, bytes, world.now);
    }
    if (who == 3) link.probe(world.now);
    if (who == 4) link.pause(world.now);
    if (who == 5) link.resume(world.now);
    if (who == 6) world.publish();
    link.received(ConnectionId{ids}, bytes, world.now);
    settle();
    must(!link.online() || world.open.contains(ConnectionId{ids}), "online is alive");
    must(!leaf::link_status_json(link.status(), {}).empty(), "the status can be shown");
  });
  link.tick(world.now + std::chrono::minutes(1));
  settle();
}

void from_leafs(std::uint8_t shape, std::string_view input) {
  World world;
  if (shape % 8 >= 4) {
    world.config.leaf_users = {{.name = "lu",
                                .password = "lp",
                                .publish = {.allow = {"a.>"}, .deny = {"a.no"}},
                                .subscribe = {.allow = {}, .deny = {"cloud.*"}}}};
  }
  leaf::AcceptedLeafs leafs({.config = world.config,
                             .server_id = "NAB",
                             .router = world.router,
                             .interest = world.interest,
                             .entropy = world.entropy,
                             .outbox = world.outbox,
                             .loop_guard = std::string(guard)});
  const auto settle = [&] {
    leafs.flush();
    world.settle(leafs);
    must(leafs.count() <= world.open.size(), "no more leafs than connections");
  };
  const auto join = [&](ConnectionId id) {
    if (!world.open.insert(id).second) return;
    world.in += 64;
    leafs.connected(id, {.kind = ConnectionKind::leaf, .address = "10.0.0.1"}, world.now);
    settle();
  };
  join(ConnectionId{1});
  join(ConnectionId{2});
  for (unsigned number = 1; number <= shape / 8u % leafs_max; ++number) {
    join(ConnectionId{number});
    const std::string words = leaf_words(number);
    world.in += words.size();
    leafs.received(ConnectionId{number}, words, world.now);
    settle();
  }
  each_piece(world, input, [&](unsigned who, const std::string& bytes) {
    const ConnectionId id{1 + who % leafs_max};
    leafs.tick(world.now);
    settle();
    const char act = who >= leafs_max && !bytes.empty() ? bytes.front() : ' ';
    if (act == 'j') join(id);
    if (act == 'l' && world.open.erase(id) == 1) leafs.closed(id);
    if (act == 'p') world.publish();
    if (act == 's') world.router.subscribe(world.watcher, "foo", "q");
    if (act == 'f') world.forget();
    leafs.received(id, std::string_view(bytes).substr(act == ' ' ? 0 : 1), world.now);
    settle();
  });
  std::size_t rows = 0;
  leafs.each([&](const leaf::LeafRow&) { ++rows; });
  must(rows == leafs.count(), "every leaf has its row");
  leafs.shutdown();
  settle();
  world.forget();
  must(world.router.subscription_count() == 0, "what a leaf wants goes with it");
  world.router.each_interest(route::SinkKind::hub,
                             [](std::string_view, std::string_view, std::uint64_t) {
                               must(false, "and is not counted any more");
                             });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  frond::fuzz::Input input(data, size);
  const std::uint8_t shape = input.byte();
  shape % 2 == 0 ? from_hub(shape / 2, input.rest()) : from_leafs(shape / 2, input.rest());
  return 0;
}
