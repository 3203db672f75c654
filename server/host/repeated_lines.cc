#include "server/host/repeated_lines.h"

namespace frond::server {
namespace {

constexpr auto kQuiet = std::chrono::seconds(10);
// More different lines than this at one time are not told apart, and all written.
constexpr std::size_t kLinesMax = 256;

}  // namespace

bool RepeatedLines::admit(std::string_view line, Time now) {
  const auto found = seen_.find(line);
  if (found == seen_.end()) {
    if (seen_.size() < kLinesMax) {
      seen_.emplace(std::string(line), Seen{.until = now + kQuiet});
    }
    return true;
  }
  Seen& seen = found->second;
  if (now < seen.until || seen.more > 0) {
    ++seen.more;  // take_counted() tells of it.
    return false;
  }
  seen.until = now + kQuiet;
  return true;
}

std::vector<std::string> RepeatedLines::take_counted(Time now) {
  std::vector<std::string> counted;
  for (auto at = seen_.begin(); at != seen_.end();) {
    Seen& seen = at->second;
    if (now < seen.until) {
      ++at;
    } else if (seen.more == 0) {
      at = seen_.erase(at);
    } else {
      counted.push_back(at->first + " (" + std::to_string(seen.more) + " times more)");
      // It goes on being counted: a summary now and then, until it has stopped.
      seen = {.until = now + kQuiet};
      ++at;
    }
  }
  return counted;
}

}  // namespace frond::server
