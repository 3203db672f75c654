#pragma once
// A device (or the hub) of the simulated world: one process that holds an Engine, its disk, and the
// connections it has. Carries out the engine's outputs in virtual time. The process can crash at
// any point (the engine is destroyed, the disk crashes, connections die), be stopped in order, or
// freeze for a while as a phone does; the disk and the node's name outlive it.

#include "sim/checkers.h"
#include "sim/lie.h"
#include "sim/random.h"
#include "sim/scheduler.h"
#include "sim/sim_network.h"
#include "sim/sim_storage.h"
#include "sim/trace.h"
#include "sim/work.h"

#include <frond/engine.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace frond::sim {

class Node {
 public:
  struct Surroundings {
    Scheduler& scheduler;
    Random& random;
    Trace& trace;
    Checkers& checkers;
    Lie lie;
  };
  /// Asks the world for a connection to the hub; nothing when there is no way to it now.
  using Dial = std::function<std::shared_ptr<Link>(Node& from)>;

  Node(Surroundings around, Config config, bool appends, Dial dial);

  const std::string& name() const { return config_.name; }
  const std::string& domain() const { return config_.domain; }
  bool running() const { return engine_ != nullptr; }
  /// It has run since then without a restart and without being frozen.
  bool undisturbed_since(Instant when) const {
    return running() && started_ <= when && frozen_until_ <= when;
  }
  void start();
  /// The process dies. With `power_lost` the other ends of its links to other nodes are not told.
  void crash(bool power_lost);
  /// Engine::shutdown, then the end of the process a little later.
  void stop();
  /// No input reaches the engine until then; they wait in order.
  void freeze(Duration duration);

  /// Another end (right side of `link`) connects to this node; must be running.
  void accept(const std::shared_ptr<Link>& link, ConnectionKind kind);
  void network_hint(bool online);
  void pause_link();
  void resume_link();
  /// All commits fail until the disk is emptied again.
  void disk_full(bool full) { disk_full_ = full; }
  /// Chance in percent that one commit fails by itself.
  void commit_failures(unsigned percent) { commit_failure_percent_ = percent; }
  void fail_next_commits(unsigned count) { commits_to_fail_ = count; }
  void slow_disk(bool slow) { slow_disk_ = slow; }
  /// Somebody sets the wall clock; the monotonic one goes on.
  void set_wall_clock(Duration ahead);
  /// After a restart the ages of what was stored before can only be told by a clock that nobody
  /// set.
  bool clock_set_since(Instant when) const { return clock_set_ >= when; }
  SimStorage& disk() { return storage_; }
  /// The rights of those who join as a leaf are now as `change` makes them.
  void change_leaf_rights(const std::function<void(User&)>& change);
  std::string status() const { return engine_ ? engine_->status_json() : "not running"; }

 private:
  struct Connection {
    std::shared_ptr<Link> link;
    Side side;
    bool far;  ///< Between two nodes; an application sits in the same machine as its node.
  };
  using Input = std::function<void(Engine&)>;

  Now clocks() const;
  void input(Input action);
  void run(const Input& action);
  void measure(const Work& before, const Work& after);
  void carry_out(Output output);
  void carry_out_dial(const DialHub& dial);
  void carry_out_commit(CommitStorage commit);
  void commit_ended(Ticket ticket);
  void schedule_tick();
  End end_for(std::uint64_t id, ConnectionInfo info);
  void refuse_dial(ConnectionId id, std::string cause, Duration delay);

  Surroundings around_;
  Config config_;
  Dial dial_;
  SimStorage storage_;
  SimEntropy entropy_;
  std::unique_ptr<Engine> engine_;
  std::uint64_t generation_ = 0;  ///< Of the process; events of an earlier one are void.
  std::uint64_t next_connection_ = 1;
  std::map<std::uint64_t, Connection> connections_;
  std::deque<Input> waiting_;  ///< Inputs of a frozen process.
  Instant started_{};
  Instant frozen_until_{};
  Instant tick_at_ = kNever;
  unsigned idle_ticks_ = 0;  ///< Ticks in a row after which the deadline was not in the future.
  bool disk_full_ = false;
  bool slow_disk_ = false;
  unsigned commit_failure_percent_ = 0;
  Duration wall_ahead_{0};  ///< Of the world's time.
  Instant clock_set_{};     ///< When somebody last set it.
  unsigned commits_to_fail_ = 0;
};

}  // namespace frond::sim
