#pragma once
// What allow_responses gives a user (SU-15): with every request delivered to a session comes the
// right to publish so many messages, for so long, to its reply subject. The session grants at
// deliveries and asks when its lists forbid a publish. Lives as long as the session; at its bound
// the oldest right goes.

#include <frond/config.h>
#include <frond/types.h>

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace frond::access {

class ReplyRights {
 public:
  explicit ReplyRights(const ResponseRights& rights) : rights_(rights) {}

  void grant(std::string_view reply, Instant now);
  /// Whether one more message may go there; it is counted.
  bool use(std::string_view subject, Instant now);
  std::size_t size() const { return granted_.size(); }

 private:
  struct Grant {
    std::string subject;
    Instant since;
    std::int64_t used = 0;
  };
  bool expired(const Grant& grant, Instant now) const;
  void drop(std::list<Grant>::iterator grant);

  ResponseRights rights_;
  std::list<Grant> granted_;  // The oldest in front.
  std::unordered_map<std::string_view, std::list<Grant>::iterator> by_subject_;
};

}  // namespace frond::access
