#pragma once
// What a configuration's text becomes, or why it ends the start: for the tests of settings.

#include "server/conf/parser.h"
#include "server/conf/settings_file.h"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

namespace frond::server {

/// As frond-server begins: without JetStream unless the file says so.
inline Settings read(std::string_view text) {
  Settings settings;
  settings.engine.jetstream = false;
  apply_conf(parse_conf(text, "x.conf"), "x.conf", settings);
  return settings;
}

inline std::string error_of(std::string_view text) {
  try {
    read(text);
  } catch (const ConfError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace frond::server
