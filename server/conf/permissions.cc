#include "server/conf/permissions.h"

#include "subject/validity.h"

#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace frond::server {
namespace {

/// "subject", or "subject queue" where a queue group may stand.
void check_subject(const ConfContext& context, const ConfValue& at, const std::string& text,
                   bool with_queue) {
  if (subject::valid(text)) {
    return;
  }
  std::istringstream words(text);
  std::vector<std::string> parts;
  for (std::string word; words >> word;) {
    parts.push_back(word);
  }
  const bool queued = with_queue && parts.size() == 2 && subject::valid(parts[0]);
  if (queued && !subject::valid(parts[1])) {
    context.fail(at, "queue \"" + parts[1] + "\" is not a valid queue");
  }
  if (!queued) {
    context.fail(at, "subject \"" + text + "\" is not a valid subject");
  }
}

std::vector<std::string> subjects(const ConfContext& context, std::string_view key,
                                  const ConfValue& value, bool with_queue) {
  std::vector<std::string> list = conf_texts(context, key, value);
  for (const std::string& one : list) {
    check_subject(context, value, one, with_queue);
  }
  return list;
}

SubjectRights subject_rights(const ConfContext& context, std::string_view key,
                             const ConfValue& value, bool with_queue) {
  SubjectRights rights;
  if (!std::holds_alternative<ConfMap>(value.data)) {
    rights.allow = subjects(context, key, value, with_queue);
    return rights;
  }
  conf_each(context, std::get<ConfMap>(value.data), {},
            [&](const std::string& name, const ConfValue& part) {
              if (name == "allow") {
                rights.allow = subjects(context, name, part, with_queue);
              } else if (name == "deny") {
                rights.deny = subjects(context, name, part, with_queue);
              } else {
                return false;
              }
              return true;
            });
  return rights;
}

/// True, false, or a block of what differs from the defaults; zero keeps a default there.
std::optional<ResponseRights> response_rights(const ConfContext& context, std::string_view key,
                                              const ConfValue& value) {
  ResponseRights rights;
  if (const auto* flag = std::get_if<bool>(&value.data)) {
    return *flag ? std::optional(rights) : std::nullopt;
  }
  conf_each(context, conf_map(context, key, value),
            {"max max_msgs max_messages max_responses", "expires expiration ttl"},
            [&](const std::string& name, const ConfValue& part) {
              if (name == "max") {
                const std::int64_t max = conf_integer(context, name, part);
                rights.messages_max = max == 0 ? rights.messages_max : max;
              } else if (name == "expires") {
                conf_text(context, name, part);  // A bare number is none here, unlike elsewhere.
                const auto expires = conf_duration(context, name, part);
                rights.expires = expires.count() == 0 ? rights.expires : expires;
              } else {
                return false;
              }
              return true;
            });
  return rights;
}

}  // namespace

void read_permissions(const ConfContext& context, std::string_view key, const ConfValue& value,
                      User& user) {
  conf_each(
      context, conf_map(context, key, value),
      {"publish pub import", "subscribe sub export", "allow_responses publish_allow_responses"},
      [&](const std::string& name, const ConfValue& part) {
        if (name == "publish") {
          user.publish = subject_rights(context, name, part, false);
        } else if (name == "subscribe") {
          user.subscribe = subject_rights(context, name, part, true);
        } else if (name == "allow_responses") {
          user.responses = response_rights(context, name, part);
        } else {
          return false;
        }
        return true;
      });
}

}  // namespace frond::server
