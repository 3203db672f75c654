#include "server/access/credentials_file.h"
#include "server/access/nkey_signer.h"
#include "server/conf/settings_blocks.h"
#include "server/conf/users.h"
#include "server/disk/text_file.h"

#include <string>
#include <utility>

namespace frond::server {
namespace {

/// Refused here and not when the host first signs: `-t` is to see it.
std::string nkey_seed(const ConfContext& context, const ConfValue& at, std::string seed) {
  try {
    const NkeySigner signer(seed);
  } catch (const NkeyError& error) {
    context.fail(at, std::string("Remote leafnode nkey is not a valid seed: ") + error.what());
  }
  return seed;
}

void credentials(const ConfContext& context, const ConfValue& at, const std::string& path,
                 HubConfig& hub) {
  const TextFile file = read_text_file(path);
  if (!file.error.empty()) {
    context.fail(at, file.error);
  }
  const auto found = parse_credentials(file.text);
  if (!found) {
    context.fail(at, "\"credentials\" of a leaf node remote is no credentials file");
  }
  hub.jwt = found->jwt;
  context.settings.hub_nkey_seed = nkey_seed(context, at, found->nkey_seed);
}

/// One hub to join: leafnodes { remotes [ { url, user in the url or credentials } ] }.
void remote(const ConfContext& context, const ConfMap& map) {
  HubConfig hub;
  const ConfNames names{"url urls", "domain hub_domain", "nkey seed", "credentials creds"};
  conf_each(context, map, names, [&](const std::string& key, const ConfValue& value) {
    if (key == "url") {
      const auto urls = conf_texts(context, key, value);
      if (urls.size() != 1) {
        context.fail(value, "a remote has one url here");
      }
      hub.url = urls.front();
    } else if (key == "domain") {
      hub.domain = conf_text(context, key, value);
    } else if (key == "nkey") {
      context.settings.hub_nkey_seed = nkey_seed(context, value, conf_text(context, key, value));
    } else if (key == "credentials") {
      credentials(context, value, conf_text(context, key, value), hub);
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

/// Who may join as a leaf; without it, whoever may as a client.
void authorization(const ConfContext& context, const ConfMap& map, const ConfValue& at) {
  ConfAccess& access = context.access;
  access.leaf_authorization = ConfSaid<std::string>{"authorization", at};
  const ConfNames names{kUserNames, kPasswordNames};
  conf_each(context, map, names, [&](const std::string& key, const ConfValue& value) {
    if (key == "account") {
      say_leaf_account(context, key, value, access.leaf_account);
    } else if (key == "timeout") {
      context.settings.engine.leaf_auth_timeout = conf_auth_timeout(context, key, value);
    } else if (key == "users") {
      access.leaf_users = conf_leaf_users(context, key, value, access.leaf_account);
    } else if (key == "nkey" || key == "proxy_required") {
      context.fail(value, "leafnodes authorization \"" + key + "\" is not supported");
    } else {
      return key != "token" && login_key(context, key, value, access.leaf_single);
    }
    return true;
  });
}

}  // namespace

void read_leafnodes(const ConfContext& context, const ConfMap& map) {
  ListenAddress address{"0.0.0.0", 7422};
  ListenKeys keys{address};
  const ConfNames names{kHostNames, "min_version minimum_version",
                        "isolate_leafnode_interest isolate", "advertise leafnode_advertise",
                        "reconnect reconnect_delay reconnect_interval"};
  conf_each(context, map, names, [&](const std::string& key, const ConfValue& value) {
    if (keys.read(context, key, value)) {
      return true;
    }
    if (key == "authorization") {
      authorization(context, conf_map(context, key, value), value);
    } else if (key == "remotes") {
      const ConfArray& remotes = conf_array(context, key, value);
      if (remotes.size() > 1) {
        context.fail(value, "only one leaf node remote is supported");
      }
      if (!remotes.empty()) {
        remote(context, conf_map(context, key, remotes.front()));
      }
    } else if (key == "tls" || key == "min_version" || key == "isolate_leafnode_interest") {
      // Each of these keeps somebody out, or messages apart.
      context.fail(value, "leafnodes \"" + key + "\" is not supported");
    } else {
      return key == "advertise" || key == "no_advertise" || key == "compression" ||
             key == "reconnect" || key == "dial_timeout";
    }
    return true;
  });
  if (keys.port_named) {
    context.settings.leafs = address;
  }
}

}  // namespace frond::server
