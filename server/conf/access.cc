#include "server/conf/access.h"

#include "server/access/bcrypt.h"
#include "server/conf/section.h"

#include <algorithm>
#include <string>
#include <utility>

namespace frond::server {
namespace {

/// The user of a block that has only one; nothing when it names none.
std::optional<User> single_user(const ConfContext& context, const ConfLogin& login) {
  // Half a user would leave everything open while it looks closed.
  if (login.password && (!login.user || login.user->value.empty())) {
    context.fail(login.password->at, "a password needs a user");
  }
  if (login.user && login.user->value.empty()) {
    context.fail(login.user->at, "the user has no name");
  }
  if (!login.user) {
    return std::nullopt;
  }
  User user;
  user.name = login.user->value;
  if (login.password) {
    user.password = login.password->value;
  }
  return user;
}

void check_single(const ConfContext& context) {
  const ConfAccess& access = context.access;
  const ConfLogin& login = access.single;
  if (login.token && login.token->value.empty()) {
    context.fail(login.token->at, "the token is empty");
  }
  if (login.token && (login.user || login.password)) {
    context.fail(login.token->at, "Cannot have a user/pass and token");
  }
  const bool listed = !access.users.empty() || !access.account_users.empty();
  if (listed && login.user) {
    context.fail(login.user->at, "Can not have a single user/pass and a users array");
  }
  if (listed && login.token) {
    context.fail(login.token->at, "Can not have a token and a users array");
  }
}

/// This node has one account. What nats-server would keep apart in two must not meet here.
void check_accounts(const ConfContext& context) {
  const ConfAccess& access = context.access;
  const bool own = !access.account_users.empty();
  if (own && !access.users.empty()) {
    context.fail(access.account->at,
                 "users of the authorization block and of an account are not supported: "
                 "this server has one account");
  }
  if (access.leaf_account &&
      (!access.account || access.leaf_account->value != access.account->value)) {
    context.fail(access.leaf_account->at,
                 "\"account\" names none that this file describes: this server has one account");
  }
  if (own && access.leaf_authorization && !access.leaf_account) {
    context.fail(access.leaf_authorization->at,
                 "leafs would be of another account than the users: name it with \"account\"");
  }
  if (access.system_account && !access.system_account_described) {
    context.fail(access.system_account->at,
                 "system_account \"" + access.system_account->value + "\" is not in accounts");
  }
  if (access.system_users && access.system_users->value > 0 && !own && access.users.empty() &&
      !access.single.user && !access.single.token) {
    context.fail(access.system_users->at,
                 "only the system account has users: nobody could come in");
  }
}

void check_stand_in(const ConfContext& context, const std::optional<ConfSaid<std::string>>& said,
                    const std::vector<User>& listed) {
  if (!said || said->value.empty()) {
    return;
  }
  if (listed.empty()) {
    context.fail(said->at,
                 "no_auth_user: \"" + said->value + "\" present, but users/nkeys are not defined");
  }
  if (std::ranges::none_of(listed, [&](const User& user) {
        return user.nkey.empty() ? user.name == said->value : user.nkey == said->value;
      })) {
    context.fail(said->at, "no_auth_user: \"" + said->value +
                               "\" not present as user or nkey in authorization block or account "
                               "configuration");
  }
}

std::vector<User> plain_users(const std::vector<ConfUser>& list) {
  std::vector<User> users;
  for (const ConfUser& one : list) {
    users.push_back(one.user);
  }
  return users;
}

}  // namespace

void check_bcrypt_cost(const ConfContext& context, const ConfValue& at, const std::string& secret) {
  if (bcrypt_cost(secret) > kBcryptCostMax) {
    context.fail(at, "bcrypt hashes of a cost above " + std::to_string(kBcryptCostMax) +
                         " are not supported");
  }
}

void settle_access(const ConfContext& context) {
  const ConfAccess& access = context.access;
  Config& engine = context.settings.engine;
  check_single(context);
  check_accounts(context);
  std::vector<User> listed = plain_users(access.users);
  const std::vector<User> of_account = plain_users(access.account_users);
  listed.insert(listed.end(), of_account.begin(), of_account.end());
  check_stand_in(context, access.no_auth_user, listed);
  check_stand_in(context, access.websocket_no_auth_user, listed);
  engine.users = std::move(listed);
  if (auto user = single_user(context, access.single)) {
    engine.users.push_back(std::move(*user));
  }
  if (access.single.token) {
    engine.token = access.single.token->value;
  }
  engine.leaf_users = plain_users(access.leaf_users);
  if (auto user = single_user(context, access.leaf_single)) {
    if (!engine.leaf_users.empty()) {
      context.fail(access.leaf_single.user->at,
                   "can not have a single user/pass and a users array");
    }
    engine.leaf_users.push_back(std::move(*user));
  }
  engine.no_auth_user = access.no_auth_user ? access.no_auth_user->value : std::string();
  engine.websocket_no_auth_user =
      access.websocket_no_auth_user ? access.websocket_no_auth_user->value : std::string();
  // An account has a JetStream only when its block says so.
  context.settings.account_without_jetstream =
      !access.account_users.empty() && !access.account_jetstream.value_or(false);
}

}  // namespace frond::server
