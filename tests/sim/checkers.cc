#include "sim/checkers.h"

#include <algorithm>
#include <utility>

namespace frond::sim {

namespace {
std::string shown(const Stored& message) {
  return message.subject + " '" + message.payload.substr(0, 40) + "' at " +
         std::to_string(message.seq);
}
/// What the devices' streams FEED mirror.
const std::string kOrigin = "hub/FEED";
/// Where the devices' streams OUT are forwarded to.
const std::string kCollection = "hub/ALL";

bool is_mirror(std::string_view stream) { return stream.ends_with("/FEED") && stream != kOrigin; }

/// The stream of a device from which "out.<device>.<n>" comes.
std::string outbox_of(std::string_view subject) {
  subject.remove_prefix(subject.find('.') + 1);
  return std::string(subject.substr(0, subject.find('.'))) + "/OUT";
}

/// Replaces what `map` has of a node or stream by what `memory` has; null: by nothing.
template <class Map>
void restore(Map& map, const Map* memory, const std::string& prefix) {
  std::erase_if(map, [&](const auto& entry) { return entry.first.starts_with(prefix); });
  if (memory != nullptr) map.insert(memory->begin(), memory->end());
}

template <class Map>
Map part_of(const Map& map, const std::string& prefix) {
  Map part;
  for (const auto& entry : map) {
    if (entry.first.starts_with(prefix)) part.insert(entry);
  }
  return part;
}

std::multiset<std::string_view> payloads(const std::vector<Stored>& messages) {
  std::multiset<std::string_view> all;
  for (const Stored& message : messages) all.insert(message.payload);
  return all;
}
}  // namespace

void Checkers::fail(char check, std::string what) {
  trace_.event("checker", std::string("violation of ") + check, what);
  if (!violation_) violation_ = Violation{check, std::move(what)};
}

/// What was offered before the stream, or the origin of a mirror, lost its past may still come by:
/// delayed on a link, or in the part that was not lost. It proves nothing.
bool Checkers::of_the_past(const std::string& stream, const Stored& message) const {
  if (limbo_.contains(stream) || history_.before_break(stream, message.payload)) return true;
  if (stream == kCollection) {
    return history_.before_break(stream, outbox_of(message.subject), message.payload);
  }
  return is_mirror(stream) && history_.before_break(kOrigin, message.payload);
}

void Checkers::followed(const std::string& stream, const Stored& message, std::uint64_t last) {
  if (limbo_.contains(stream)) return;
  const auto& known = model_.known[stream];
  const auto between = known.upper_bound(last);
  const bool late = between != known.end() && between->first < message.seq &&
                    !of_the_past(stream, between->second);
  if (late || message.seq <= last) {
    fail('a', stream + " stored " + shown(message) + " where " + std::to_string(last) +
                  " was expected to be the last");
  }
}

void Checkers::read(const std::string& stream, const Stored& message) {
  if (message.payload == forbidden) fail('g', stream + " took " + shown(message));
  if (of_the_past(stream, message)) return;
  const auto [it, fresh] = model_.known[stream].emplace(message.seq, message);
  if (!fresh && it->second != message && of_the_past(stream, it->second)) it->second = message;
  if (it->second != message) {
    fail('a', stream + " has " + shown(message) + " where there was " + shown(it->second));
  }
}

void Checkers::acked(const std::string& stream, const Stored& message, bool duplicate,
                     std::optional<std::uint64_t> duplicate_of) {
  ++acks_;
  if (limbo_.contains(stream)) return;
  if (message.seq == 0) return fail('a', stream + " acknowledged sequence 0");
  if (duplicate_of && (!duplicate || message.seq != *duplicate_of)) {
    return fail('a', stream + " forgot a message id: " + shown(message) + ", stored before at " +
                         std::to_string(*duplicate_of));
  }
  read(stream, message);
  if (!of_the_past(stream, message)) model_.acked[stream].insert(message.seq);
}

void Checkers::swapped(const std::string& stream, const Stored& message, std::uint64_t expected) {
  for (const Swap& other : model_.swaps[stream + " " + message.subject]) {
    const bool between = other.seq > expected && other.seq < message.seq;
    const bool around = message.seq > other.expected && message.seq < other.seq;
    if (between || around) {
      return fail('a', stream + " let " + shown(message) + " replace " + std::to_string(expected) +
                           " although there is " + std::to_string(other.seq));
    }
  }
  model_.swaps[stream + " " + message.subject].push_back({message.seq, expected});
}

void Checkers::delivered(const std::string& stream, const std::string& consumer,
                         const Stored& message) {
  if (of_the_past(stream, message)) return;
  const auto acked = model_.double_acked.find(consumer);
  if (acked != model_.double_acked.end() && acked->second.contains(message.seq)) {
    fail('d', consumer + " delivered " + shown(message) + " again after its double ack");
  }
}

void Checkers::ack_sent(const std::string& consumer, std::uint64_t seq) {
  model_.ack_sent[consumer].insert(seq);
}

void Checkers::double_acked(const std::string& stream, const std::string& consumer,
                            const Stored& message, std::uint64_t sent) {
  // The answer may come after that of another client which has deleted the stream in between.
  if (history_.differs_since(stream, sent)) return;
  if (!of_the_past(stream, message)) model_.double_acked[consumer].insert(message.seq);
}

void Checkers::core_delivered(const std::string& receiver, std::string_view pattern_prefix,
                              std::string_view subject, std::string_view payload) {
  if (payload == forbidden) return fail('g', receiver + " heard a forbidden message");
  // The payload says where it was published: "<subject> <id>".
  const std::string_view published = payload.substr(0, payload.find(' '));
  if (!subject.starts_with(pattern_prefix) || subject != published) {
    return fail('e', receiver + " wants " + std::string(pattern_prefix) + " and got " +
                         std::string(subject) + ", published on " + std::string(published));
  }
  if (!core_[receiver].insert(std::string(payload)).second) {
    fail('e', receiver + " got twice: " + std::string(payload));
  }
}

/// How many messages of its subject came after it, those among them that are gone again.
std::size_t Checkers::newer_of(const std::string& stream, const Stored& message,
                               const std::vector<Stored>& now) const {
  std::set<std::uint64_t> newer;
  const auto count = [&](const Stored& other) {
    if (other.subject == message.subject && other.seq > message.seq) newer.insert(other.seq);
  };
  for (const Stored& other : now) count(other);
  for (const auto& [seq, other] : model_.known.at(stream)) count(other);
  return newer.size();
}

std::string Checkers::stream_holds(const std::string& stream, const std::vector<Stored>& now,
                                   std::size_t per_subject_max) const {
  std::map<std::uint64_t, const Stored*> by_seq;
  std::uint64_t last = 0;
  for (const Stored& message : now) {
    if (message.seq <= last) return stream + " is not in order at " + shown(message);
    last = message.seq;
    by_seq[message.seq] = &message;
  }
  const auto acked = model_.acked.find(stream);
  if (acked == model_.acked.end()) return {};
  for (const std::uint64_t seq : acked->second) {
    const Stored& expected = model_.known.at(stream).at(seq);
    const auto found = by_seq.find(seq);
    if (found != by_seq.end()) {
      if (*found->second == expected) continue;
      return stream + " has " + shown(*found->second) + " instead of " + shown(expected);
    }
    if (per_subject_max == 0 || newer_of(stream, expected, now) < per_subject_max) {
      return stream + " lost " + shown(expected);
    }
  }
  return {};
}

std::string Checkers::forwarded(const std::string& device, const std::vector<Stored>& outbox,
                                const std::vector<Stored>& hub) const {
  const std::string stream = device + "/OUT";
  const std::string prefix = "out." + device + ".";
  // Long after its first attempt an application may publish a message again whose ack it missed.
  const std::multiset<std::string_view> here = payloads(outbox);
  const auto collection_lost = [&](const Stored& message) {
    return history_.may_differ(kCollection, stream, message.payload);
  };
  // What was on its way when the hub's stream lost its past may have gone nowhere, and come again
  // behind what followed it; of what was published twice the hub may have refused either.
  const auto no_place = [&](const Stored& message) {
    return history_.before_break(kCollection, stream, message.payload) ||
           history_.is_damaged(kCollection, message.payload) ||
           (collection_lost(message) && here.count(message.payload) > 1);
  };
  const auto outbox_lost = [&](const Stored& message) {
    return history_.before_break(stream, message.payload) ||
           history_.may_differ(stream, stream, message.payload) ||
           history_.is_damaged(stream, message.payload);
  };
  std::multiset<std::string_view> there;
  std::vector<Stored> arrived, expected;
  for (const Stored& message : hub) {
    if (!message.subject.starts_with(prefix)) continue;
    if (history_.stray(stream, message.payload)) continue;
    there.insert(message.payload);
    // Of two that were there one or both may have gone since.
    const std::size_t at_least = outbox_lost(message) ? 2 : 1;
    if (there.count(message.payload) > std::max(at_least, here.count(message.payload))) {
      return "the hub has once too often: " + shown(message);
    }
    if (no_place(message)) continue;
    if (here.contains(message.payload) || !outbox_lost(message)) arrived.push_back(message);
  }
  for (const Stored& message : outbox) {
    if (no_place(message) || history_.stray(stream, message.payload)) continue;
    if (there.contains(message.payload) || !collection_lost(message)) expected.push_back(message);
  }
  auto at = expected.begin();
  for (const Stored& message : arrived) {
    if (at == expected.end()) return "the hub has one too many: " + shown(message);
    if (at->subject != message.subject || at->payload != message.payload) {
      return "the hub has " + shown(message) + " where " + shown(*at) + " comes next";
    }
    ++at;
  }
  return at == expected.end() ? std::string() : "the hub misses " + shown(*at);
}

std::string Checkers::mirrored(const std::string& device, const std::vector<Stored>& mirror,
                               const std::vector<Stored>& origin,
                               std::string_view subject_prefix) const {
  const std::string stream = device + "/FEED";
  const auto is_damaged = [&](const Stored& message) {
    return history_.is_damaged(stream, message.payload) ||
           history_.is_damaged(kOrigin, message.payload);
  };
  // Published anew long after its first attempt a message may stand there twice.
  const auto has = [](const std::vector<Stored>& all, const Stored& message) {
    const auto at = std::ranges::lower_bound(all, message.seq, {}, &Stored::seq);
    return at != all.end() && *at == message;
  };
  std::vector<Stored> kept, expected;
  for (const Stored& message : mirror) {
    // A purge of the origin leaves the mirror what it has.
    const bool purged =
        !has(origin, message) && history_.may_differ(kOrigin, kOrigin, message.payload);
    if (!purged && !is_damaged(message)) kept.push_back(message);
  }
  for (const Stored& message : origin) {
    if (!message.subject.starts_with(subject_prefix) || is_damaged(message)) continue;
    const bool purged =
        !has(mirror, message) && history_.may_differ(stream, kOrigin, message.payload);
    if (!purged) expected.push_back(message);
  }
  auto at = kept.begin();
  for (const Stored& message : expected) {
    if (at == kept.end()) return "the mirror misses " + shown(message);
    if (*at != message) return "the mirror has " + shown(*at) + " for " + shown(message);
    ++at;
  }
  return at == kept.end() ? std::string() : "the mirror has one too many: " + shown(*at);
}

std::string Checkers::kept(const std::string& device, const std::vector<Stored>& mirror) const {
  for (const Stored& message : mirror) {
    if (!history_.before_break(kOrigin, message.payload)) {
      return device + "/FEED has stopped and has what came after: " + shown(message);
    }
  }
  return {};
}

std::string Checkers::consumed(const std::string& consumer, const std::vector<Stored>& now) const {
  // After a break of its origin a mirror may have stopped, or have been made anew.
  if (restarted_.contains(consumer.substr(0, consumer.rfind('/')))) return {};
  const auto sent = model_.ack_sent.find(consumer);
  for (const Stored& message : now) {
    if (sent == model_.ack_sent.end() || !sent->second.contains(message.seq)) {
      return consumer + " did not deliver until it was acked: " + shown(message);
    }
  }
  return {};
}

// --- What misfortunes undo -------------------------------------------------------------------

Checkers::Memory Checkers::remember(const std::string& node) const {
  const std::string prefix = node + "/";
  return {part_of(model_.known, prefix),    part_of(model_.acked, prefix),
          part_of(model_.ack_sent, prefix), part_of(model_.double_acked, prefix),
          part_of(model_.swaps, prefix),    history_.now()};
}

void Checkers::rolled_back(const std::string& node, const Memory& memory) {
  const std::string prefix = node + "/";
  restore(model_.known, &memory.known, prefix);
  restore(model_.acked, &memory.acked, prefix);
  restore(model_.ack_sent, &memory.ack_sent, prefix);
  restore(model_.double_acked, &memory.double_acked, prefix);
  restore(model_.swaps, &memory.swaps, prefix);
  if (node == "hub") {
    history_.broke(kCollection);
    history_.broke("hub/DESK");
    origin_broke();
  } else {
    history_.broke(node + "/OUT");
    history_.broke(node + "/DESK");
    history_.broke(node + "/KV_conf");
    // What was known of its mirror then was known of an origin that is no more.
    if (history_.broke_since(kOrigin, memory.taken)) forget_mirrors(prefix);
  }
}

/// What mirrors hold, and where their consumers stand, is of the past.
void Checkers::origin_broke() {
  history_.broke(kOrigin);
  for (const auto& [stream, messages] : model_.known) {
    if (is_mirror(stream)) restarted_.insert(stream);
  }
  for (const auto& [consumer, sent] : model_.ack_sent) {
    const std::string stream = consumer.substr(0, consumer.rfind('/'));
    if (is_mirror(stream)) restarted_.insert(stream);
  }
  forget_mirrors({});
}

/// Of one node ("<node>/"), or of all.
void Checkers::forget_mirrors(std::string_view node) {
  const auto in_mirror = [node](const auto& entry) {
    return entry.first.find("/FEED") != std::string::npos && !entry.first.starts_with(kOrigin) &&
           entry.first.starts_with(node);
  };
  std::erase_if(model_.known, in_mirror);
  std::erase_if(model_.double_acked, in_mirror);
}

void Checkers::damaged(const std::string& stream, const Stored& message) {
  trace_.event(stream, "may lose", shown(message));
  history_.damaged(stream, message.payload);
  model_.acked[stream].erase(message.seq);
  std::erase_if(model_.swaps[stream + " " + message.subject],
                [&](const Swap& swap) { return swap.seq == message.seq; });
}

void Checkers::acks_forgotten(const std::string& stream) {
  restore<decltype(model_.double_acked)>(model_.double_acked, nullptr, stream + "/");
}

void Checkers::in_limbo(const std::string& stream, bool begins, bool purged) {
  emptied(stream, purged);
  if (begins) {
    limbo_.insert(stream);
  } else {
    limbo_.erase(stream);
  }
}

void Checkers::emptied(const std::string& stream, bool purged) {
  model_.acked.erase(stream);
  history_.copies_may_differ(stream);
  if (purged) return;
  model_.known.erase(stream);
  acks_forgotten(stream);
  restore<decltype(model_.ack_sent)>(model_.ack_sent, nullptr, stream + "/");
  if (stream == kOrigin) {
    origin_broke();
  } else if (!is_mirror(stream)) {
    history_.broke(stream);
  }
}

}  // namespace frond::sim
