#include "server/settings_file.h"

#include "base/time_text.h"
#include "server/conf_parser.h"
#include "server/conf_section.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace frond::server {
namespace {

template <std::size_t N>
bool one_of(std::string_view key, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), key) != names.end();
}

/// Keys of nats-server that change nothing here and whose absence nobody notices.
constexpr std::array kHarmless = std::to_array<std::string_view>({"server_tags",
                                                                  "logfile_size_limit",
                                                                  "logfile_max_num",
                                                                  "log_size_limit",
                                                                  "syslog",
                                                                  "max_traced_msg_len",
                                                                  "max_closed_clients",
                                                                  "connect_error_reports",
                                                                  "reconnect_error_reports",
                                                                  "prof_port",
                                                                  "server_metadata",
                                                                  "client_advertise",
                                                                  "http_base_path",
                                                                  "disable_sublist_cache",
                                                                  "no_fast_producer_stall",
                                                                  "max_subscription_tokens",
                                                                  "system_account",
                                                                  "no_sys_acc",
                                                                  "allow_non_tls",
                                                                  "feature_flags"});

/// Keys that ask for what this server does not do: refused, because to ignore them would be worse.
constexpr std::array kRefused = std::to_array<std::string_view>(
    {"tls", "cluster", "operator", "operators", "gateway", "resolver", "mqtt", "resolver_preload",
     "trusted_keys", "trusted", "resolver_tls", "https", "https_port", "ocsp", "auth_callout",
     "proxies", "nkey"});

/// The users of one `authorization` block, with its default permissions applied.
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

bool is_user_key(std::string_view key) {
  return key == "user" || key == "username" || key == "pass" || key == "password" ||
         key == "users" || key.starts_with("default_permission") || key.starts_with("permission");
}

void authorization(const ConfContext& context, const ConfMap& map) {
  Config& engine = context.settings.engine;
  conf_each(context, map, [&](const std::string& key, const ConfValue& value) {
    if (key == "token") {
      engine.token = conf_text(context, key, value);
    } else if (key == "timeout") {
      const double* real = std::get_if<double>(&value.data);
      engine.auth_timeout = real != nullptr
                                ? std::chrono::nanoseconds(static_cast<std::int64_t>(*real * 1e9))
                                : conf_duration(context, key, value);
    } else if (one_of(key, kRefused)) {
      context.fail(value, "\"" + key + "\" is not supported");
    } else {
      return is_user_key(key);
    }
    return true;
  });
  engine.users = block_users(context, map);
}

void jetstream(const ConfContext& context, const std::string& name, const ConfValue& block) {
  Settings& settings = context.settings;
  if (const auto* text = std::get_if<std::string>(&block.data)) {
    if (*text != "enabled" && *text != "enable" && *text != "disabled" && *text != "disable") {
      context.fail(block, "expected 'enabled' or 'disabled' for string value, got '" + *text + "'");
    }
    settings.engine.jetstream = text->starts_with("enable");
    return;
  }
  if (const auto* flag = std::get_if<bool>(&block.data)) {
    settings.engine.jetstream = *flag;
    return;
  }
  settings.engine.jetstream = true;
  conf_each(context, conf_map(context, name, block),
            [&](const std::string& key, const ConfValue& value) {
              if (key == "store_dir" || key == "storedir" || key == "store") {
                settings.store_dir = conf_text(context, key, value);
              } else if (key == "max_file_store" || key == "max_file" || key == "max_store" ||
                         key == "max_storage") {
                settings.engine.storage_bytes_max = conf_number(context, key, value);
              } else if (key == "max_memory_store" || key == "max_mem_store" || key == "max_mem" ||
                         key == "max_memory") {
                settings.engine.memory_bytes_max = conf_number(context, key, value);
              } else if (key == "domain") {
                settings.engine.domain = conf_text(context, key, value);
              } else if (key == "enable" || key == "enabled") {
                settings.engine.jetstream = conf_bool(context, key, value);
              } else if (key == "sync" || key == "sync_interval") {
                const auto* text = std::get_if<std::string>(&value.data);
                settings.sync.interval = text != nullptr && *text == "always"
                                             ? std::chrono::nanoseconds(0)
                                             : conf_duration(context, key, value);
              } else if (key == "cipher" || key == "key" || key == "ek" ||
                         key == "encryption_key" || key == "prev_key" || key == "tpm") {
                context.fail(value, "encryption at rest is not supported");
              } else if (key == "max_buffered_size" || key == "max_buffered_msgs" ||
                         key == "request_queue_limit" || key == "limits" || key == "strict" ||
                         key == "unique_tag" || key == "max_outstanding_catchup" ||
                         key == "extension_hint" || key == "max_catchup" ||
                         key == "default_max_ha_assets" || key == "meta_compact") {
                context.warn(value, "jetstream \"" + key + "\" is ignored");
              } else {
                return false;
              }
              return true;
            });
}

