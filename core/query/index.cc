#include "query/index.h"

#include "base/limits.h"
#include "base/sort.h"
#include "query/collation.h"

#include <algorithm>
#include <utility>

namespace frond::query {
namespace {

std::uint64_t beginning(std::string_view key) {
  std::uint64_t begin = 0;
  for (std::size_t i = 0; i < sizeof(begin); ++i) {
    begin = (begin << 8) | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0u);
  }
  return begin;
}

}  // namespace

Index::Index(std::string_view declared) : name_(declared) {
  while (!declared.empty()) {
    const std::size_t comma = std::min(declared.find(','), declared.size());
    slots_.push_back(fields_.add(declared.substr(0, comma)));
    declared.remove_prefix(std::min(comma + 1, declared.size()));
  }
}

void Index::add(const stream::StoredMessage& message) {
  if (!fields_.read(message) || fields_[slots_.front()].kind == Kind::missing) {
    return;
  }
  // Only the first array of a compound is taken apart.
  std::size_t array = 0;
  while (array < slots_.size() && fields_[slots_[array]].kind != Kind::array) {
    ++array;
  }
  const auto add_with = [&](const Value* item) {
    scratch_.clear();
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      append_key(scratch_, i == array && item != nullptr ? *item : fields_[slots_[i]]);
    }
    add_key(scratch_, message.sequence);
  };
  add_with(nullptr);
  if (array < slots_.size()) {
    JsonScan scan(fields_[slots_[array]].text);
    scan.enter();
    for (Value item; scan.item() && scan.value(item);) {
      add_with(&item);
    }
  }
}

void Index::add_key(std::string_view key, StreamSeq sequence) {
  entries_.push_back({beginning(key), sequence.value, static_cast<std::uint32_t>(keys_.size()),
                      static_cast<std::uint32_t>(key.size())});
  keys_.append(key);
}

void Index::drop_dead(const stream::Stream& stream) {
  std::string keys;
  std::size_t kept = 0;
  for (const Entry& entry : entries_) {
    if (stream.time_of({entry.sequence})) {
      const std::string_view key = key_of(entry);
      entries_[kept++] = {entry.begin, entry.sequence, static_cast<std::uint32_t>(keys.size()),
                          entry.size};
      keys.append(key);
    }
  }
  entries_.resize(kept);
  keys_ = std::move(keys);
  dead_ = 0;
}

void Index::settle(const stream::Stream& stream) {
  const std::size_t fresh = entries_.size() - sorted_;
  const bool drops = dead_ > base::query_index_fresh_max && dead_ > entries_.size() / 2;
  if (!drops && fresh <= std::max(base::query_index_fresh_max, sorted_ / 8)) {
    return;
  }
  const auto less = [this](const Entry& a, const Entry& b) {
    if (a.begin != b.begin) {
      return a.begin < b.begin;
    }
    const int order = key_of(a).compare(key_of(b));
    return order != 0 ? order < 0 : a.sequence < b.sequence;
  };
  std::vector<Entry> newest(entries_.begin() + static_cast<std::ptrdiff_t>(sorted_),
                            entries_.end());
  base::sort(newest, less);
  std::copy(newest.begin(), newest.end(), entries_.begin() + static_cast<std::ptrdiff_t>(sorted_));
  base::merge_at(entries_, sorted_, less);
  if (drops) {
    drop_dead(stream);
  }
  sorted_ = entries_.size();
}

bool Index::ranges_of(const Selector& selector, std::vector<KeyRange>& out) const {
  if (!selector.ranges_of(fields_.name(slots_.front()), out)) {
    return false;
  }
  for (std::size_t i = 1; i < slots_.size(); ++i) {
    std::vector<KeyRange> more;
    if (!std::ranges::all_of(out, &KeyRange::point) ||
        !selector.ranges_of(fields_.name(slots_[i]), more) ||
        out.size() * more.size() > base::query_conditions_max) {
      break;
    }
    std::vector<KeyRange> both;
    for (const KeyRange& point : out) {
      for (const KeyRange& range : more) {
        both.push_back({point.first + range.first,
                        range.end.empty() ? point.end : point.first + range.end, range.point});
      }
    }
    out = std::move(both);
  }
  return true;
}

bool Index::below(const Entry& entry, std::string_view key) const {
  const std::uint64_t begin = beginning(key);
  return entry.begin != begin ? entry.begin < begin : key_of(entry) < key;
}

bool Index::in(const Entry& entry, const KeyRange& range) const {
  return !below(entry, range.first) && (range.end.empty() || below(entry, range.end));
}

std::size_t Index::lower_bound(std::string_view key) const {
  std::size_t low = 0;
  for (std::size_t high = sorted_; low < high;) {
    const std::size_t middle = (low + high) / 2;
    if (below(entries_[middle], key)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

std::size_t Index::end_of(const KeyRange& range) const {
  return range.end.empty() ? sorted_ : lower_bound(range.end);
}

std::size_t Index::count(const std::vector<KeyRange>& ranges) const {
  std::size_t count = 0;
  for (const KeyRange& range : ranges) {
    for (std::size_t at = sorted_; at < entries_.size(); ++at) {
      count += in(entries_[at], range) ? 1 : 0;
    }
    count += end_of(range) - std::min(end_of(range), lower_bound(range.first));
  }
  return count;
}

void Index::collect(const std::vector<KeyRange>& ranges, StreamSeq up_to,
                    std::vector<StreamSeq>& out) const {
  const auto take = [&](const Entry& entry) {
    if (entry.sequence <= up_to.value) {
      out.push_back({entry.sequence});
    }
  };
  for (const KeyRange& range : ranges) {
    const std::size_t end = end_of(range);
    for (std::size_t at = lower_bound(range.first); at < end; ++at) {
      take(entries_[at]);
    }
    for (std::size_t at = sorted_; at < entries_.size(); ++at) {
      if (in(entries_[at], range)) {
        take(entries_[at]);
      }
    }
  }
  base::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
}

}  // namespace frond::query
