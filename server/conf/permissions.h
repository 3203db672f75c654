#pragma once
// What a user may publish, subscribe to and answer, as a `permissions` block says it. Used by
// users.

#include "server/conf/section.h"

#include <frond/config.h>

#include <string_view>

namespace frond::server {

void read_permissions(const ConfContext& context, std::string_view key, const ConfValue& value,
                      User& user);

}  // namespace frond::server
