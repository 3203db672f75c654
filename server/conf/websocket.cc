#include "server/conf/settings_blocks.h"

namespace frond::server {

void read_websocket(const ConfContext& context, const ConfValue& block) {
  const ConfMap& map = conf_map(context, "websocket", block);
  Settings& settings = context.settings;
  ListenAddress address{"0.0.0.0", 0};
  bool plain = false;
  ListenKeys keys{address};
  const ConfNames names{kHostNames, "compression compress",
                        "allowed_origins allowed_origin allow_origins allow_origin origins origin",
                        "authorization authentication"};
  conf_each(context, map, names, [&](const std::string& key, const ConfValue& value) {
    if (keys.read(context, key, value)) {
      return true;
    }
    if (key == "no_tls") {
      plain = conf_bool(context, key, value);
    } else if (key == "compression") {
      settings.websocket_compression = conf_bool(context, key, value);
    } else if (key == "no_auth_user") {
      context.access.websocket_no_auth_user =
          ConfSaid<std::string>{conf_text(context, key, value), value};
    } else if (key == "same_origin" || key == "allowed_origins") {
      if (!std::holds_alternative<bool>(value.data) || std::get<bool>(value.data)) {
        context.fail(value, "websocket \"" + key + "\" is not supported");
      }
    } else if (key == "tls" || key == "authorization" || key == "headers" ||
               key.ends_with("_cookie")) {
      context.fail(value, "websocket \"" + key + "\" is not supported");
    } else {
      return key == "advertise" || key == "handshake_timeout" || key == "ping_interval";
    }
    return true;
  });
  if (!keys.port_named) {
    return;
  }
  if (!plain) {
    context.fail(block, "websocket needs \"no_tls: true\": this server has no TLS of its own");
  }
  settings.websocket = address;
}

}  // namespace frond::server
