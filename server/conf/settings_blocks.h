#pragma once
// The blocks of a configuration file that a function each reads into the settings; settings_file
// calls them as it meets their keys. All throw ConfError at a key that they do not know or that
// this server cannot honour.

#include "server/conf/section.h"

#include <string>

namespace frond::server {

// server/conf/authorization.cc
void read_authorization(const ConfContext& context, const ConfMap& map);
void read_accounts(const ConfContext& context, const ConfMap& map);

// server/conf/jetstream.cc
/// `block` may also be a word or a flag that turns JetStream on or off.
void read_jetstream(const ConfContext& context, const std::string& name, const ConfValue& block);

// server/conf/leafnodes.cc
void read_leafnodes(const ConfContext& context, const ConfMap& map);

// server/conf/websocket.cc
void read_websocket(const ConfContext& context, const ConfValue& block);

}  // namespace frond::server
