#include "session/connect_options.h"

#include "wire/json_reader.h"

#include <cstdint>
#include <nlohmann/json.hpp>

namespace frond::session {
namespace {

using wire::Json;

/// The field, or null when it is absent or null, which Go takes for absent.
const Json* field(const Json& document, const char* key) {
  const auto found = document.find(key);
  return found == document.end() || found->is_null() ? nullptr : &*found;
}

bool read_field(const Json& document, const char* key, bool& value) {
  const Json* found = field(document, key);
  if (found != nullptr && found->is_boolean()) {
    value = found->get<bool>();
  }
  return found == nullptr || found->is_boolean();
}

bool read_field(const Json& document, const char* key, std::string& value) {
  const Json* found = field(document, key);
  if (found != nullptr && found->is_string()) {
    value = found->get<std::string>();
  }
  return found == nullptr || found->is_string();
}

bool read_field(const Json& document, const char* key, int& value) {
  const Json* found = field(document, key);
  if (found == nullptr) {
    return true;
  }
  if (!found->is_number_integer()) {
    return false;
  }
  // Only 0 and 1 mean anything; what does not fit is as wrong as any other number.
  const auto number = found->get<std::int64_t>();
  value = number < 0 || number > 1'000'000 ? -1 : static_cast<int>(number);
  return true;
}

}  // namespace

bool ConnectOptions::read(std::string_view text) {
  Json document;
  if (!wire::parse_json(text, document).empty() || !document.is_object()) {
    return false;
  }
  std::string account;
  bool new_account = false;
  const bool good =
      read_field(document, "verbose", verbose) && read_field(document, "pedantic", pedantic) &&
      read_field(document, "echo", echo) && read_field(document, "headers", headers) &&
      read_field(document, "no_responders", no_responders) &&
      read_field(document, "protocol", protocol) && read_field(document, "name", name) &&
      read_field(document, "lang", lang) && read_field(document, "version", version) &&
      read_field(document, "user", user) && read_field(document, "pass", password) &&
      read_field(document, "auth_token", token) && read_field(document, "nkey", nkey) &&
      read_field(document, "sig", signature) && read_field(document, "account", account) &&
      read_field(document, "new_account", new_account);
  wants_account = new_account || !account.empty();
  return good;
}

}  // namespace frond::session
