// Below are the questions by subject. There are two ways to each answer: walking the sequences and
// matching their subjects (good when many match), or going through the matching subjects' own lists
// (good when few do). Which is better is not known before: they take turns, each twice as long as
// the one before, so that the answer costs no more than a few times what the better one alone
// would.

#include "store/message_index.h"
#include "store/subject_filter.h"
#include "subject/validity.h"

#include <algorithm>

namespace frond::store {
namespace {

// What nats-server adds to a message's bytes when it counts them for max_bytes: its record framing
// in files, sequence and time in memory. Kept so that the same limits keep the same messages.
constexpr std::uint64_t file_overhead = 30;
constexpr std::uint64_t file_header_overhead = 4;
constexpr std::uint64_t memory_overhead = 16;

constexpr std::size_t walk_min = 128;  // Of the first turn.
constexpr std::uint64_t subjects_few = 1024;

// Asking costs by the number of filters. What asking passes over is then at least what it costs.
std::size_t walk_max(const subject::FilterSet& filters) {
  return std::max(walk_min, filters.size());
}
// A few literals are found faster by their own lists.
bool walk_pays(const subject::FilterSet& filters) {
  constexpr std::size_t few_literals = 16;
  return !filters.patterns().empty() || filters.size() > few_literals;
}

}  // namespace

MessageIndex::MessageIndex(bool files, std::uint64_t* total) : files_(files), total_(total) {}

MessageIndex::~MessageIndex() { count_bytes(0, bytes_); }

void MessageIndex::count_bytes(std::uint64_t more, std::uint64_t less) {
  bytes_ += more - less;
  if (total_ != nullptr) *total_ += more - less;
}

std::uint64_t MessageIndex::size_of(std::size_t subject, std::size_t header,
                                    std::size_t payload) const {
  if (!files_) return memory_overhead + subject + header + payload;
  return file_overhead + subject + (header == 0 ? 0 : file_header_overhead + header) + payload;
}

void MessageIndex::add(const MessageRecord& message, IndexEntry entry) {
  entry.time_ns = message.time.time_since_epoch().count();
  entry.size = static_cast<std::uint32_t>(
      size_of(message.subject.size(), message.header.size(), message.payload.size()));
  entry.subject = subjects_.id_for(message.subject);
  add(message.sequence, entry);
}

void MessageIndex::add(std::uint64_t sequence, const IndexEntry& entry) {
  subjects_.add(entry.subject, sequence);
  sequences_.add(sequence, entry);
  count_bytes(entry.size, 0);
  last_time_ = WallTime(Duration(entry.time_ns));
}

void MessageIndex::remove(std::uint64_t sequence) {
  const IndexEntry& entry = *sequences_.find(sequence);
  count_bytes(0, entry.size);
  subjects_.remove(entry.subject, sequence);
  sequences_.remove(sequence);
}

void MessageIndex::settle_time() {
  const std::uint64_t newest = sequences_.at_or_before(~std::uint64_t{0});
  last_time_ = newest == 0 ? WallTime{} : WallTime(Duration(find(newest)->time_ns));
}

const SequenceList* MessageIndex::sequences_of(std::string_view subject) const {
  const auto id = subjects_.find(subject);
  return id ? &subjects_.sequences(*id) : nullptr;
}

void MessageIndex::each_subject(const subject::FilterSet& filters,
                                const VisitSubject& visit) const {
  std::size_t steps = ~std::size_t{0};
  subjects_.each_matching(
      filters, steps, [&](SubjectId id) { visit(subjects_.name(id), subjects_.sequences(id)); });
}

std::uint64_t MessageIndex::next_matching(const subject::FilterSet& filters,
                                          std::uint64_t from) const {
  std::uint64_t at = sequences_.at_or_after(from);
  if (filters.all()) return at;
  for (std::size_t turn = walk_max(filters);; turn *= 2) {
    for (std::size_t walked = 0; at != 0 && walk_pays(filters) && walked < turn; ++walked) {
      if (filters.matches(subject_of(*sequences_.find(at)))) return at;
      at = sequences_.at_or_after(at + 1);
    }
    if (at == 0) return 0;
    std::uint64_t best = 0;
    std::size_t steps = turn;
    const bool all = subjects_.each_matching(filters, steps, [&](SubjectId id) {
      const SequenceList& sequences = subjects_.sequences(id);
      const std::size_t index = sequences.lower_bound(at);
      if (index == sequences.size()) return;
      if (best == 0 || sequences.at(index) < best) best = sequences.at(index);
    });
    if (all) return best;
  }
}

std::uint64_t MessageIndex::last_matching(std::string_view filter, std::uint64_t to) const {
  std::uint64_t at = sequences_.at_or_before(to);
  if (filter.empty() || filter == ">") return at;
  if (!subject::valid(filter)) return 0;
  const bool walks = filter_has_wildcard(filter);
  for (std::size_t turn = walk_min;; turn *= 2) {
    for (std::size_t walked = 0; at != 0 && walks && walked < turn; ++walked) {
      if (filter_matches(filter, subject_of(*sequences_.find(at)))) return at;
      at = sequences_.at_or_before(at - 1);
    }
    if (at == 0) return 0;
    std::uint64_t best = 0;
    std::size_t steps = turn;
    const bool all = subjects_.each_matching(filter, steps, [&](SubjectId id) {
      const SequenceList& sequences = subjects_.sequences(id);
      const std::size_t above = sequences.lower_bound(at + 1);
      if (above > 0) best = std::max(best, sequences.at(above - 1));
    });
    if (all) return best;
  }
}

std::uint64_t MessageIndex::count_matching(const subject::FilterSet& filters,
                                           std::uint64_t from) const {
  const std::uint64_t all = sequences_.count_from(from);
  if (filters.all()) return all;
  // What has just come is faster looked at than asked for at every subject.
  const bool few = walk_pays(filters) && all <= walk_max(filters);
  std::uint64_t count = 0;
  std::size_t steps = few ? 0 : static_cast<std::size_t>(std::max(all, subjects_few));
  const auto add = [&](SubjectId id) {
    const SequenceList& sequences = subjects_.sequences(id);
    count += sequences.size() - sequences.lower_bound(from);
  };
  if (!few && subjects_.each_matching(filters, steps, add)) return count;
  count = 0;
  for (std::uint64_t at = sequences_.at_or_after(from); at != 0;
       at = sequences_.at_or_after(at + 1)) {
    count += filters.matches(subject_of(*sequences_.find(at))) ? 1 : 0;
  }
  return count;
}

}  // namespace frond::store
