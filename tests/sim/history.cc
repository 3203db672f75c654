#include "sim/history.h"

namespace frond::sim {

namespace {
std::string_view first_word(std::string_view payload) {
  return payload.substr(0, payload.find(' '));
}
}  // namespace

void History::offered(const std::string& stream, std::string_view payload) {
  offered_[stream].emplace(first_word(payload), ++clock_);
  if (gone_.contains(stream)) stray_[stream].emplace(first_word(payload));
}

void History::damaged(const std::string& stream, std::string_view payload) {
  damaged_[stream].emplace(first_word(payload));
}

std::uint64_t History::at(const Times& times, const std::string& stream) {
  const auto found = times.find(stream);
  return found == times.end() ? 0 : found->second;
}

/// Behind everything when nobody has said that he would publish it.
std::uint64_t History::offered_at(const std::string& stream, std::string_view payload) const {
  const auto found = offered_.find(stream);
  if (found == offered_.end()) return ~std::uint64_t{0};
  const auto when = found->second.find(first_word(payload));
  return when == found->second.end() ? ~std::uint64_t{0} : when->second;
}

bool History::before_break(const std::string& stream, const std::string& source,
                           std::string_view payload) const {
  const std::uint64_t broke = at(broke_, stream);
  return broke != 0 && offered_at(source, payload) < broke;
}

bool History::may_differ(const std::string& stream, const std::string& source,
                         std::string_view payload) const {
  const std::uint64_t differ = at(differ_, stream);
  return differ != 0 && offered_at(source, payload) < differ;
}

bool History::is_damaged(const std::string& stream, std::string_view payload) const {
  const auto found = damaged_.find(stream);
  return found != damaged_.end() && found->second.contains(first_word(payload));
}

bool History::stray(const std::string& stream, std::string_view payload) const {
  const auto found = stray_.find(stream);
  return found != stray_.end() && found->second.contains(first_word(payload));
}

}  // namespace frond::sim
