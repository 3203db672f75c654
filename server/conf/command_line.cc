#include "server/conf/command_line.h"

#include "server/conf/section.h"
#include "server/conf/settings_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <string_view>

namespace frond::server {
namespace {

constexpr std::string_view kVersion = "0.1.0";

struct Flag {
  std::array<std::string_view, 3> names;  ///< Without dashes; empty ones are unused.
  std::string_view value;                 ///< What it takes, for the help; empty: it is a switch.
  std::string_view help;
  std::function<void(Command&, const std::string&)> apply;
};

std::uint16_t port_of(const std::string& name, const std::string& text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port < -1 || port > 65535) {
    throw CommandError("invalid value \"" + text + "\" for flag -" + name + ": parse error");
  }
  return port == -1 ? std::uint16_t{0} : static_cast<std::uint16_t>(port);
}

/// The user of -user and -pass, added once both have been seen.
User& flag_user(Command& command) {
  std::vector<User>& users = command.settings.engine.users;
  if (users.empty()) {
    users.emplace_back();
  }
  return users.front();
}

/// Names and addresses.
std::vector<Flag> listening_flags() {
  return {
      {{"a", "addr", "net"},
       "HOST",
       "bind to this address (default 0.0.0.0)",
       [](Command& c, const std::string& v) { c.settings.clients.host = v; }},
      {{"p", "port"},
       "PORT",
       "port for clients, -1 for any free one (default 4222)",
       [](Command& c, const std::string& v) { c.settings.clients.port = port_of("p", v); }},
      {{"n", "name", "server_name"},
       "NAME",
       "name of this server",
       [](Command& c, const std::string& v) { c.settings.engine.name = v; }},
      {{"domain"},
       "NAME",
       "JetStream domain",
       [](Command& c, const std::string& v) { c.settings.engine.domain = v; }},
      {{"P", "pid"},
       "FILE",
       "write the process id to this file",
       [](Command& c, const std::string& v) { c.settings.pid_file = v; }},
      {{"ports_file_dir"},
       "DIR",
       "write <program>_<pid>.ports with the ports in use there",
       [](Command& c, const std::string& v) { c.settings.ports_file_dir = v; }},
      {{"m", "http_port"},
       "PORT",
       "port for monitoring over HTTP",
       [](Command& c, const std::string& v) {
         if (!c.settings.monitoring) {
           c.settings.monitoring = ListenAddress{"", 0};
         }
         c.settings.monitoring->port = port_of("m", v);
       }},
      {{"ws_port"},
       "PORT",
       "port for WebSocket clients and leafs, without TLS",
       [](Command& c, const std::string& v) {
         c.settings.websocket = ListenAddress{c.settings.clients.host, port_of("ws_port", v)};
       }},
  };
}

/// JetStream, and who may connect.
std::vector<Flag> storage_and_access_flags() {
  return {
      {{"js", "jetstream"},
       "",
       "enable JetStream",
       [](Command& c, const std::string&) { c.settings.engine.jetstream = true; }},
      {{"sd", "store_dir"},
       "DIR",
       "directory of the streams",
       [](Command& c, const std::string& v) { c.settings.store_dir = v; }},
      {{"user"},
       "NAME",
       "user required of clients",
       [](Command& c, const std::string& v) { flag_user(c).name = v; }},
      {{"pass"},
       "PASSWORD",
       "password required of clients",
       [](Command& c, const std::string& v) { flag_user(c).password = v; }},
      {{"auth"},
       "TOKEN",
       "token required of clients",
       [](Command& c, const std::string& v) { c.settings.engine.token = v; }},
  };
}

/// Logs, the configuration, and what ends at once.
std::vector<Flag> process_flags() {
  return {
      {{"l", "log"},
       "FILE",
       "log to this file",
       [](Command& c, const std::string& v) { c.settings.log_file = v; }},
      {{"D", "debug"},
       "",
       "log what connections do",
       [](Command& c, const std::string&) { c.settings.debug = true; }},
      {{"V", "trace"},
       "",
       "log the protocol",
       [](Command& c, const std::string&) { c.settings.trace = true; }},
      {{"DV"},
       "",
       "both of these",
       [](Command& c, const std::string&) { c.settings.debug = c.settings.trace = true; }},
      {{"c", "config"}, "FILE", "configuration file", [](Command&, const std::string&) {}},
      {{"t"},
       "",
       "check the configuration and exit",
       [](Command& c, const std::string&) { c.action = CommandAction::check_config; }},
      {{"v", "version"},
       "",
       "show the version",
       [](Command& c, const std::string&) { c.action = CommandAction::show_version; }},
      {{"h", "help"},
       "",
       "show this help",
       [](Command& c, const std::string&) { c.action = CommandAction::show_help; }},
  };
}

const std::vector<Flag>& flags() {
  static const std::vector<Flag> all = [] {
    std::vector<Flag> rows = listening_flags();
    for (const auto& more : {storage_and_access_flags(), process_flags()}) {
      rows.insert(rows.end(), more.begin(), more.end());
    }
    return rows;
  }();
  return all;
}

const Flag* find_flag(std::string_view name) {
  for (const Flag& flag : flags()) {
    for (const std::string_view own : flag.names) {
      if (!own.empty() && own == name) {
        return &flag;
      }
    }
  }
  return nullptr;
}

struct Given {
  const Flag* flag = nullptr;
  std::string value;
};

/// Pairs flags with their values as Go's flag package does.
std::vector<Given> read_flags(const std::vector<std::string>& arguments) {
  std::vector<Given> given;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view argument = arguments[i];
    if (argument == "help" || argument == "version") {
      given.push_back({find_flag(argument), {}});
      continue;
    }
    if (argument.size() < 2 || argument[0] != '-') {
      throw CommandError("unrecognized command: \"" + std::string(argument) + "\"");
    }
    argument.remove_prefix(argument.starts_with("--") ? 2 : 1);
    const auto equals = argument.find('=');
    const std::string name(argument.substr(0, equals));
    const Flag* flag = find_flag(name);
    if (flag == nullptr) {
      throw CommandError("flag provided but not defined: -" + name);
    }
    std::string value;
    if (equals != std::string_view::npos) {
      value = argument.substr(equals + 1);
      if (flag->value.empty() && (value == "false" || value == "0")) {
        continue;
      }
    } else if (!flag->value.empty()) {
      if (++i >= arguments.size()) {
        throw CommandError("flag needs an argument: -" + name);
      }
      value = arguments[i];
    }
    given.push_back({flag, std::move(value)});
  }
  return given;
}

}  // namespace

