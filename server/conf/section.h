#pragma once
// Typed reading of one map of a configuration file with errors that name file, line and key. Used
// by settings_file and the readers of its blocks (settings_blocks.h).

#include "server/conf/access.h"
#include "server/conf/parser.h"
#include "server/conf/settings.h"
#include "server/conf/value.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace frond::server {

/// What every reading function needs: whose errors these are and where warnings go.
struct ConfContext {
  const std::string& file;
  Settings& settings;
  ConfAccess& access;

  [[noreturn]] void fail(const ConfValue& at, std::string_view what) const {
    throw ConfError(file, at.line, what);
  }
  void warn(const ConfValue& at, std::string_view what) const;
};

/// Text only: what the file reads as a number or a flag is none, as in nats-server.
std::string conf_text(const ConfContext& context, std::string_view key, const ConfValue& value);
bool conf_bool(const ConfContext& context, std::string_view key, const ConfValue& value);
/// A number as the file has it.
std::int64_t conf_integer(const ConfContext& context, std::string_view key, const ConfValue& value);
/// A number or a size; a quoted size ("1GB") too.
std::int64_t conf_number(const ConfContext& context, std::string_view key, const ConfValue& value);
/// "2m", "1m30s", 250ms; a bare number is seconds, as in nats-server.
std::chrono::nanoseconds conf_duration(const ConfContext& context, std::string_view key,
                                       const ConfValue& value);
const ConfMap& conf_map(const ConfContext& context, std::string_view key, const ConfValue& value);
const ConfArray& conf_array(const ConfContext& context, std::string_view key,
                            const ConfValue& value);
/// One text or an array of them.
std::vector<std::string> conf_texts(const ConfContext& context, std::string_view key,
                                    const ConfValue& value);
/// A port; -1 becomes 0, "any free one".
std::uint16_t conf_port(const ConfContext& context, std::string_view key, const ConfValue& value);
/// `host:port`, `port`, `[v6]:port`; a part that is left out keeps what `base` has.
ListenAddress conf_listen(const ConfContext& context, std::string_view key, const ConfValue& value,
                          ListenAddress base);

inline constexpr std::string_view kHostNames = "host net";

/// `listen`, `host` and `port` of a block whose part listens: clients, leafnodes, websocket.
struct ListenKeys {
  ListenAddress& address;
  bool port_named = false;  ///< The file says where; a host alone opens nothing.
  /// False when the key is none of them.
  bool read(const ConfContext& context, const std::string& key, const ConfValue& value);
};

/// Keys that have several names, each as "first other another": readers know the first.
using ConfNames = std::initializer_list<std::string_view>;
/// Takes a key by its first name, in lower case; false when it is none of the block's.
using ConfTake = std::function<bool(const std::string&, const ConfValue&)>;

/// Fails when the value's key has been in its block before.
void conf_once(const ConfContext& context, std::string_view key, const ConfValue& value);

/// Calls `known` for every entry; where it answers false the key is an unknown field and the file
/// is refused. So is a key that is there twice, however it is spelled or called: nats-server takes
/// either, and what the other one forbade would be lost.
void conf_each(const ConfContext& context, const ConfMap& map, const ConfNames& names,
               const ConfTake& known);
/// The same for blocks of which a part may be given again, after an include for instance, as long
/// as it is spelled alike: `known` calls conf_once() where that is not so.
void conf_each_last(const ConfContext& context, const ConfMap& map, const ConfNames& names,
                    const ConfTake& known);

}  // namespace frond::server
