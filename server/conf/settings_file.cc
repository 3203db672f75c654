#include "server/conf/settings_file.h"

#include "base/duration_text.h"
#include "server/conf/access.h"
#include "server/conf/parser.h"
#include "server/conf/refused_keys.h"
#include "server/conf/scalar.h"
#include "server/conf/section.h"
#include "server/conf/settings_blocks.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

namespace frond::server {
namespace {

/// Keys of nats-server that change nothing here and whose absence nobody notices.
constexpr std::array kHarmless = std::to_array<std::string_view>(
    {"server_tags", "logfile_size_limit", "logfile_max_num", "log_size_limit", "syslog",
     "max_traced_msg_len", "max_closed_clients", "connect_error_reports", "reconnect_error_reports",
     "prof_port", "server_metadata", "client_advertise", "disable_sublist_cache",
     "no_fast_producer_stall", "no_sys_acc", "allow_non_tls", "feature_flags"});

/// Keys of the host itself and numbers of the engine; false when the key is none of them.
bool plain_key(const ConfContext& context, const std::string& key, const ConfValue& value) {
  Settings& s = context.settings;
  const auto monitoring = [&s]() -> ListenAddress& {
    return s.monitoring ? *s.monitoring : s.monitoring.emplace(ListenAddress{"", 8222});
  };
  const auto count = [&](std::int64_t most = 0x7fffffff) {
    const std::int64_t number = conf_number(context, key, value);
    if (number < 0 || number > most) {
      context.fail(value, "\"" + key + "\" is out of its range");
    }
    return number;
  };
  if (key == "http") {
    s.monitoring = conf_listen(context, key, value, monitoring());
  } else if (key == "http_port") {
    monitoring().port = conf_port(context, key, value);
  } else if (key == "server_name") {
    s.engine.name = conf_text(context, key, value);
  } else if (key == "ports_file_dir") {
    s.ports_file_dir = conf_text(context, key, value);
  } else if (key == "pid_file") {
    s.pid_file = conf_text(context, key, value);
  } else if (key == "log_file") {
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
    s.engine.pending_bytes_max =
        static_cast<std::uint64_t>(count(std::numeric_limits<std::int64_t>::max()));
  } else if (key == "max_control_line") {
    s.engine.control_line_bytes_max = static_cast<std::uint32_t>(count());
  } else if (key == "ping_interval") {
    s.engine.ping_interval = conf_duration(context, key, value);
  } else if (key == "ping_max") {
    s.engine.pings_out_max = static_cast<std::uint32_t>(count());
  } else if (key == "max_connections") {
    // Less than none is none, as in nats-server, and so is none.
    s.engine.connections_max =
        static_cast<std::size_t>(std::max<std::int64_t>(conf_integer(context, key, value), 0));
  } else if (key == "max_subscriptions") {
    s.engine.subscriptions_max =
        static_cast<std::size_t>(std::max<std::int64_t>(conf_integer(context, key, value), 0));
  } else if (key == "store_dir") {
    s.store_dir = conf_text(context, key, value);
  } else {
    return std::find(kHarmless.begin(), kHarmless.end(), key) != kHarmless.end();
  }
  return true;
}

/// What a second value would take away from; false when the key is none of them.
bool block_or_access_key(const ConfContext& context, const std::string& key,
                         const ConfValue& value) {
  if (key == "jetstream") {
    read_jetstream(context, key, value);
  } else if (key == "authorization") {
    read_authorization(context, conf_map(context, key, value));
  } else if (key == "accounts") {
    read_accounts(context, conf_map(context, key, value));
  } else if (key == "leafnodes") {
    read_leafnodes(context, conf_map(context, key, value));
  } else if (key == "websocket") {
    read_websocket(context, value);
  } else if (key == "no_auth_user") {
    context.access.no_auth_user = ConfSaid<std::string>{conf_text(context, key, value), value};
  } else if (is_refused_key(key)) {
    context.fail(value, "\"" + key + "\" is not supported");
  } else {
    return key == "system_account";  // Read before all others.
  }
  return true;
}

}  // namespace

void apply_conf(const ConfMap& conf, const std::string& file, Settings& settings) {
  ConfAccess access;
  const ConfContext context{file, settings, access};
  // Emptied by an accident it would open the server to everybody.
  if (conf.empty()) {
    throw ConfError(file, 1, "config has no values or is empty");
  }
  // Which account is the system's must be known before accounts are read.
  for (const auto& [key, value] : conf) {
    if (conf_folded(key) == "system_account" || conf_folded(key) == "system") {
      access.system_account = ConfSaid<std::string>{conf_text(context, key, value), value};
    }
  }
  const ConfNames names{kHostNames,
                        "pid_file pidfile",
                        "log_file logfile",
                        "max_connections max_conn",
                        "max_subscriptions max_subs",
                        "store_dir storedir",
                        "http_port monitor_port",
                        "leafnodes leaf",
                        "websocket ws",
                        "system_account system"};
  ListenKeys clients{settings.clients};
  conf_each_last(context, conf, names, [&](const std::string& key, const ConfValue& value) {
    if (clients.read(context, key, value) || plain_key(context, key, value)) {
      return true;
    }
    if (!block_or_access_key(context, key, value)) {
      return false;
    }
    conf_once(context, key, value);
    return true;
  });
  settle_access(context);
}

void load_settings_file(const std::string& file, Settings& settings) {
  apply_conf(parse_conf_file(file), file, settings);
  settings.config_file = file;
}

}  // namespace frond::server