Command parse_command_line(const std::vector<std::string>& arguments) {
  const std::vector<Given> given = read_flags(arguments);
  Command command;
  command.settings.engine.jetstream = false;  // As nats-server: only when asked for.
  for (const Given& one : given) {
    if (one.flag->names[0] == "c") {
      load_settings_file(one.value, command.settings);
    }
  }
  bool users_by_flag = false;
  for (const Given& one : given) {
    const std::string_view name = one.flag->names[0];
    if ((name == "user" || name == "pass" || name == "auth") && !users_by_flag) {
      users_by_flag = true;  // Flags replace the file's authorization, they do not add to it.
      command.settings.engine.users.clear();
      command.settings.engine.token.clear();
      command.settings.engine.no_auth_user.clear();
      command.settings.engine.websocket_no_auth_user.clear();
    }
    one.flag->apply(command, one.value);
  }
  Settings& settings = command.settings;
  settings.engine.jetstream = settings.engine.jetstream && !settings.account_without_jetstream;
  if (!settings.engine.token.empty() && !settings.engine.users.empty()) {
    throw CommandError("Cannot have a user/pass and token");
  }
  if (settings.monitoring && settings.monitoring->host.empty()) {
    settings.monitoring->host = settings.clients.host;
  }
  if (command.action == CommandAction::check_config && settings.config_file.empty()) {
    throw CommandError("must specify [-c, --config] option to check configuration file syntax");
  }
  return command;
}

std::string command_help() {
  std::string text = "Usage: frond-server [options]\n\n";
  for (const Flag& flag : flags()) {
    std::string left = "   ";
    for (const std::string_view name : flag.names) {
      if (!name.empty()) {
        left += left.size() > 3 ? ", " : " ";
        left += name.size() > 2 ? "--" : "-";
        left += name;
      }
    }
    left += flag.value.empty() ? "" : " <" + std::string(flag.value) + ">";
    left.resize(std::max<std::size_t>(left.size() + 2, 44), ' ');
    text += left + std::string(flag.help) + "\n";
  }
  return text;
}

std::string command_version() {
  return "frond-server: v" + std::string(kVersion) + " (speaks as nats-server " + Config{}.version +
         ")";
}

}  // namespace frond::server
