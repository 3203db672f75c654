#include "store/block_summary.h"

#include "base/limits.h"
#include "base/sort.h"
#include "store/varint.h"

#include <algorithm>
#include <cstring>

namespace frond::store {
namespace {

/// Numbers for subjects in the order in which they come, from 1 on.
class SubjectNumbers {
 public:
  SubjectNumbers(const std::vector<std::uint64_t>& live, const MessageIndex& index) {
    ids_.reserve(live.size());
    for (const std::uint64_t sequence : live) ids_.push_back(index.find(sequence)->subject);
    base::sort(ids_);
    ids_.erase(std::unique(ids_.begin(), ids_.end()), ids_.end());
    numbers_.resize(ids_.size());
  }
  /// 0 for one that is new.
  std::uint32_t of(SubjectId id) {
    std::uint32_t& number = numbers_[static_cast<std::size_t>(
        std::lower_bound(ids_.begin(), ids_.end(), id) - ids_.begin())];
    if (number != 0) return number;
    number = ++count_;
    return 0;
  }

 private:
  std::vector<SubjectId> ids_;
  std::vector<std::uint32_t> numbers_;  // By the place in ids_.
  std::uint32_t count_ = 0;
};

/// Takes numbers off the front; once something is missing, only zeros.
class Numbers {
 public:
  explicit Numbers(std::string_view bytes) : rest_(bytes) {}
  std::uint64_t next() {
    std::uint64_t number = 0;
    good_ = good_ && take_varint(rest_, number);
    return good_ ? number : 0;
  }
  std::string_view text(std::uint64_t length) {
    good_ = good_ && length <= rest_.size();
    if (!good_) return {};
    const std::string_view out = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return out;
  }
  /// No more than what is left could hold.
  std::size_t count() {
    const std::uint64_t number = next();
    good_ = good_ && number <= rest_.size();
    return good_ ? static_cast<std::size_t>(number) : 0;
  }
  bool require(bool holds) { return good_ = good_ && holds; }
  bool good() const { return good_; }
  bool at_end() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

void read_removed(Numbers& in, BlockSummary& summary) {
  std::uint64_t end = 0;
  for (std::size_t left = in.count(); left > 0 && in.good(); --left) {
    const std::uint64_t gap = in.next();
    const std::uint64_t more = in.next();
    if (!in.require(gap <= summary.stream_last - end && more <= summary.stream_last - end - gap)) {
      return;
    }
    summary.removed.push_back({end + gap, end + gap + more});
    end += gap + more;
  }
}

/// `offset` is where the block's records end.
void read_messages(Numbers& in, std::uint64_t offset, BlockSummary& summary) {
  std::uint64_t sequence = 0;
  std::uint64_t time = 0;
  std::uint64_t end = format::block_header_bytes;
  std::size_t left = in.count();
  summary.messages.reserve(left);
  for (; left > 0 && in.good(); --left) {
    const std::uint64_t step = in.next();
    if (!in.require(step > 0 && step <= summary.last - sequence)) return;
    sequence += step;
    in.require(sequence >= summary.first);
    time += from_zigzag(in.next());
    const std::uint64_t gap = in.next();
    const std::uint64_t length = in.next();
    const std::uint64_t size = length + from_zigzag(in.next());
    std::uint64_t subject = in.next();
    if (!in.require(gap <= offset - end && length <= offset - end - gap &&
                    subject <= summary.subjects.size())) {
      return;
    }
    if (subject == 0) {
      summary.subjects.push_back(in.text(in.next()));
      subject = summary.subjects.size();
    }
    summary.messages.push_back({sequence,
                                {.time_ns = static_cast<std::int64_t>(time),
                                 .offset = static_cast<std::uint32_t>(end + gap),
                                 .length = static_cast<std::uint32_t>(length),
                                 .size = static_cast<std::uint32_t>(size),
                                 .subject = static_cast<std::uint32_t>(subject - 1)}});
    end += gap + length;
  }
}

}  // namespace

void write_summary(std::string& out, const BlockSummary& summary,
                   const std::vector<std::uint64_t>& live, const MessageIndex& index) {
  std::string body;
  for (const std::uint64_t number :
       {format::summary_version, summary.first, summary.last, summary.records, summary.stream_last,
        summary.commit_bytes, std::uint64_t{summary.headers},
        std::uint64_t{summary.removed.size()}}) {
    add_varint(body, number);
  }
  std::uint64_t end = 0;
  for (const SequenceRange& range : summary.removed) {
    add_varint(body, range.first - end);
    add_varint(body, range.last - range.first);
    end = range.last;
  }
  add_varint(body, live.size());
  SubjectNumbers numbers(live, index);
  std::uint64_t before = 0;
  std::uint64_t time = 0;
  end = format::block_header_bytes;
  for (const std::uint64_t sequence : live) {
    const IndexEntry& entry = *index.find(sequence);
    const auto entry_time = static_cast<std::uint64_t>(entry.time_ns);
    const std::uint32_t number = numbers.of(entry.subject);
    for (const std::uint64_t field :
         {sequence - before, zigzag(entry_time - time), entry.offset - end,
          std::uint64_t{entry.length}, zigzag(std::uint64_t{entry.size} - entry.length),
          std::uint64_t{number}}) {
      add_varint(body, field);
    }
    if (number == 0) {
      const std::string_view name = index.subject_named(entry.subject);
      add_varint(body, name.size());
      body += name;
    }
    before = sequence;
    time = entry_time;
    end = entry.offset + entry.length;
  }
  write_summary_record(out, body);
}

std::uint64_t summary_length(std::string_view end) {
  if (end.size() != format::summary_end_bytes) return 0;
  std::uint32_t length = 0;
  std::uint32_t magic = 0;
  std::memcpy(&length, end.data(), sizeof(length));
  std::memcpy(&magic, end.data() + sizeof(length), sizeof(magic));
  return magic == format::summary_magic ? length : 0;
}

std::optional<BlockSummary> read_summary(std::string_view record, std::uint64_t offset) {
  RawRecord raw;
  if (read_record(record, raw) != RecordStatus::ok || raw.length != record.size() ||
      raw.type != format::RecordType::summary || raw.fields.size() < format::summary_end_bytes) {
    return std::nullopt;
  }
  raw.fields.remove_suffix(format::summary_end_bytes);
  Numbers in(raw.fields);
  if (in.next() != format::summary_version) return std::nullopt;
  BlockSummary summary;
  summary.first = in.next();
  summary.last = in.next();
  summary.records = in.next();
  summary.stream_last = in.next();
  summary.commit_bytes = in.next();
  summary.headers = in.next() != 0;
  in.require(summary.first <= summary.last && summary.last <= summary.stream_last &&
             summary.stream_last <= base::sequence_max && offset >= format::block_header_bytes);
  read_removed(in, summary);
  read_messages(in, offset, summary);
  if (!in.at_end()) return std::nullopt;
  return summary;
}

}  // namespace frond::store
