#include "server/conf/users.h"

#include "server/access/nkey_text.h"
#include "server/conf/refused_keys.h"
#include "server/conf/settings_blocks.h"

#include <algorithm>
#include <string>
#include <utility>

namespace frond::server {
namespace {

SubjectRights subject_rights(const ConfContext& context, std::string_view key,
                             const ConfValue& value) {
  SubjectRights rights;
  if (!std::holds_alternative<ConfMap>(value.data)) {
    rights.allow = conf_texts(context, key, value);
    return rights;
  }
  conf_each(context, std::get<ConfMap>(value.data),
            [&](const std::string& name, const ConfValue& part) {
              if (name == "allow") {
                rights.allow = conf_texts(context, name, part);
              } else if (name == "deny") {
                rights.deny = conf_texts(context, name, part);
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
            [&](const std::string& name, const ConfValue& part) {
              if (name == "max" || name == "max_msgs" || name == "max_messages" ||
                  name == "max_responses") {
                const std::int64_t max = conf_number(context, name, part);
                rights.messages_max = max == 0 ? rights.messages_max : max;
              } else if (name == "expires" || name == "expiration" || name == "ttl") {
                const auto expires = conf_duration(context, name, part);
                rights.expires = expires.count() == 0 ? rights.expires : expires;
              } else {
                return false;
              }
              return true;
            });
  return rights;
}

void permissions(const ConfContext& context, const ConfMap& map, User& user) {
  conf_each(context, map, [&](const std::string& key, const ConfValue& value) {
    if (key == "publish" || key == "pub" || key == "import") {
      user.publish = subject_rights(context, key, value);
    } else if (key == "subscribe" || key == "sub" || key == "export") {
      user.subscribe = subject_rights(context, key, value);
    } else if (key == "allow_responses" || key == "allow_response") {
      user.responses = response_rights(context, key, value);
    } else {
      return false;
    }
    return true;
  });
}

/// The list of a `users` key.
std::vector<User> conf_users(const ConfContext& context, std::string_view key,
                             const ConfValue& value) {
  std::vector<User> users;
  for (const ConfValue& element : conf_array(context, key, value)) {
    User user;
    conf_each(
        context, conf_map(context, key, element),
        [&](const std::string& name, const ConfValue& part) {
          if (name == "user" || name == "username") {
            user.name = conf_text(context, name, part);
          } else if (name == "pass" || name == "password") {
            user.password = conf_text(context, name, part);
            if (user.password.rfind("$2", 0) == 0) {
              context.fail(part, "bcrypt passwords are not supported");
            }
          } else if (name == "permission" || name == "permissions" || name == "authorization") {
            permissions(context, conf_map(context, name, part), user);
          } else if (name == "nkey") {
            user.nkey = conf_text(context, name, part);
            if (!nkey_user_bytes(user.nkey)) {
              context.fail(part, "Not a valid public nkey for a user");
            }
          } else if (name == "account") {
            context.warn(part, "this server has one account: \"account\" is ignored");
          } else {
            return name == "allowed_connection_types" || name == "connection_types";
          }
          return true;
        });
    if (user.name.empty() && user.nkey.empty()) {
      context.fail(element, "User entry requires a user");
    }
    if (!user.nkey.empty() && !(user.name.empty() && user.password.empty())) {
      context.fail(element, "Nkey users do not take usernames or passwords");
    }
    if (!user.nkey.empty() && std::ranges::find(users, user.nkey, &User::nkey) != users.end()) {
      context.fail(element, "Duplicate nkey \"" + user.nkey + "\" detected");
    }
    users.push_back(std::move(user));
  }
  return users;
}

}  // namespace

bool is_user_key(std::string_view key) {
  return key == "user" || key == "username" || key == "pass" || key == "password" ||
         key == "users" || key.starts_with("default_permission") || key.starts_with("permission");
}

std::vector<User> block_users(const ConfContext& context, const ConfMap& map) {
  std::vector<User> users;
  const ConfValue* defaults = nullptr;
  User single;
  for (const auto& [key, value] : map) {
    if (key == "user" || key == "username") {
      single.name = conf_text(context, key, value);
    } else if (key == "pass" || key == "password") {
      single.password = conf_text(context, key, value);
    } else if (key == "users") {
      users = conf_users(context, key, value);
    } else if (key.starts_with("default_permission") || key.starts_with("permission")) {
      defaults = &value;
    }
  }
  if (!single.name.empty()) {
    users.push_back(std::move(single));
  }
  if (defaults != nullptr) {
    // Read through a user of that shape, so that both places have one syntax.
    ConfMap shape;
    shape.emplace_back("user", ConfValue{std::string("default"), "default", defaults->line, false});
    shape.emplace_back("permissions", *defaults);
    ConfArray list{ConfValue{std::move(shape), {}, defaults->line, false}};
    const ConfValue value{std::move(list), {}, defaults->line, false};
    const User model = conf_users(context, "default_permissions", value).front();
    for (User& user : users) {
      if (!user.restricted()) {
        user.publish = model.publish;
        user.subscribe = model.subscribe;
        user.responses = model.responses;
      }
    }
  }
  return users;
}

void read_authorization(const ConfContext& context, const ConfMap& map) {
  Config& engine = context.settings.engine;
  conf_each(context, map, [&](const std::string& key, const ConfValue& value) {
    if (key == "token") {
      engine.token = conf_text(context, key, value);
    } else if (key == "timeout") {
      const double* real = std::get_if<double>(&value.data);
      engine.auth_timeout = real != nullptr
                                ? std::chrono::nanoseconds(static_cast<std::int64_t>(*real * 1e9))
                                : conf_duration(context, key, value);
    } else if (is_refused_key(key)) {
      context.fail(value, "\"" + key + "\" is not supported");
    } else {
      return is_user_key(key);
    }
    return true;
  });
  engine.users = block_users(context, map);
}

/// One account is what this server has; a file that names one, and perhaps the system's, is fine.
void read_accounts(const ConfContext& context, const ConfMap& map) {
  const ConfValue* only = nullptr;
  for (const auto& [name, value] : map) {
    if (name == "SYS" || name == "$SYS") {
      context.warn(value, "the system account's users are ignored");
      continue;
    }
    if (only != nullptr) {
      context.fail(value, "several accounts are not supported: this server has one");
    }
    only = &value;
    conf_each(context, conf_map(context, name, value),
              [&](const std::string& key, const ConfValue& part) {
                if (key == "users") {
                  for (User& user : conf_users(context, key, part)) {
                    context.settings.engine.users.push_back(std::move(user));
                  }
                } else if (key == "jetstream") {
                  if (const auto* flag = std::get_if<bool>(&part.data)) {
                    context.settings.engine.jetstream &= *flag;
                  }
                } else {
                  context.fail(part, "\"" + key + "\" of an account is not supported");
                }
                return true;
              });
  }
}

}  // namespace frond::server
