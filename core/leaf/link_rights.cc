#include "leaf/link_rights.h"

#include "subject/match.h"
#include "subject/trie_patterns.h"
#include "subject/validity.h"

#include <algorithm>
#include <limits>

namespace frond::leaf {

namespace {

/// `$FROND.<domain>.QUERY.<stream>` and what belongs to it (domain_queries): they are what others
/// may ask a node by its domain. The rest of `$FROND.>` is between a node and its own clients.
bool is_query_by_domain(std::string_view subject) {
  constexpr std::string_view own = "$FROND.";
  const std::size_t domain = subject.find('.', own.size());
  if (!subject.starts_with(own) || domain == std::string_view::npos) {
    return false;
  }
  return std::ranges::any_of(domain_queries, [&](std::string_view query) {
    return subject::matches(query, subject.substr(domain + 1));
  });
}

/// JetStream's subjects belong to the node they are used on, $SYS and $FROND to the node itself.
bool is_local(std::string_view subject) {
  return subject.starts_with("$JS.API.") || subject.starts_with("$KV.") ||
         subject.starts_with("$OBJ.") || subject.starts_with("$SYS.") ||
         (subject.starts_with("$FROND.") && !is_query_by_domain(subject));
}

/// Requests under this node's own domain are for itself.
bool is_own_api(std::string_view subject, std::string_view domain) {
  const auto under = [&](std::string_view before, std::string_view behind) {
    return subject.starts_with(before) && subject.substr(before.size()).starts_with(domain) &&
           subject.substr(before.size() + domain.size()).starts_with(behind);
  };
  return !domain.empty() && (under("$JS.", ".API.") || under("$FROND.", "."));
}

/// An entry may name a queue group behind the subject ("q q1", leafnode-protocol 8).
struct Entry {
  std::string_view subject, queue;
};
Entry split_entry(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) {
    return {text, {}};
  }
  const std::size_t queue = text.find_first_not_of(' ', space);
  return {text.substr(0, space),
          queue == std::string_view::npos ? std::string_view{} : text.substr(queue)};
}

}  // namespace

std::vector<std::string> domain_api_subjects(std::string_view domain) {
  const std::string prefix = "$JS." + std::string(domain) + ".API.";
  std::vector<std::string> subjects;
  for (const char* part : {"INFO", "STREAM.>", "CONSUMER.>", "DIRECT.>", "META.>", "SERVER.>",
                           "ACCOUNT.>", "$KV.>", "$OBJ.>"}) {
    subjects.push_back(prefix + part);
  }
  return subjects;
}

LinkRights::Lists::Lists(const SubjectRights& rights)
    : allows_all(rights.allow.empty()), allow(list(rights.allow)), deny(list(rights.deny)) {}

LinkRights::List LinkRights::Lists::list(const std::vector<std::string>& entries) {
  List list;
  for (const std::string& text : entries) {
    const Entry entry = split_entry(text);
    if (!subject::valid(entry.subject)) {
      continue;  // Matches nothing; in an allow list that is all it allows.
    }
    Scope& scope = list.at(entry.subject);
    if (entry.queue.empty()) {
      scope.plain = true;
    } else {
      scope.queues.emplace_back(entry.queue);
    }
  }
  return list;
}

/// An entry with a queue speaks of the subscriptions in such groups only.
bool LinkRights::Scope::applies(std::string_view queue) const {
  return plain || (!queue.empty() && std::ranges::any_of(queues, [queue](const std::string& own) {
           return subject::matches(own, queue);
         }));
}

bool LinkRights::Lists::allow_literal(std::string_view subject, std::string_view queue) const {
  const auto hit = [&](const List& list) {
    return !list.match_literal(subject,
                               [queue](const Scope& scope) { return !scope.applies(queue); });
  };
  return (allows_all || hit(allow)) && !hit(deny);
}

bool LinkRights::Lists::allow_wildcard(std::string_view subject, std::string_view queue) const {
  std::size_t steps = std::numeric_limits<std::size_t>::max();
  const auto passes = [queue](const Scope& scope) { return !scope.applies(queue); };
  return (allows_all ||
          subject::visit_overlapping(allow, subject, steps, passes) == subject::Search::stopped) &&
         subject::visit_covering(deny, subject, steps, passes) != subject::Search::stopped;
}

void LinkRights::set_permissions(const std::optional<SubjectRights>& send,
                                 const std::optional<SubjectRights>& listen) {
  send_.reset();
  listen_.reset();
  if (send) {
    send_.emplace(*send);
  }
  if (listen) {
    listen_.emplace(*listen);
  }
}

bool LinkRights::may_send(std::string_view subject) const {
  return !is_local(subject) && !subject.starts_with("$O.") && !is_own_api(subject, own_domain_) &&
         permits_send(subject);
}

bool LinkRights::permits_send(std::string_view subject) const {
  // A hub lets acknowledgements and service replies pass whatever the permissions.
  return !send_ || subject.starts_with("$JS.ACK.") || subject.starts_with("_R_.") ||
         send_->allow_literal(subject, {});
}

bool LinkRights::permits_listen(std::string_view subject, std::string_view queue) const {
  return !listen_ || listen_->allow_literal(subject, queue);
}

bool LinkRights::may_receive(std::string_view subject) const { return !is_local(subject); }

bool LinkRights::may_announce(std::string_view subject, std::string_view queue) const {
  if (is_local(subject) || subject.starts_with("$O.")) {
    return false;
  }
  if (!listen_ || subject.starts_with("$LDS.")) {
    return true;
  }
  const bool wildcard = subject::has_wildcards(subject);
  return wildcard ? listen_->allow_wildcard(subject, queue) : permits_listen(subject, queue);
}

}  // namespace frond::leaf
