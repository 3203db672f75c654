#pragma once
// Who may come in, as configuration files say it: users with a password and permissions, in a list
// or alone in a block. Clients, leafs and the one account have it in the same words.

#include "server/conf/section.h"

#include <string_view>
#include <vector>

namespace frond::server {

/// Whether the key of an `authorization` block is about users.
bool is_user_key(std::string_view key);

/// The users of one `authorization` block, with its default permissions applied.
std::vector<User> block_users(const ConfContext& context, const ConfMap& map);

}  // namespace frond::server
