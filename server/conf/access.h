#pragma once
// What the blocks of a configuration file say of who may come in. No block can be judged alone
// (authorization may stand behind accounts, no_auth_user before both), so they are gathered here
// while the file is read and settled at its end: into the engine's users and token, or into an
// error. Whatever is said of access and cannot be kept ends the start. One per file.

#include "server/conf/settings.h"
#include "server/conf/value.h"

#include <optional>
#include <string>
#include <vector>

namespace frond::server {

struct ConfContext;  // section.h

/// One user of a list, and whether the file gives it permissions of its own.
struct ConfUser {
  User user;
  bool has_permissions = false;
};

/// What was said, and where.
template <class Value>
struct ConfSaid {
  Value value;
  ConfValue at;  ///< For errors: only its line is of interest.
};

/// An `authorization` block's user and password, or its token.
struct ConfLogin {
  std::optional<ConfSaid<std::string>> user, password, token;
};

struct ConfAccess {
  ConfLogin single;
  ConfLogin leaf_single;
  std::vector<ConfUser> users;          ///< Of the authorization block.
  std::vector<ConfUser> account_users;  ///< Of the one account.
  std::vector<ConfUser> leaf_users;
  std::optional<ConfSaid<std::string>> account;  ///< The one account's name.
  std::optional<bool> account_jetstream;         ///< As its block says.
  std::optional<ConfSaid<std::string>> system_account;
  bool system_account_described = false;
  std::optional<ConfSaid<std::size_t>> system_users;  ///< Of the system account: ignored.
  std::optional<ConfSaid<std::string>> leaf_account;  ///< Whose the leafs are.
  std::optional<ConfSaid<std::string>> leaf_authorization;
  std::optional<ConfSaid<std::string>> no_auth_user, websocket_no_auth_user;
};

/// A hash that would keep the host busy for longer than anybody waits ends the start.
void check_bcrypt_cost(const ConfContext& context, const ConfValue& at, const std::string& secret);

/// Turns what was gathered into users, token and no_auth_user of the settings.
void settle_access(const ConfContext& context);

}  // namespace frond::server
