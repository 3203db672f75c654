#pragma once
// Reads a NATS configuration file into Settings: the keys nats-server has for what this server
// does. An unknown key or one this server cannot honour (tls, cluster, operator, several accounts)
// is an error with the line, never silently ignored; harmless ones become warnings.

#include "server/conf/settings.h"
#include "server/conf/value.h"

#include <string>

namespace frond::server {

/// Applies the file to `settings`. Throws ConfError.
void load_settings_file(const std::string& file, Settings& settings);
/// The same with the file's contents at hand; `file` is only named in errors.
void apply_conf(const ConfMap& conf, const std::string& file, Settings& settings);

}  // namespace frond::server
