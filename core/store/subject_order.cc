#include "store/subject_order.h"

#include "base/sort.h"
#include "store/subject_filter.h"
#include "subject/tokens.h"

#include <algorithm>
#include <utility>

namespace frond::store {
namespace {

constexpr std::size_t chunk_ids_max = 512;
constexpr char behind_separator = subject::separator + 1;

}  // namespace

/// New ones go where they belong one by one, or all at once when they are many.
void SubjectOrder::sort_in() const {
  if (fresh_.size() < sorted_ / 8) {
    for (const SubjectId id : fresh_) insert(id);
    sorted_ += fresh_.size();
    fresh_.clear();
    return;
  }
  if (fresh_.empty()) return;
  const auto by_name = [this](SubjectId a, SubjectId b) {
    return names_.name_of(a) < names_.name_of(b);
  };
  base::sort(fresh_, by_name);
  std::vector<SubjectId> all;
  all.reserve(sorted_ + fresh_.size());
  for (const std::vector<SubjectId>& chunk : chunks_) {
    all.insert(all.end(), chunk.begin(), chunk.end());
  }
  const std::size_t middle = all.size();
  all.insert(all.end(), fresh_.begin(), fresh_.end());
  base::merge_at(all, middle, by_name);
  fresh_.clear();
  chunks_.clear();
  // Half full, so that there is room for those that come.
  for (std::size_t at = 0; at < all.size(); at += chunk_ids_max / 2) {
    const std::size_t end = std::min(all.size(), at + chunk_ids_max / 2);
    chunks_.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(at),
                         all.begin() + static_cast<std::ptrdiff_t>(end));
  }
  sorted_ = all.size();
}

void SubjectOrder::insert(SubjectId id) const {
  const std::string_view name = names_.name_of(id);
  const auto below = [this](SubjectId one, std::string_view value) {
    return names_.name_of(one) < value;
  };
  auto chunk = std::partition_point(
      chunks_.begin(), chunks_.end(),
      [&](const std::vector<SubjectId>& one) { return below(one.back(), name); });
  if (chunk == chunks_.end()) --chunk;  // Behind all others.
  chunk->insert(std::lower_bound(chunk->begin(), chunk->end(), name, below), id);
  if (chunk->size() < chunk_ids_max) return;
  const auto middle = chunk->begin() + chunk_ids_max / 2;
  std::vector<SubjectId> upper(middle, chunk->end());
  chunk->erase(middle, chunk->end());
  chunks_.insert(chunk + 1, std::move(upper));
}

SubjectOrder::Walk::Walk(const SubjectOrder& order, std::string_view filter)
    : order_(order), target_(literal_prefix(filter)) {
  order.sort_in();
  for (subject::TokenCursor cursor(filter); cursor.next();) tokens_.push_back(cursor.token());
}

/// Compares token by token. When the name does not match, target_ or the next name is where it may
/// go on.
bool SubjectOrder::Walk::matches(std::string_view name) {
  seeks_ = true;
  std::size_t at = 0;
  for (std::size_t i = 0;; ++i) {
    const std::string_view want = tokens_[i];
    if (want == subject::any_rest) return true;
    const std::size_t end = std::min(name.find(subject::separator, at), name.size());
    const std::string_view rest = name.substr(at);
    if (want != subject::any_token && want != name.substr(at, end - at)) {
      // Names that go on with `want` come later, or have all been passed.
      target_.assign(name.substr(0, at)).append(want);
      if (rest < want) return false;
      target_ += subject::separator;
      if (name < target_) return false;
      behind_ = at == 0;
      if (!behind_) target_.assign(name.substr(0, at - 1)) += behind_separator;
      return false;
    }
    const bool last = i + 1 == tokens_.size();
    if (end == name.size()) {
      seeks_ = false;  // Too short; what continues it, or one of its tokens, comes behind it.
      return last;
    }
    if (last) {
      target_.assign(name.substr(0, end)) += behind_separator;  // What continues it is too long.
      return false;
    }
    at = end + 1;
  }
}

/// To the first name at or above target_, from here on.
void SubjectOrder::Walk::seek() {
  const auto& chunks = order_.chunks_;
  const auto below = [this](SubjectId id) { return order_.names_.name_of(id) < target_; };
  if (chunk_ < chunks.size() && below(chunks[chunk_].back())) {
    const auto from = chunks.begin() + static_cast<std::ptrdiff_t>(chunk_) + 1;
    chunk_ = static_cast<std::size_t>(
        std::partition_point(from, chunks.end(),
                             [&](const std::vector<SubjectId>& one) { return below(one.back()); }) -
        chunks.begin());
    at_ = 0;
  }
  if (chunk_ == chunks.size()) return;
  const std::vector<SubjectId>& chunk = chunks[chunk_];
  // The next one is it as often as not.
  if (!below(chunk[at_])) return;
  const auto from = chunk.begin() + static_cast<std::ptrdiff_t>(at_) + 1;
  at_ = static_cast<std::size_t>(std::partition_point(from, chunk.end(), below) - chunk.begin());
}

bool SubjectOrder::Walk::next(SubjectId& id, std::size_t& steps) {
  const auto& chunks = order_.chunks_;
  while (!ended() && steps > 0) {
    --steps;
    if (std::exchange(seeks_, false)) seek();
    if (ended()) return false;
    id = chunks[chunk_][at_];
    const bool fits = matches(order_.names_.name_of(id));
    if (fits) seeks_ = false;
    if (behind_) {
      chunk_ = chunks.size();
    } else if (!seeks_ && ++at_ == chunks[chunk_].size()) {
      ++chunk_;
      at_ = 0;
    }
    if (fits) return true;
  }
  return false;
}

}  // namespace frond::store
