#pragma once
// Users with a password or an nkey and permissions, as configuration files list them: clients' and
// leafs', in an authorization block or in an account.

#include "server/conf/access.h"
#include "server/conf/section.h"

#include <string>
#include <string_view>
#include <vector>

namespace frond::server {

/// The list of a `users` key, behind those of `before`: nobody may be there twice.
std::vector<ConfUser> conf_users(const ConfContext& context, std::string_view key,
                                 const ConfValue& value, std::vector<ConfUser> before);
/// Whose the leafs are, said of all or of one of them: always the same.
void say_leaf_account(const ConfContext& context, std::string_view key, const ConfValue& value,
                      std::optional<ConfSaid<std::string>>& account);
/// The same of leafs, who have no permissions of their own; `account` is what they say of theirs.
std::vector<ConfUser> conf_leaf_users(const ConfContext& context, std::string_view key,
                                      const ConfValue& value,
                                      std::optional<ConfSaid<std::string>>& account);

/// Gives the permissions of this block to all who have none of their own.
void apply_default_permissions(const ConfContext& context, std::string_view key,
                               const ConfValue& value, std::vector<ConfUser>& users);

/// What the keys that login_key() takes are called too.
inline constexpr std::string_view kUserNames = "user username";
inline constexpr std::string_view kPasswordNames = "password pass";

/// Takes `user`, `password` or `token`; false when it is none.
bool login_key(const ConfContext& context, const std::string& key, const ConfValue& value,
               ConfLogin& login);

/// `timeout` of an authorization block.
Duration conf_auth_timeout(const ConfContext& context, std::string_view key,
                           const ConfValue& value);

}  // namespace frond::server
