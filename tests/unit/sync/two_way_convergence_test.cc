// Two-way sync in any order of events: some devices, a hub and a third client that write the same
// few subjects, packets that stop anywhere, cuts, crashes with commits half done, failed commits, a
// hub that forgets ids, purges, loses its end or is made again. Whatever happened: when all are
// linked and quiet, each subject has the same last value everywhere.

#include "two_way_world.h"

#include <cstdlib>

namespace frond::sync {
namespace {

struct Rules {
  const char* policy = "";
  std::int64_t history = 1;
  bool purges = false;
  bool hub_loses = false;
};

class Chaos {
 public:
  Chaos(std::uint64_t seed, Rules rules)
      : dice_(seed), rules_(rules), w_(2 + seed % 3, rules.policy, rules.history) {
    for (auto& device : w_.devices) device->asked_is_there = true;
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) step();
    heal();
  }

  void heal() {
    w_.hub.refuse.clear();
    for (std::size_t d = 0; d < w_.devices.size(); ++d) {
      w_[d].disconnect();
      w_[d].commit();
      committed(d);
    }
    for (int round = 0; round < 3; ++round) {
      w_.connect();
      for (int i = 0; i < 12; ++i) {
        w_.rest(2500);
        answer_all();
      }
      // The hub's own removals are found once on each link.
      if (round < 2) {
        for (auto& device : w_.devices) device->disconnect();
      }
    }
  }

  void check() {
    for (int k = 0; k < keys; ++k) {
      const std::string key = "k" + std::to_string(k);
      const std::string there = w_.at_hub(key);
      for (std::size_t d = 0; d < w_.devices.size(); ++d) {
        CAPTURE(key, d);
        const std::string here = w_[d].value(key);
        // What the hub has no more is deleted here.
        CHECK((here == there || (there.empty() && here == "-")));
      }
    }
    for (std::size_t d = 0; d < w_.devices.size(); ++d) {
      CAPTURE(d, w_[d].way->status().last_error);
      CHECK(w_[d].way->status().queued == 0);
      CHECK(w_[d].way->status().lag == 0);
    }
    if (!rules_.hub_loses && !forgot_ids_) {
      for (const auto& [payload, times] : w_.hub.stored) {
        CAPTURE(payload);
        CHECK((payload.empty() || times == 1));
      }
    }
    check_kept();
  }

  /// Where the last to arrive wins, the last durable write of a device on a subject has arrived.
  void check_kept() {
    const std::string policy = rules_.policy;
    if (policy == "hub-wins" || policy == "ask" || rules_.hub_loses) return;
    for (const auto& [place, payload] : durable_) {
      CAPTURE(place.first, place.second, payload);
      CHECK((payload.empty() || w_.hub.stored.contains(payload)));
    }
  }

 private:
  static constexpr int keys = 4;

  TwoWayDevice& any() { return w_[dice_.below(w_.devices.size())]; }
  std::string any_key() { return "k" + std::to_string(dice_.below(keys)); }

  void write(std::size_t d) {
    TwoWayDevice& device = w_[d];
    const std::string key = any_key();
    const std::uint64_t kind = dice_.below(8);
    const std::string payload =
        kind > 1 ? "d" + std::to_string(d) + "." + std::to_string(++count_) : std::string();
    const std::string header = kind == 0 ? del_marker : kind == 1 ? purge_marker : std::string();
    if (device.write(key, payload, header) == 0) return;
    waiting_[d][key] = payload;
  }
  void committed(std::size_t d) {
    for (const auto& [key, payload] : std::exchange(waiting_[d], {})) durable_[{d, key}] = payload;
  }
  void answer_all() {
    for (auto& device : w_.devices) {
      for (const Packet& packet : std::exchange(device->told, {})) {
        if (packet.target.starts_with("$FROND.CONFLICT.")) {
          device->give({packet.reply, packet.reply, {}, {}, "m" + std::to_string(++count_)});
        }
      }
    }
  }
  void hub_trouble() {
    const std::uint64_t kind = dice_.below(40);
    if (kind == 0 && rules_.purges) w_.hub.purge("$KV.a." + any_key());
    if (kind == 1 && rules_.purges)
      w_.put(any_key(), "all" + std::to_string(++count_), "NATS/1.0\r\nNats-Rollup: all\r\n\r\n");
    if (kind == 2 && rules_.hub_loses) {
      for (auto& device : w_.devices) device->disconnect();
      if (dice_.below(3) == 0) {
        w_.hub.make_again();
      } else {
        w_.hub.lose_end(dice_.below(6));
      }
    }
    if (kind == 3) w_.hub.says_number = !w_.hub.says_number;
    if (kind == 4 && dice_.below(4) == 0) {
      w_.hub.ids.clear();
      forgot_ids_ = true;
    }
  }
  void step() {
    const std::size_t d = dice_.below(w_.devices.size());
    TwoWayDevice& device = w_[d];
    switch (dice_.below(16)) {
      case 0:
        write(d);
        break;
      case 1:
        if (dice_.below(3) == 0) w_.put(any_key(), "t" + std::to_string(++count_));
        break;
      case 2:
        device.connect();
        break;
      case 3:
        if (dice_.below(8) == 0) device.disconnect();
        break;
      case 4:
        if (dice_.below(20) == 0) {
          device.crash(dice_.below(4), dice_.below(200));
          // They may have become durable all the same.
          for (const auto& [key, payload] : std::exchange(waiting_[d], {}))
            durable_.erase({d, key});
        }
        break;
      case 5:
        if (dice_.below(20) == 0) {
          device.lose_commit();
          waiting_[d].clear();
        }
        break;
      case 6:
        w_.pass(static_cast<std::int64_t>(dice_.below(1500)));
        break;
      case 7:
        device.commit();
        committed(d);
        break;
      case 8:
        device.heartbeat();
        break;
      case 9:
        hub_trouble();
        if (dice_.below(10) == 0) answer_all();
        break;
      case 10:
      case 11:
        device.carry_up();
        break;
      case 12:
        device.deliver();
        break;
      default:
        device.carry_down();
    }
    device.tick();
  }

  test::TestEntropy dice_;
  const Rules rules_;
  TwoWayWorld w_;
  int count_ = 0;
  bool forgot_ids_ = false;
  std::map<std::size_t, std::map<std::string, std::string>> waiting_;
  std::map<std::pair<std::size_t, std::string>, std::string> durable_;
};

TEST_CASE("each subject ends with the same last value everywhere, whatever happened") {
  const char* const more = std::getenv("FROND_TWO_WAY_SEEDS");
  const std::uint64_t seeds = more == nullptr ? 12 : std::strtoull(more, nullptr, 10);
  const char* const from = std::getenv("FROND_TWO_WAY_FROM");
  const std::uint64_t first = from == nullptr ? 1 : std::strtoull(from, nullptr, 10);
  const Rules all[] = {{"", 1},
                       {"hub-wins", 1},
                       {"local-wins", 3},
                       {"ask", 1},
                       {"", 1, true},
                       {"hub-wins", 4, true},
                       {"", 1, true, true},
                       {"hub-wins", 1, true, true},
                       {"ask", 3, true, true}};
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    const Rules& rules = all[seed % std::size(all)];
    CAPTURE(seed, rules.policy, rules.history, rules.purges, rules.hub_loses);
    Chaos chaos(seed, rules);
    chaos.run(1500);
    chaos.check();
  }
}

}  // namespace
}  // namespace frond::sync
