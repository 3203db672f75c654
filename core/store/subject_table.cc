#include "store/subject_table.h"

#include "base/assert.h"
#include "base/sort.h"
#include "store/subject_filter.h"

#include <algorithm>

namespace frond::store {
namespace {

constexpr std::size_t sweep_min = 64;
constexpr std::size_t slots_min = 16;

// FNV-1a by words: subjects are short and not hostile beyond their own stream's speed.
std::uint64_t hash_of(std::string_view subject) {
  std::uint64_t hash = 0xcbf29ce484222325;
  const char* at = subject.data();
  std::size_t left = subject.size();
  const auto mix = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * 0x9E3779B97F4A7C15;
    hash ^= hash >> 29;
  };
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word = 0;
    __builtin_memcpy(&word, at, 8);
    mix(word);
  }
  std::uint64_t word = subject.size();
  for (; left > 0; --left, ++at) word = (word << 8) | static_cast<unsigned char>(*at);
  mix(word);
  return hash ^ (hash >> 32);
}

}  // namespace

std::size_t SequenceList::size() const {
  if (many_) return many_->sequences.size() - many_->head;
  return single_ == 0 ? 0 : 1;
}

std::uint64_t SequenceList::front() const { return at(0); }
std::uint64_t SequenceList::back() const { return many_ ? many_->sequences.back() : single_; }

std::uint64_t SequenceList::at(std::size_t index) const {
  FROND_ASSERT(index < size());
  return many_ ? many_->sequences[many_->head + index] : single_;
}

std::size_t SequenceList::lower_bound(std::uint64_t sequence) const {
  if (!many_) return single_ != 0 && single_ < sequence ? 1 : 0;
  const auto begin = many_->sequences.begin() + static_cast<std::ptrdiff_t>(many_->head);
  return static_cast<std::size_t>(std::lower_bound(begin, many_->sequences.end(), sequence) -
                                  begin);
}

void SequenceList::push_back(std::uint64_t sequence) {
  if (empty()) {
    many_.reset();
    single_ = sequence;
    return;
  }
  FROND_ASSERT(back() < sequence);
  if (!many_) {
    many_ = std::make_unique<Many>();
    many_->sequences.push_back(single_);
  }
  many_->sequences.push_back(sequence);
}

void SequenceList::remove(std::uint64_t sequence) {
  if (!many_) {
    FROND_ASSERT(single_ == sequence);
    single_ = 0;
    return;
  }
  const std::size_t index = lower_bound(sequence);
  FROND_ASSERT(index < size() && at(index) == sequence);
  std::vector<std::uint64_t>& all = many_->sequences;
  if (index == 0) {
    ++many_->head;
    if (many_->head > 16 && many_->head > all.size() / 2) {
      all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(many_->head));
      many_->head = 0;
    }
  } else {
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(many_->head + index));
  }
  if (many_->head == all.size()) {
    many_.reset();
    single_ = 0;
  }
}

std::size_t SubjectTable::slot_of(std::string_view subject, std::uint64_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash & mask;
  while (slots_[slot] != 0) {
    const Subject& candidate = subjects_[slots_[slot] - 1];
    if (candidate.hash == hash && candidate.name == subject) break;
    slot = (slot + 1) & mask;
  }
  return slot;
}

void SubjectTable::grow() {
  slots_.assign(std::max(slots_min, slots_.size() * 2), 0);
  for (std::size_t id = 0; id < subjects_.size(); ++id) {
    const Subject& subject = subjects_[id];
    if (subject.in_use) {
      slots_[slot_of(subject.name, subject.hash)] = static_cast<std::uint32_t>(id + 1);
    }
  }
}

void SubjectTable::sweep() {
  // Queries hold ids of swept subjects nowhere: and the order is without them from here on.
  const auto gone = [this](SubjectId id) { return subjects_[id].sequences.empty(); };
  order_.remove_if(gone);
  for (std::size_t id = 0; id < subjects_.size(); ++id) {
    if (!subjects_[id].in_use || !subjects_[id].sequences.empty()) continue;
    subjects_[id] = Subject{};
    free_.push_back(static_cast<SubjectId>(id));
  }
  used_slots_ -= empty_;
  empty_ = 0;
  std::fill(slots_.begin(), slots_.end(), 0);
  for (std::size_t id = 0; id < subjects_.size(); ++id) {
    const Subject& subject = subjects_[id];
    if (subject.in_use) {
      slots_[slot_of(subject.name, subject.hash)] = static_cast<std::uint32_t>(id + 1);
    }
  }
}

