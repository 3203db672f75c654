#include "access/reply_rights.h"

#include "base/limits.h"

#include <iterator>

namespace frond::access {

bool ReplyRights::expired(const Grant& grant, Instant now) const {
  return rights_.expires.count() > 0 && now - grant.since > rights_.expires;
}

void ReplyRights::drop(std::list<Grant>::iterator grant) {
  by_subject_.erase(grant->subject);
  granted_.erase(grant);
}

void ReplyRights::grant(std::string_view reply, Instant now) {
  if (const auto found = by_subject_.find(reply); found != by_subject_.end()) {
    drop(found->second);  // A new request is a new right.
  }
  while (!granted_.empty() &&
         (granted_.size() >= base::reply_rights_max || expired(granted_.front(), now))) {
    drop(granted_.begin());
  }
  granted_.push_back({std::string(reply), now});
  const auto last = std::prev(granted_.end());
  by_subject_.emplace(last->subject, last);
}

bool ReplyRights::use(std::string_view subject, Instant now) {
  const auto found = by_subject_.find(subject);
  if (found == by_subject_.end()) {
    return false;
  }
  Grant& grant = *found->second;
  ++grant.used;
  const bool spent = rights_.messages_max > 0 && grant.used > rights_.messages_max;
  if (spent || expired(grant, now)) {
    drop(found->second);
    return false;
  }
  return true;
}

}  // namespace frond::access
