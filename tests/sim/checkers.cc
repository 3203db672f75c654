#include "sim/checkers.h"

#include <algorithm>
#include <utility>

namespace frond::sim {

namespace {
std::string shown(const Stored& message) {
  return message.subject + " '" + message.payload.substr(0, 40) + "' at " +
         std::to_string(message.seq);
}
}  // namespace

void Checkers::fail(char check, std::string what) {
  trace_.event("checker", std::string("violation of ") + check, what);
  if (!violation_) violation_ = Violation{check, std::move(what)};
}

void Checkers::read(const std::string& stream, const Stored& message) {
  const auto [it, fresh] = known_[stream].emplace(message.seq, message);
  if (!fresh && it->second != message) {
    fail('a', stream + " has " + shown(message) + " where there was " + shown(it->second));
  }
}

void Checkers::acked(const std::string& stream, const Stored& message, bool duplicate,
                     std::optional<std::uint64_t> duplicate_of) {
  ++acks_;
  if (message.seq == 0) return fail('a', stream + " acknowledged sequence 0");
  if (duplicate_of && (!duplicate || message.seq != *duplicate_of)) {
    return fail('a', stream + " forgot a message id: " + shown(message) + ", stored before at " +
                         std::to_string(*duplicate_of));
  }
  read(stream, message);
  acked_[stream].insert(message.seq);
}

void Checkers::swapped(const std::string& stream, const Stored& message, std::uint64_t expected) {
  for (const Swap& other : swaps_[stream + " " + message.subject]) {
    const bool between = other.seq > expected && other.seq < message.seq;
    const bool around = message.seq > other.expected && message.seq < other.seq;
    if (between || around) {
      return fail('a', stream + " let " + shown(message) + " replace " + std::to_string(expected) +
                           " although there is " + std::to_string(other.seq));
    }
  }
  swaps_[stream + " " + message.subject].push_back({message.seq, expected});
}

void Checkers::delivered(const std::string& consumer, std::uint64_t seq) {
  const auto acked = double_acked_.find(consumer);
  if (acked != double_acked_.end() && acked->second.contains(seq)) {
    fail('d', consumer + " delivered " + std::to_string(seq) + " again after its double ack");
  }
}

void Checkers::ack_sent(const std::string& consumer, std::uint64_t seq) {
  ack_sent_[consumer].insert(seq);
}

void Checkers::double_acked(const std::string& consumer, std::uint64_t seq) {
  double_acked_[consumer].insert(seq);
}

void Checkers::core_delivered(const std::string& receiver, std::string_view pattern_prefix,
                              std::string_view subject, std::string_view payload) {
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

std::string Checkers::stream_holds(const std::string& stream, const std::vector<Stored>& now,
                                   std::size_t per_subject_max) const {
  std::map<std::uint64_t, const Stored*> by_seq;
  std::uint64_t last = 0;
  for (const Stored& message : now) {
    if (message.seq <= last) return stream + " is not in order at " + shown(message);
    last = message.seq;
    by_seq[message.seq] = &message;
  }
  const auto acked = acked_.find(stream);
  if (acked == acked_.end()) return {};
  for (const std::uint64_t seq : acked->second) {
    const Stored& expected = known_.at(stream).at(seq);
    const auto found = by_seq.find(seq);
    if (found != by_seq.end()) {
      if (*found->second == expected) continue;
      return stream + " has " + shown(*found->second) + " instead of " + shown(expected);
    }
    const auto newer = std::count_if(now.begin(), now.end(), [&](const Stored& other) {
      return other.subject == expected.subject && other.seq > seq;
    });
    if (per_subject_max == 0 || static_cast<std::size_t>(newer) < per_subject_max) {
      return stream + " lost " + shown(expected);
    }
  }
  return {};
}

std::string Checkers::forwarded(const std::vector<Stored>& device, const std::vector<Stored>& hub,
                                std::string_view subject_prefix) {
  auto at = device.begin();
  for (const Stored& message : hub) {
    if (!message.subject.starts_with(subject_prefix)) continue;
    if (at == device.end()) return "the hub has one too many: " + shown(message);
    if (at->subject != message.subject || at->payload != message.payload) {
      return "the hub has " + shown(message) + " where " + shown(*at) + " comes next";
    }
    ++at;
  }
  return at == device.end() ? std::string() : "the hub misses " + shown(*at);
}

std::string Checkers::mirrored(const std::vector<Stored>& mirror, const std::vector<Stored>& origin,
                               std::string_view subject_prefix) {
  auto at = mirror.begin();
  for (const Stored& message : origin) {
    if (!message.subject.starts_with(subject_prefix)) continue;
    if (at == mirror.end()) return "the mirror misses " + shown(message);
    if (*at != message) return "the mirror has " + shown(*at) + " for " + shown(message);
    ++at;
  }
  return at == mirror.end() ? std::string() : "the mirror has one too many: " + shown(*at);
}

std::string Checkers::consumed(const std::string& consumer, const std::vector<Stored>& now) const {
  const auto sent = ack_sent_.find(consumer);
  for (const Stored& message : now) {
    if (sent == ack_sent_.end() || !sent->second.contains(message.seq)) {
      return consumer + " did not deliver until it was acked: " + shown(message);
    }
  }
  return {};
}

}  // namespace frond::sim