/// One hub to join: leafnodes { remotes [ { url, user in the url or credentials } ] }.
void remote(const ConfContext& context, const ConfMap& map) {
  HubConfig hub;
  conf_each(context, map, [&](const std::string& key, const ConfValue& value) {
    if (key == "url" || key == "urls") {
      const auto urls = conf_texts(context, key, value);
      if (urls.size() != 1) {
        context.fail(value, "a remote has one url here");
      }
      hub.url = urls.front();
    } else if (key == "domain" || key == "hub_domain") {
      hub.domain = conf_text(context, key, value);
    } else if (key == "nkey" || key == "seed") {
      context.settings.hub_nkey_seed = conf_text(context, key, value);
    } else if (key == "credentials" || key == "creds" || key == "tls") {
      context.fail(value, "\"" + key + "\" of a leaf node remote is not supported");
    } else if (key == "account") {
      context.warn(value, "this server has one account: \"account\" is ignored");
    } else {
      return false;
    }
    return true;
  });
  const auto scheme = hub.url.find("://");
  const auto at = hub.url.find('@');
  if (scheme != std::string::npos && at != std::string::npos) {
    const std::string user = hub.url.substr(scheme + 3, at - scheme - 3);
    const auto colon = user.find(':');
    if (colon == std::string::npos) {
      hub.token = user;
    } else {
      hub.user = user.substr(0, colon);
      hub.password = user.substr(colon + 1);
    }
    hub.url.erase(scheme + 3, at - scheme - 2);
  }
  context.settings.engine.hub = std::move(hub);
}

void leafnodes(const ConfContext& context, const ConfMap& map) {
  Settings& settings = context.settings;
  ListenAddress address{"0.0.0.0", 7422};
  bool listens = false;
  conf_each(context, map, [&](const std::string& key, const ConfValue& value) {
    if (key == "listen") {
      address = conf_listen(context, key, value, address);
      listens = true;
    } else if (key == "host" || key == "net") {
      address.host = conf_text(context, key, value);
    } else if (key == "port") {
      address.port = conf_port(context, key, value);
      listens = true;
    } else if (key == "authorization") {
      const ConfMap& block = conf_map(context, key, value);
      conf_each(context, block, [&](const std::string& name, const ConfValue& part) {
        if (name == "account") {
          context.warn(part, "this server has one account: \"account\" is ignored");
          return true;
        }
        return is_user_key(name) || name == "timeout";
      });
      settings.engine.leaf_users = block_users(context, block);
      if (!std::ranges::all_of(settings.engine.leaf_users, &std::string::empty, &User::nkey)) {
        context.fail(value, "nkey users of leafs are not supported");
      }
    } else if (key == "remotes") {
      const ConfArray& remotes = conf_array(context, key, value);
      if (remotes.size() > 1) {
        context.fail(value, "only one leaf node remote is supported");
      }
      if (!remotes.empty()) {
        remote(context, conf_map(context, key, remotes.front()));
      }
    } else if (key == "tls") {
      context.fail(value, "tls is not supported");
    } else {
      return key == "advertise" || key == "no_advertise" || key == "compression" ||
             key == "reconnect" || key == "min_version" || key == "isolate_leafnode_interest";
    }
    return true;
  });
  if (listens) {
    settings.leafs = address;
  }
}

void websocket(const ConfContext& context, const ConfMap& map) {
  Settings& settings = context.settings;
  ListenAddress address{"0.0.0.0", 0};
  bool plain = false;
  bool listens = false;
  conf_each(context, map, [&](const std::string& key, const ConfValue& value) {
    if (key == "listen") {
      address = conf_listen(context, key, value, address);
      listens = true;
    } else if (key == "host" || key == "net") {
      address.host = conf_text(context, key, value);
    } else if (key == "port") {
      address.port = conf_port(context, key, value);
      listens = true;
    } else if (key == "no_tls") {
      plain = conf_bool(context, key, value);
    } else if (key == "compression") {
      settings.websocket_compression = conf_bool(context, key, value);
    } else if (key == "no_auth_user") {
      settings.engine.no_auth_user = conf_text(context, key, value);
    } else if (key == "same_origin" || key == "allowed_origins" || key == "allowed_origin" ||
               key == "allow_origins" || key == "allow_origin" || key == "origins" ||
               key == "origin") {
      if (!std::holds_alternative<bool>(value.data) || std::get<bool>(value.data)) {
        context.fail(value, "websocket \"" + key + "\" is not supported");
      }
    } else if (key == "tls" || key == "authorization" || key.ends_with("_cookie")) {
      context.fail(value, "websocket \"" + key + "\" is not supported");
    } else {
      return key == "advertise" || key == "handshake_timeout" || key == "ping_interval";
    }
    return true;
  });
  if (!listens) {
    return;
  }
  if (!plain) {
    throw ConfError(context.file, 0,
                    "websocket needs \"no_tls: true\": this server has no TLS of its own");
  }
  settings.websocket = address;
}

