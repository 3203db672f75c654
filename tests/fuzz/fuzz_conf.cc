// The server's configuration file as anyone may write it: it is read, or refused with an error that
// names the file and a line of it. When it is read and says anything of users, in whatever case,
// order and block, then nobody comes in without a word, and no hash is a password.
#include "access/login.h"
#include "input.h"
#include "server/conf/parser.h"
#include "server/conf/settings.h"
#include "server/conf/settings_file.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

namespace {

using frond::fuzz::must;

constexpr std::string_view file = "x.conf";

/// `include` would have the fuzzer read this machine's files.
bool includes(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return lower.find("include") != std::string::npos;
}

/// "x.conf:<line>: <what>"
void check_error(std::string_view error, std::string_view text) {
  must(error.starts_with(file) && error.substr(file.size()).starts_with(':'), "it names the file");
  error.remove_prefix(file.size() + 1);
  std::size_t line = 0;
  const auto [end, status] = std::from_chars(error.data(), error.data() + error.size(), line);
  must(status == std::errc(), "it names a line");
  const std::string_view what(end, static_cast<std::size_t>(error.data() + error.size() - end));
  must(what.starts_with(": ") && what.size() > 2, "it says what is wrong");
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  must(line >= 1 && line <= lines, "the line is one of the file's");
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return out;
}

/// A reading of its own: whether somebody with a name or a secret is meant anywhere under a block
/// about access. Knows nothing of which key may stand where.
bool means_somebody(const frond::server::ConfMap& map, bool about_access) {
  using namespace frond::server;
  return std::ranges::any_of(map, [about_access](const ConfEntry& entry) {
    const std::string key = lower(entry.first);
    if (const auto* inner = std::get_if<ConfMap>(&entry.second.data)) {
      return means_somebody(*inner, about_access || key == "authorization" || key == "accounts");
    }
    if (const auto* list = std::get_if<ConfArray>(&entry.second.data)) {
      return about_access && key == "users" && !list->empty() && !entry.second.variable;
    }
    const auto* text = std::get_if<std::string>(&entry.second.data);
    const bool named = key == "user" || key == "username" || key == "token" || key == "pass" ||
                       key == "password" || key == "nkey";
    return about_access && named && text != nullptr && !text->empty() && !entry.second.variable;
  });
}

bool has_key(const frond::server::ConfMap& map, std::string_view key) {
  return std::ranges::any_of(map, [key](const auto& entry) { return lower(entry.first) == key; });
}

/// Blocks about clients: what leafs and hubs are told is not theirs.
frond::server::ConfMap of_clients(const frond::server::ConfMap& conf) {
  frond::server::ConfMap kept;
  for (const auto& entry : conf) {
    const std::string key = lower(entry.first);
    if ((key == "authorization" || key == "accounts") && !entry.second.variable) {
      kept.push_back(entry);
    }
  }
  return kept;
}

/// Whether a key stood twice in a block: then half of what was said of access is lost.
bool said_twice(const frond::server::ConfValue& value) {
  using namespace frond::server;
  if (const auto* list = std::get_if<ConfArray>(&value.data)) {
    return std::ranges::any_of(*list, said_twice);
  }
  const auto* map = std::get_if<ConfMap>(&value.data);
  return map != nullptr && std::ranges::any_of(*map, [](const ConfEntry& entry) {
           return (entry.second.again && !entry.second.variable) || said_twice(entry.second);
         });
}

void check_access(const frond::server::ConfMap& conf, const frond::Config& config) {
  using frond::access::authenticate;
  constexpr auto admitted = frond::access::Verdict::Kind::admitted;
  const auto client = [&config](const frond::access::Login& login) {
    return authenticate(config, login, nullptr).kind == admitted;
  };
  must(!said_twice({.data = of_clients(conf), .text = {}}), "nothing of access is said twice");
  if (means_somebody(of_clients(conf), false)) {
    must(frond::access::has_credentials(config), "authentication is on");
    must(has_key(conf, "no_auth_user") || !client({}), "nobody comes in without a word");
    must(!client({.user = "nobody of this name", .password = "x"}), "no stranger comes in");
  }
  for (const frond::User& user : config.users) {
    if (user.password.starts_with("$2a$10$")) {
      must(!client({.user = user.name, .password = user.password}), "a hash is no password");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace frond::server;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (includes(text)) return 0;
  const std::string name(file);
  try {
    const ConfMap conf = parse_conf(text, name);
    Settings settings;
    apply_conf(conf, name, settings);
    check_access(conf, settings.engine);
  } catch (const ConfError& error) {
    check_error(error.what(), text);
  }
  return 0;
}