SubjectId SubjectTable::id_for(std::string_view subject) {
  if (empty_ > sweep_min && empty_ > size()) sweep();
  if ((used_slots_ + 1) * 2 > slots_.size()) grow();
  const std::uint64_t hash = hash_of(subject);
  const std::size_t slot = slot_of(subject, hash);
  if (slots_[slot] != 0) return slots_[slot] - 1;
  SubjectId id = 0;
  if (free_.empty()) {
    id = static_cast<SubjectId>(subjects_.size());
    subjects_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  Subject& made = subjects_[id];
  made.name = subject;
  made.hash = hash;
  made.in_use = true;
  slots_[slot] = id + 1;
  ++used_slots_;
  ++empty_;
  order_.add(id);
  return id;
}

std::optional<SubjectId> SubjectTable::find(std::string_view subject) const {
  if (slots_.empty()) return std::nullopt;
  const std::uint32_t found = slots_[slot_of(subject, hash_of(subject))];
  if (found == 0 || subjects_[found - 1].sequences.empty()) return std::nullopt;
  return found - 1;
}

void SubjectTable::add(SubjectId id, std::uint64_t sequence) {
  SequenceList& sequences = subjects_[id].sequences;
  if (sequences.empty()) --empty_;
  sequences.push_back(sequence);
}

void SubjectTable::remove(SubjectId id, std::uint64_t sequence) {
  SequenceList& sequences = subjects_[id].sequences;
  sequences.remove(sequence);
  if (sequences.empty()) ++empty_;
}

bool SubjectTable::each_matching(std::string_view filter, std::size_t& steps,
                                 const std::function<void(SubjectId)>& visit) const {
  if (!filter_has_wildcard(filter)) {
    if (const auto id = find(filter)) visit(*id);
    return true;
  }
  SubjectOrder::Walk walk(order_, filter);
  for (SubjectId id = 0; walk.next(id, steps);) {
    if (!subjects_[id].sequences.empty()) visit(id);
  }
  return walk.ended();
}

/// What the patterns match, each subject once. False when there were too few steps.
bool SubjectTable::each_in(std::span<const std::string> patterns, std::size_t& steps,
                           std::vector<SubjectId>& found) const {
  for (const std::string& pattern : patterns) {
    SubjectOrder::Walk walk(order_, pattern);
    for (SubjectId id = 0; walk.next(id, steps);) found.push_back(id);
    if (!walk.ended()) return false;
  }
  base::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return true;
}

bool SubjectTable::each_matching(const subject::FilterSet& filters, std::size_t& steps,
                                 const std::function<void(SubjectId)>& visit) const {
  for (const std::string& literal : filters.literals()) {
    const auto id = find(literal);
    // What a pattern matches as well is visited with the patterns.
    if (id && !filters.matches_pattern(literal)) visit(*id);
  }
  if (filters.patterns().size() == 1) return each_matching(filters.patterns()[0], steps, visit);
  // Many patterns may match the same subjects: then it is cheaper to go through all subjects once.
  const std::size_t once = filters.all() ? 0 : std::min(steps, 2 * subjects_.size());
  std::size_t left = once;
  std::vector<SubjectId> found;
  const bool all_found = !filters.all() && each_in(filters.patterns(), left, found);
  steps -= once - left;
  if (all_found) {
    for (const SubjectId id : found) {
      if (!subjects_[id].sequences.empty()) visit(id);
    }
    return true;
  }
  if (steps < subjects_.size()) return false;
  steps -= subjects_.size();
  for (SubjectId id = 0; id < subjects_.size(); ++id) {
    const Subject& subject = subjects_[id];
    if (!subject.sequences.empty() && (filters.all() || filters.matches_pattern(subject.name))) {
      visit(id);
    }
  }
  return true;
}

}  // namespace frond::store