/// One account is what this server has; a file that names one, and perhaps the system's, is fine.
void accounts(const ConfContext& context, const ConfMap& map) {
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

/// Keys of the host itself and numbers of the engine; false when the key is none of them.
bool plain_key(const ConfContext& context, const std::string& key, const ConfValue& value) {
  Settings& s = context.settings;
  const auto count = [&] { return conf_number(context, key, value); };
  if (key == "server_name") {
    s.engine.name = conf_text(context, key, value);
  } else if (key == "ports_file_dir") {
    s.ports_file_dir = conf_text(context, key, value);
  } else if (key == "pid_file" || key == "pidfile") {
    s.pid_file = conf_text(context, key, value);
  } else if (key == "log_file" || key == "logfile") {
    s.log_file = conf_text(context, key, value);
  } else if (key == "logtime" || key == "logtime_utc") {
    s.log_time = conf_bool(context, key, value);
  } else if (key == "debug") {
    s.debug = conf_bool(context, key, value);
  } else if (key == "trace" || key == "trace_verbose") {
    s.trace = conf_bool(context, key, value);
  } else if (key == "write_deadline") {
    s.write_deadline = conf_duration(context, key, value);
  } else if (key == "lame_duck_duration") {
    s.lame_duck.duration = conf_duration(context, key, value);
    if (s.lame_duck.duration < std::chrono::seconds(30)) {
      context.fail(value, "invalid lame_duck_duration of " +
                              base::duration_format(s.lame_duck.duration) +
                              ", minimum is 30 seconds");
    }
  } else if (key == "lame_duck_grace_period") {
    s.lame_duck.grace = conf_duration(context, key, value);
    if (s.lame_duck.grace.count() < 0) {
      context.fail(value, "invalid lame_duck_grace_period, needs to be positive");
    }
  } else if (key == "max_payload") {
    s.engine.payload_bytes_max = static_cast<std::uint32_t>(count());
  } else if (key == "max_pending") {
    s.engine.pending_bytes_max = static_cast<std::uint64_t>(count());
  } else if (key == "max_control_line") {
    s.engine.control_line_bytes_max = static_cast<std::uint32_t>(count());
  } else if (key == "ping_interval") {
    s.engine.ping_interval = conf_duration(context, key, value);
  } else if (key == "ping_max") {
    s.engine.pings_out_max = static_cast<std::uint32_t>(count());
  } else if (key == "no_auth_user") {
    s.engine.no_auth_user = conf_text(context, key, value);
  } else if (key == "max_connections" || key == "max_conn" || key == "max_subscriptions" ||
             key == "max_subs") {
    context.warn(value, "\"" + key + "\" is ignored");
  } else if (key == "store_dir" || key == "storedir") {
    s.store_dir = conf_text(context, key, value);
  } else {
    return one_of(key, kHarmless);
  }
  return true;
}

}  // namespace

void apply_conf(const ConfMap& conf, const std::string& file, Settings& settings) {
  const ConfContext context{file, settings};
  const auto monitoring = [&settings]() -> ListenAddress& {
    if (!settings.monitoring) {
      settings.monitoring = ListenAddress{"", 8222};
    }
    return *settings.monitoring;
  };
  conf_each(context, conf, [&](const std::string& key, const ConfValue& value) {
    if (key == "listen") {
      settings.clients = conf_listen(context, key, value, settings.clients);
    } else if (key == "host" || key == "net") {
      settings.clients.host = conf_text(context, key, value);
    } else if (key == "port") {
      settings.clients.port = conf_port(context, key, value);
    } else if (key == "http") {
      settings.monitoring = conf_listen(context, key, value, monitoring());
    } else if (key == "http_port" || key == "monitor_port") {
      monitoring().port = conf_port(context, key, value);
    } else if (key == "jetstream") {
      jetstream(context, key, value);
    } else if (key == "authorization") {
      authorization(context, conf_map(context, key, value));
    } else if (key == "accounts") {
      accounts(context, conf_map(context, key, value));
    } else if (key == "leafnodes" || key == "leaf") {
      leafnodes(context, conf_map(context, key, value));
    } else if (key == "websocket" || key == "ws") {
      websocket(context, conf_map(context, key, value));
    } else if (one_of(key, kRefused)) {
      context.fail(value, "\"" + key + "\" is not supported");
    } else {
      return plain_key(context, key, value);
    }
    return true;
  });
}

void load_settings_file(const std::string& file, Settings& settings) {
  apply_conf(parse_conf_file(file), file, settings);
  settings.config_file = file;
}

}  // namespace frond::server
