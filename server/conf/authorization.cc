// The blocks `authorization` and `accounts`.

#include "server/conf/access.h"
#include "server/conf/scalar.h"
#include "server/conf/settings_blocks.h"
#include "server/conf/users.h"

#include <algorithm>
#include <string>

namespace frond::server {
namespace {

/// Limits of the one account are the node's.
void account_jetstream(const ConfContext& context, const ConfValue& value) {
  ConfAccess& access = context.access;
  Config& engine = context.settings.engine;
  if (const auto* flag = std::get_if<bool>(&value.data)) {
    access.account_jetstream = *flag;
    return;
  }
  if (const auto* text = std::get_if<std::string>(&value.data)) {
    const bool on = *text == "enabled" || *text == "enable";
    if (!on && *text != "disabled" && *text != "disable") {
      context.fail(value, "expected 'enabled' or 'disabled' for string value, got '" + *text + "'");
    }
    access.account_jetstream = on;
    return;
  }
  access.account_jetstream = true;
  const auto cap = [&](std::int64_t& bytes_max, const std::string& key, const ConfValue& part) {
    const std::int64_t bytes = conf_number(context, key, part);
    bytes_max = bytes < 0 ? bytes_max : bytes_max < 0 ? bytes : std::min(bytes, bytes_max);
  };
  conf_each(context, conf_map(context, "jetstream", value),
            {"max_memory max_mem mem memory", "max_store max_file max_disk store disk"},
            [&](const std::string& key, const ConfValue& part) {
              if (key == "max_memory") {
                cap(engine.memory_bytes_max, key, part);
              } else if (key == "max_store") {
                cap(engine.storage_bytes_max, key, part);
              } else {
                context.fail(part, "jetstream \"" + key + "\" of an account is not supported");
              }
              return true;
            });
}

void one_account(const ConfContext& context, const std::string& name, const ConfValue& value) {
  ConfAccess& access = context.access;
  const ConfValue* defaults = nullptr;
  conf_each(context, conf_map(context, name, value), {},
            [&](const std::string& key, const ConfValue& part) {
              if (key == "users") {
                access.account_users = conf_users(context, key, part, {});
              } else if (key == "jetstream") {
                account_jetstream(context, part);
              } else if (key == "default_permissions") {
                defaults = &part;
              } else if (!part.variable) {
                context.fail(part, "\"" + key + "\" of an account is not supported");
              }
              return true;
            });
  if (defaults != nullptr) {
    apply_default_permissions(context, "default_permissions", *defaults, access.account_users);
  }
}

/// Its users are not let in here, but that there are some means that others must not be either.
void system_account(const ConfContext& context, const std::string& name, const ConfValue& value) {
  context.warn(value, "the system account's users are ignored");
  conf_each(context, conf_map(context, name, value), {},
            [&](const std::string& key, const ConfValue& part) {
              const auto* users = std::get_if<ConfArray>(&part.data);
              if (users != nullptr && key == "users" && !users->empty()) {
                context.access.system_users = ConfSaid<std::size_t>{users->size(), part};
              }
              return true;
            });
}

}  // namespace

void read_authorization(const ConfContext& context, const ConfMap& map) {
  ConfAccess& access = context.access;
  const ConfValue* defaults = nullptr;
  const ConfNames names{kUserNames, kPasswordNames,
                        "default_permissions default_permission permissions",
                        "auth_callout auth_hook"};
  conf_each(context, map, names, [&](const std::string& key, const ConfValue& value) {
    if (key == "timeout") {
      context.settings.engine.auth_timeout = conf_auth_timeout(context, key, value);
    } else if (key == "users") {
      access.users = conf_users(context, key, value, {});
    } else if (key == "default_permissions") {
      defaults = &value;
    } else if (key == "auth_callout" || key == "proxy_required") {
      context.fail(value, "\"" + key + "\" is not supported");
    } else {
      return login_key(context, key, value, access.single);
    }
    return true;
  });
  if (defaults != nullptr) {
    apply_default_permissions(context, "default_permissions", *defaults, access.users);
  }
}

/// One account is what this server has; a file that names one, and perhaps the system's, is fine.
void read_accounts(const ConfContext& context, const ConfMap& map) {
  ConfAccess& access = context.access;
  const auto named = [&](const std::string& name) {
    return access.system_account && access.system_account->value == name;
  };
  for (const auto& [name, value] : map) {
    conf_once(context, name, value);
    if (value.variable) {
      continue;
    }
    if (name == "$SYS" || named(name) ||
        (name == "SYS" && !access.system_account && map.size() > 1)) {
      access.system_account_described = access.system_account_described || named(name);
      system_account(context, name, value);
      continue;
    }
    if (name == "$G") {
      context.fail(value, "\"$G\" is a Reserved Account");
    }
    if (access.account) {
      context.fail(value, "several accounts are not supported: this server has one");
    }
    access.account = ConfSaid<std::string>{name, value};
    one_account(context, name, value);
  }
}

}  // namespace frond::server
