#include "server/conf/users.h"

#include "server/access/bcrypt.h"
#include "server/access/nkey_text.h"
#include "server/conf/permissions.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <utility>

namespace frond::server {
namespace {

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

ConnectionTypes connection_types(const ConfContext& context, std::string_view key,
                                 const ConfValue& value) {
  const std::vector<std::string> names = conf_texts(context, key, value);
  if (names.empty()) {
    return {};
  }
  ConnectionTypes types{false, false, false, false};
  for (const std::string& name : names) {
    const std::string type = upper(name);
    if (type == "STANDARD") {
      types.standard = true;
    } else if (type == "WEBSOCKET") {
      types.websocket = true;
    } else if (type == "LEAFNODE") {
      types.leafnode = true;
    } else if (type == "LEAFNODE_WS") {
      types.leafnode_ws = true;
    } else if (type != "MQTT" && type != "MQTT_WS" && type != "IN_PROCESS") {
      context.fail(value, "invalid connection types [\"" + name + "\"]");
    }
  }
  return types;
}

ConfUser one_user(const ConfContext& context, std::string_view list, const ConfValue& element) {
  ConfUser found;
  User& user = found.user;
  conf_each(context, conf_map(context, list, element),
            {kUserNames, kPasswordNames, "permissions permission authorization",
             "allowed_connection_types connection_types clients"},
            [&](const std::string& key, const ConfValue& part) {
              if (key == "user") {
                user.name = conf_text(context, key, part);
              } else if (key == "password") {
                user.password = conf_text(context, key, part);
                check_bcrypt_cost(context, part, user.password);
              } else if (key == "permissions") {
                read_permissions(context, key, part, user);
                found.has_permissions = true;
              } else if (key == "nkey") {
                user.nkey = conf_text(context, key, part);
              } else if (key == "allowed_connection_types") {
                user.connection_types = connection_types(context, key, part);
              } else {
                return false;
              }
              return true;
            });
  if (user.name.empty() && user.nkey.empty()) {
    context.fail(element, "User entry requires a user");
  }
  if (!user.nkey.empty() && !nkey_user_bytes(user.nkey)) {
    context.fail(element, "Not a valid public nkey for a user");
  }
  if (!user.nkey.empty() && !(user.name.empty() && user.password.empty())) {
    context.fail(element, "Nkey users do not take usernames or passwords");
  }
  return found;
}

void add(const ConfContext& context, const ConfValue& at, std::vector<ConfUser>& users,
         ConfUser user) {
  const auto same = [&](const ConfUser& other) {
    return other.user.name == user.user.name && other.user.nkey == user.user.nkey;
  };
  if (std::ranges::any_of(users, same)) {
    context.fail(at, user.user.nkey.empty() ? "Duplicate user \"" + user.user.name + "\" detected"
                                            : "Duplicate nkey \"" + user.user.nkey + "\" detected");
  }
  users.push_back(std::move(user));
}

}  // namespace

std::vector<ConfUser> conf_users(const ConfContext& context, std::string_view key,
                                 const ConfValue& value, std::vector<ConfUser> before) {
  for (const ConfValue& element : conf_array(context, key, value)) {
    add(context, element, before, one_user(context, key, element));
  }
  return before;
}

void say_leaf_account(const ConfContext& context, std::string_view key, const ConfValue& value,
                      std::optional<ConfSaid<std::string>>& account) {
  ConfSaid<std::string> said{conf_text(context, key, value), value};
  if (account && account->value != said.value) {
    context.fail(value, "leafs of several accounts are not supported: this server has one account");
  }
  account = std::move(said);
}

std::vector<ConfUser> conf_leaf_users(const ConfContext& context, std::string_view key,
                                      const ConfValue& value,
                                      std::optional<ConfSaid<std::string>>& account) {
  std::vector<ConfUser> users;
  for (const ConfValue& element : conf_array(context, key, value)) {
    ConfUser found;
    conf_each(context, conf_map(context, key, element), {kUserNames, kPasswordNames},
              [&](const std::string& name, const ConfValue& part) {
                if (name == "user") {
                  found.user.name = conf_text(context, name, part);
                } else if (name == "password") {
                  found.user.password = conf_text(context, name, part);
                  check_bcrypt_cost(context, part, found.user.password);
                } else if (name == "account") {
                  say_leaf_account(context, name, part, account);
                } else if (name == "nkey") {
                  context.fail(part, "nkey users of leafs are not supported");
                } else {
                  return false;
                }
                return true;
              });
    if (found.user.name.empty()) {
      context.fail(element, "User entry requires a user");
    }
    add(context, element, users, std::move(found));
  }
  return users;
}

void apply_default_permissions(const ConfContext& context, std::string_view key,
                               const ConfValue& value, std::vector<ConfUser>& users) {
  User model;
  read_permissions(context, key, value, model);
  for (ConfUser& one : users) {
    if (!one.has_permissions) {
      one.user.publish = model.publish;
      one.user.subscribe = model.subscribe;
      one.user.responses = model.responses;
    }
  }
}

bool login_key(const ConfContext& context, const std::string& key, const ConfValue& value,
               ConfLogin& login) {
  std::optional<ConfSaid<std::string>>* said = nullptr;
  if (key == "user") {
    said = &login.user;
  } else if (key == "password") {
    said = &login.password;
  } else if (key == "token") {
    said = &login.token;
  } else {
    return false;
  }
  *said = ConfSaid<std::string>{conf_text(context, key, value), value};
  if (said != &login.user) {
    check_bcrypt_cost(context, value, (*said)->value);
  }
  return true;
}

Duration conf_auth_timeout(const ConfContext& context, std::string_view key,
                           const ConfValue& value) {
  constexpr double longest = 1e6;
  const double* real = std::get_if<double>(&value.data);
  if (real != nullptr && !(*real >= 0 && *real <= longest)) {
    context.fail(value, "\"timeout\" must be a duration");
  }
  const Duration timeout = real != nullptr ? Duration(static_cast<std::int64_t>(*real * 1e9))
                                           : Duration(conf_duration(context, key, value));
  return timeout.count() <= 0 ? Config{}.auth_timeout : timeout;
}

}  // namespace frond::server
