#include "leaf/link_rights.h"

#include "subject/match.h"
#include "subject/validity.h"

#include <algorithm>

namespace frond::leaf {

namespace {

/// JetStream's subjects belong to the node they are used on, $SYS and $FROND to the node itself.
bool is_local(std::string_view subject) {
  return subject.starts_with("$JS.API.") || subject.starts_with("$KV.") ||
         subject.starts_with("$OBJ.") || subject.starts_with("$SYS.") ||
         subject.starts_with("$FROND.");
}

bool is_own_api(std::string_view subject, std::string_view domain) {
  constexpr std::string_view js = "$JS.";
  constexpr std::string_view api = ".API.";
  return !domain.empty() && subject.starts_with(js) &&
         subject.substr(js.size()).starts_with(domain) &&
         subject.substr(js.size() + domain.size()).starts_with(api);
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

bool applies(const Entry& entry, std::string_view queue) {
  return entry.queue.empty() || (!queue.empty() && subject::matches(entry.queue, queue));
}

bool allows_literal(const SubjectRights& rights, std::string_view subject, std::string_view queue) {
  const auto hit = [&](const std::string& text) {
    const Entry entry = split_entry(text);
    return applies(entry, queue) && subject::matches(entry.subject, subject);
  };
  return (rights.allow.empty() || std::ranges::any_of(rights.allow, hit)) &&
         std::ranges::none_of(rights.deny, hit);
}

bool allows_wildcard(const SubjectRights& rights, std::string_view subject,
                     std::string_view queue) {
  const auto overlaps = [&](const std::string& text) {
    const Entry entry = split_entry(text);
    return applies(entry, queue) && subject::overlap(entry.subject, subject);
  };
  const auto covers = [&](const std::string& text) {
    const Entry entry = split_entry(text);
    return applies(entry, queue) && subject::is_subset(subject, entry.subject);
  };
  return (rights.allow.empty() || std::ranges::any_of(rights.allow, overlaps)) &&
         std::ranges::none_of(rights.deny, covers);
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

void LinkRights::set_permissions(std::optional<SubjectRights> send,
                                 std::optional<SubjectRights> listen) {
  send_ = std::move(send);
  listen_ = std::move(listen);
}

bool LinkRights::may_send(std::string_view subject) const {
  return !is_local(subject) && !subject.starts_with("$O.") && !is_own_api(subject, own_domain_) &&
         permits_send(subject);
}

bool LinkRights::permits_send(std::string_view subject) const {
  // A hub lets acknowledgements and service replies pass whatever the permissions.
  return !send_ || subject.starts_with("$JS.ACK.") || subject.starts_with("_R_.") ||
         allows_literal(*send_, subject, {});
}

bool LinkRights::permits_listen(std::string_view subject, std::string_view queue) const {
  return !listen_ || allows_literal(*listen_, subject, queue);
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
  return wildcard ? allows_wildcard(*listen_, subject, queue) : permits_listen(subject, queue);
}

}  // namespace frond::leaf
