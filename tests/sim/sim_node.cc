#include "sim/sim_node.h"

#include <random>
#include <utility>
#include <variant>
#include <vector>

namespace frond::sim {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {
constexpr unsigned kIdleTicksMax = 200;
// What one input may cost. The longest are a reconnect after hours, with everything to read, and a
// pull of a hundred messages.
constexpr std::uint64_t kAllocationsMax = 200'000;
constexpr std::uint64_t kBytesMax = 256ull * 1024 * 1024;

/// What an engine must not do.
void hoard() { std::vector<std::string>(kAllocationsMax + 1, std::string(100, 'x')); }

Random entropy_of(Random& random, Lie lie) {
  return lie == Lie::chance ? Random(std::random_device{}()) : random.fork();
}
}  // namespace

Node::Node(Surroundings around, Config config, bool appends, Dial dial)
    : around_(around),
      config_(std::move(config)),
      dial_(std::move(dial)),
      storage_(around.random, appends, around.lie),
      entropy_(entropy_of(around.random, around.lie)) {}

void Node::start() {
  if (engine_) return;
  around_.trace.event(name(), "start");
  ++generation_;
  started_ = around_.scheduler.now();
  frozen_until_ = Instant{};
  tick_at_ = kNever;
  engine_ = std::make_unique<Engine>(config_, Host{storage_, entropy_}, clocks());
  run([](Engine&) {});
}

void Node::crash(bool power_lost) {
  if (!engine_) return;
  around_.trace.event(name(), power_lost ? "loses power" : "crashes");
  ++generation_;
  engine_.reset();
  waiting_.clear();
  for (auto& [id, connection] : connections_) {
    connection.link->abandon(connection.side);
    if (power_lost && connection.far) {
      connection.link->silence();
    } else {
      connection.link->cut("Connection reset by peer");
    }
  }
  connections_.clear();
  storage_.crash();
}

void Node::stop() {
  if (!engine_) return;
  around_.trace.event(name(), "stops");
  input([this](Engine& engine) { engine.shutdown(clocks()); });
  around_.scheduler.after(seconds(3), [this, generation = generation_] {
    if (generation == generation_) crash(false);
  });
}

void Node::freeze(Duration duration) {
  if (!engine_) return;
  around_.trace.event(name(), "freezes");
  frozen_until_ = std::max(frozen_until_, around_.scheduler.now() + duration);
  around_.scheduler.at(frozen_until_, [this, generation = generation_] {
    if (generation != generation_ || around_.scheduler.now() < frozen_until_) return;
    around_.trace.event(name(), "thaws");
    while (!waiting_.empty() && generation == generation_) {
      const Input next = std::move(waiting_.front());
      waiting_.pop_front();
      run(next);
    }
  });
}

void Node::input(Input action) {
  if (!engine_) return;
  if (around_.scheduler.now() < frozen_until_ || !waiting_.empty()) {
    waiting_.push_back(std::move(action));
  } else {
    run(action);
  }
}

void Node::set_wall_clock(Duration ahead) {
  around_.trace.event(name(), "clock set", std::to_string(ahead / seconds(1)));
  wall_ahead_ = ahead;
  clock_set_ = around_.scheduler.now();
}

Now Node::clocks() const {
  const Instant now = around_.scheduler.now();
  return {.monotonic = now, .wall = WallTime(now.time_since_epoch() + wall_ahead_)};
}

void Node::run(const Input& action) {
  const Work before = work_so_far();
  action(*engine_);
  if (around_.lie == Lie::hoarder) hoard();
  measure(before, work_so_far());
  for (Output& output : engine_->outbox().take()) carry_out(std::move(output));
  schedule_tick();
}

void Node::measure(const Work& before, const Work& after) {
  const std::uint64_t pieces = after.allocations - before.allocations;
  const std::uint64_t bytes = after.bytes - before.bytes;
  if (pieces <= kAllocationsMax && bytes <= kBytesMax) return;
  around_.checkers.fail('w', name() + " allocated " + std::to_string(bytes) + " bytes in " +
                                 std::to_string(pieces) + " pieces for one input");
}

void Node::schedule_tick() {
  const Instant deadline = engine_->next_deadline();
  if (deadline == kNever || deadline >= tick_at_) return;
  // Real timers are a little late, and never early.
  const Duration late = around_.random.duration(Duration{0}, milliseconds(8));
  tick_at_ = deadline;
  const Instant when = std::max(deadline, around_.scheduler.now()) + late;
  around_.scheduler.at(when, [this, generation = generation_, deadline] {
    if (generation != generation_ || deadline != tick_at_) return;
    tick_at_ = kNever;
    input([this](Engine& engine) {
      const Instant now = around_.scheduler.now();
      engine.tick(clocks());
      idle_ticks_ = engine.next_deadline() <= now ? idle_ticks_ + 1 : 0;
      if (idle_ticks_ > kIdleTicksMax) {
        around_.checkers.fail('x', name() + " asks for ticks in the past without end");
      }
    });
  });
}

void Node::carry_out(Output output) {
  if (auto* send = std::get_if<SendBytes>(&output)) {
    const auto found = connections_.find(static_cast<std::uint64_t>(send->connection));
    if (found == connections_.end()) return;
    found->second.link->write(found->second.side, std::move(send->bytes));
  } else if (auto* close = std::get_if<CloseConnection>(&output)) {
    const auto found = connections_.find(static_cast<std::uint64_t>(close->connection));
    if (found == connections_.end()) return;
    found->second.link->close(found->second.side, close->reason);
    connections_.erase(found);
  } else if (auto* dial = std::get_if<DialHub>(&output)) {
    carry_out_dial(*dial);
  } else if (auto* commit = std::get_if<CommitStorage>(&output)) {
    carry_out_commit(std::move(*commit));
  } else if (const auto* reading = std::get_if<HoldReading>(&output)) {
    // No run sends that much; a host may go on reading.
    around_.trace.event(name(), "reading", reading->hold ? "held" : "goes on");
  } else if (auto* notice = std::get_if<Notice>(&output)) {
    around_.trace.event(name(), "notice", notice->text);
    if (notice->kind == NoticeKind::block_quarantined && around_.lie == Lie::none &&
        !storage_.names_damage(notice->text)) {
      around_.checkers.fail('a', name() + " found a damaged block: " + notice->text);
    }
  }
}

End Node::end_for(std::uint64_t id, ConnectionInfo info) {
  // The generation keeps the events of a dead process from its successor.
  const auto generation = generation_;
  const ConnectionId connection{id};
  const auto alive = [this, generation, id] {
    return generation == generation_ && connections_.contains(id);
  };
  return End{
      .opened =
          [this, alive, connection, info] {
            if (!alive()) return;
            input([this, connection, info](Engine& e) { e.connected(connection, info, clocks()); });
          },
      .bytes =
          [this, alive, connection](std::string_view bytes) {
            if (!alive()) return;
            input([this, connection, owned = std::string(bytes)](Engine& e) {
              e.received(connection, owned, clocks());
            });
          },
      .written =
          [this, alive, connection](std::uint64_t count) {
            if (!alive()) return;
            input([this, connection, count](Engine& e) { e.sent(connection, count, clocks()); });
          },
      .closed =
          [this, alive, connection, id](std::string_view cause) {
            if (!alive()) return;
            connections_.erase(id);
            input([this, connection, owned = std::string(cause)](Engine& e) {
              e.closed(connection, owned, clocks());
            });
          },
  };
}

void Node::accept(const std::shared_ptr<Link>& link, ConnectionKind kind) {
  const std::uint64_t id = next_connection_++;
  ConnectionInfo info;
  info.kind = kind;
  info.address = "10.0.0.1:" + std::to_string(id);
  connections_[id] = {link, Side::right, kind != ConnectionKind::client};
  link->attach(Side::right, end_for(id, info));
}

void Node::refuse_dial(ConnectionId id, std::string cause, Duration delay) {
  around_.scheduler.after(delay, [this, generation = generation_, id, cause = std::move(cause)] {
    if (generation != generation_) return;
    input([this, id, cause](Engine& e) { e.closed(id, cause, clocks()); });
  });
}

void Node::carry_out_dial(const DialHub& dial) {
  around_.trace.event(name(), "dials", dial.url);
  const std::uint64_t id = static_cast<std::uint64_t>(dial.connection);
  if (connections_.contains(id)) {
    around_.checkers.fail('x', name() + " dials under a connection id that is in use");
    return;
  }
  std::shared_ptr<Link> link = dial_(*this);
  if (!link) {
    // A browser that knows it is offline fails at once; a black hole takes its time.
    const bool slow = around_.random.chance(30);
    refuse_dial(dial.connection, slow ? "Connection timed out" : "Connection refused",
                slow ? seconds(20) : milliseconds(5));
    return;
  }
  connections_[id] = {link, Side::left, true};
  ConnectionInfo info;
  info.kind = ConnectionKind::hub;
  info.websocket = true;
  info.address = dial.url;
  link->attach(Side::left, end_for(id, info));
  link->open(around_.random.duration(milliseconds(1), milliseconds(300)));
}

void Node::carry_out_commit(CommitStorage commit) {
  const Ticket ticket = commit.ticket;
  around_.trace.event(name(), "commit", std::to_string(commit.operations.size()));
  if (const std::string wrong = storage_.begin(std::move(commit)); !wrong.empty()) {
    around_.checkers.fail('x', name() + ": commit: " + wrong);
    return;
  }
  const Duration delay = slow_disk_ ? around_.random.duration(milliseconds(100), seconds(4))
                                    : around_.random.duration(microseconds(100), milliseconds(20));
  around_.scheduler.after(delay, [this, generation = generation_, ticket] {
    if (generation == generation_) commit_ended(ticket);
  });
}

void Node::commit_ended(Ticket ticket) {
  const bool by_chance = around_.random.chance(commit_failure_percent_);
  const bool failed = disk_full_ || by_chance || commits_to_fail_ > 0 || storage_.refused();
  if (commits_to_fail_ > 0) --commits_to_fail_;
  if (failed) {
    storage_.fail();
  } else {
    storage_.finish();
  }
  around_.trace.event(name(), failed ? "commit failed" : "committed");
  input([this, ticket, failed](Engine& e) {
    e.stored(ticket, failed ? "no space left on device" : "", clocks());
  });
}

void Node::change_leaf_rights(const std::function<void(User&)>& change) {
  for (User& leaf : config_.leaf_users) change(leaf);
  input([this](Engine& e) { e.change_access(config_, clocks()); });
}

void Node::network_hint(bool online) {
  input([this, online](Engine& e) { e.network_hint(online, clocks()); });
}
void Node::pause_link() {
  input([this](Engine& e) { e.pause_link(clocks()); });
}
void Node::resume_link() {
  input([this](Engine& e) { e.resume_link(clocks()); });
}

}  // namespace frond::sim
