#pragma once
// Gives the log a rate: a line goes out at once, and what says the same within the next seconds is
// counted instead; one line at the end says how often it came. Owned by the Log.

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace frond::server {

class RepeatedLines {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Whether this line is to be written; else it has been counted.
  bool admit(std::string_view line, Time now);
  /// "<line> (37 times more)" for those whose time is over, if they came again.
  std::vector<std::string> take_counted(Time now);

 private:
  struct Seen {
    Time until;
    std::uint64_t more = 0;
  };
  std::map<std::string, Seen, std::less<>> seen_;
};

}  // namespace frond::server
