#include "server/access/credentials_file.h"
#include "server/conf/settings_blocks.h"
#include "server/conf/users.h"

#include <algorithm>
#include <string>
#include <utility>

namespace frond::server {
namespace {

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
    } else if (key == "credentials" || key == "creds") {
      const auto found = read_credentials_file(conf_text(context, key, value));
      if (!found) {
        context.fail(value, "\"" + key + "\" of a leaf node remote is no credentials file");
      }
      hub.jwt = found->jwt;
      context.settings.hub_nkey_seed = found->nkey_seed;
    } else if (key == "tls") {
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

}  // namespace

void read_leafnodes(const ConfContext& context, const ConfMap& map) {
  Settings& settings = context.settings;
  ListenAddress address{"0.0.0.0", 7422};
  ListenKeys keys{address};
  conf_each(context, map, [&](const std::string& key, const ConfValue& value) {
    if (keys.read(context, key, value)) {
      return true;
    }
    if (key == "authorization") {
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
  if (keys.port_named) {
    settings.leafs = address;
  }
}

}  // namespace frond::server
