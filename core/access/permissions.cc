#include "access/permissions.h"

#include "subject/match.h"
#include "subject/validity.h"

#include <algorithm>

namespace frond::access {
namespace {

/// "subject" or "subject queue"; `queue` stays empty without one. False when malformed.
bool split_entry(std::string_view entry, std::string_view& subject, std::string_view& queue) {
  const auto word = [&entry]() {
    const std::size_t begin = std::min(entry.find_first_not_of(" \t"), entry.size());
    const std::size_t end = std::min(entry.find_first_of(" \t", begin), entry.size());
    const std::string_view found = entry.substr(begin, end - begin);
    entry.remove_prefix(end);
    return found;
  };
  subject = word();
  queue = word();
  return word().empty() && subject::valid(subject) && (queue.empty() || subject::valid(queue));
}

/// A queue in a permission may be a pattern itself ("v1.*"), but also literally be that name.
bool queue_matches(const std::vector<std::string>& queues, std::string_view queue) {
  return std::any_of(queues.begin(), queues.end(), [queue](const std::string& permitted) {
    return permitted == queue ||
           (subject::has_wildcards(permitted) && subject::is_subset(queue, permitted));
  });
}

}  // namespace

Permissions::Permissions(const User& user) {
  if (!user.publish.allow.empty() || user.responses) {
    publish_allow_.emplace();
    for (const std::string& subject : user.publish.allow) {
      if (subject::valid(subject)) {
        publish_allow_->at(subject);
      }
    }
  }
  for (const std::string& subject : user.publish.deny) {
    if (subject::valid(subject)) {
      publish_deny_.at(subject);
    }
  }
  if (!user.subscribe.allow.empty()) {
    subscribe_allow_ = subscribe_list(user.subscribe.allow);
  }
  subscribe_deny_ = subscribe_list(user.subscribe.deny);
  subscribe_deny_.each([this](std::string_view subject, const Scope&) {
    subscribe_deny_subjects_.emplace_back(subject);
  });
}

Permissions::Subscribe Permissions::subscribe_list(const std::vector<std::string>& entries) {
  Subscribe list;
  for (const std::string& entry : entries) {
    std::string_view subject;
    std::string_view queue;
    if (!split_entry(entry, subject, queue)) {
      continue;
    }
    Scope& scope = list.at(subject);
    if (queue.empty()) {
      scope.plain = true;
    } else {
      scope.queues.emplace_back(queue);
    }
  }
  return list;
}

bool Permissions::may_publish(std::string_view subject) const {
  const auto listed = [subject](const Publish& list) {
    return !list.match_literal(subject, [](const Right&) { return false; });
  };
  return (!publish_allow_ || listed(*publish_allow_)) &&
         (publish_deny_.empty() || !listed(publish_deny_));
}

/// nats-server's rule: queue-scoped entries that match a subject decide for queue subscriptions of
/// it in an allow list; in a deny list they only add to the plain ones.
bool Permissions::scope_has(const Subscribe& list, std::string_view subject, std::string_view queue,
                            bool allow) {
  bool plain = false;
  bool scoped = false;
  bool in_queue = false;
  list.match_literal(subject, [&](const Scope& scope) {
    plain = plain || scope.plain;
    scoped = scoped || !scope.queues.empty();
    in_queue = in_queue || queue_matches(scope.queues, queue);
  });
  if (queue.empty() || !scoped) {
    return plain;
  }
  return allow ? in_queue : plain || in_queue;
}

bool Permissions::may_subscribe(std::string_view subject, std::string_view queue) const {
  if (subscribe_allow_) {
    if (!scope_has(*subscribe_allow_, subject, queue, true)) {
      return false;
    }
    // Matched as a literal, "a.>" fits the entry "a.*", which is narrower: ask what covers it
    // whole.
    if (subject.ends_with(subject::any_rest)) {
      bool covered = false;
      subscribe_allow_->each([&covered, subject](std::string_view entry, const Scope&) {
        covered = covered || subject::is_subset(subject, entry);
      });
      if (!covered) {
        return false;
      }
    }
  }
  return subscribe_deny_.empty() || !scope_has(subscribe_deny_, subject, queue, false);
}

bool Permissions::filters_deliveries(std::string_view subject, std::string_view queue) const {
  if (queue.empty() && !subject::has_wildcards(subject)) {
    return false;
  }
  return std::any_of(
      subscribe_deny_subjects_.begin(), subscribe_deny_subjects_.end(),
      [subject](const std::string& denied) { return subject::overlap(denied, subject); });
}

bool Permissions::may_deliver(std::string_view subject, std::string_view queue) const {
  return subscribe_deny_.empty() || !scope_has(subscribe_deny_, subject, queue, false);
}

}  // namespace frond::access
