#pragma once
// Options of one node, set once when it opens. Limits have NATS's defaults (nats-features 17).

#include <frond/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace frond {

/// How a connection speaks to us.
enum class ConnectionKind : std::uint8_t {
  client,  ///< NATS client protocol; we speak first with INFO.
  leaf,    ///< A leaf that joins us; we speak first with a leaf INFO.
  hub,     ///< The link we dialled (DialHub); the hub speaks first.
};

/// How a user may come in (allowed_connection_types); by default in every way.
struct ConnectionTypes {
  bool standard = true, websocket = true, leafnode = true, leafnode_ws = true;

  bool permit(ConnectionKind kind, bool by_websocket) const {
    if (kind == ConnectionKind::client) {
      return by_websocket ? websocket : standard;
    }
    return by_websocket ? leafnode_ws : leafnode;
  }
  bool operator==(const ConnectionTypes&) const = default;
};

/// A subject list with allow and deny parts; an empty allow list allows all (SU-14).
struct SubjectRights {
  std::vector<std::string> allow;
  std::vector<std::string> deny;

  bool operator==(const SubjectRights&) const = default;
};

/// The right to answer what was delivered (SU-15, allow_responses). Zero or less: no bound.
struct ResponseRights {
  std::int64_t messages_max = 1;  ///< To each reply subject.
  Duration expires = std::chrono::minutes(2);

  bool operator==(const ResponseRights&) const = default;
};

/// A user who may connect (AU-06). With no users and no token anyone may.
struct User {
  std::string name;
  std::string password;  ///< Or its bcrypt hash, "$2a$10$...".
  std::string nkey =
      {};  ///< Public key ("U..."): signs a nonce instead of name and password (AU-07).
  SubjectRights publish;
  SubjectRights subscribe;
  /// With it, an empty list of what may be published allows nothing but answers.
  std::optional<ResponseRights> responses = std::nullopt;
  ConnectionTypes connection_types = {};

  /// Whether any of these restrict what the user may do.
  bool restricted() const {
    return !publish.allow.empty() || !publish.deny.empty() || !subscribe.allow.empty() ||
           !subscribe.deny.empty() || responses;
  }
  bool operator==(const User&) const = default;
};

/// Where this node joins a hub as a leaf, and as whom.
struct HubConfig {
  std::string url;     ///< ws://, wss:// with path /leafnode, or nats-leaf://
  std::string domain;  ///< JetStream domain of the hub; empty when it has none.
  std::string user, password, token;
  std::string jwt;  ///< With host.signer: sent beside the signature.
};

struct Config {
  std::string name;       ///< Server name; also the leaf's name and cluster: unique per device.
  std::string domain;     ///< JetStream domain; may be empty on a server that stands alone.
  std::string server_id;  ///< 56 characters "N..."; derived from entropy when empty.
  std::string version = "2.14.0";  ///< What INFO says; clients gate features on it (VG-01).
  std::string host = "0.0.0.0";
  std::uint16_t port = 4222;
  bool jetstream = true;
  std::vector<User> users;
  std::string token;
  std::string no_auth_user;            ///< Who says nothing of itself comes in as this user.
  std::string websocket_no_auth_user;  ///< The same of those who come by WebSocket, when set.
  std::vector<User> leaf_users;        ///< Who may join as a leaf; empty means as for clients.
  std::optional<HubConfig> hub;

  std::uint32_t payload_bytes_max = 1024 * 1024;
  std::uint32_t control_line_bytes_max = 4096;
  std::uint64_t pending_bytes_max = 64ull * 1024 * 1024;
  Duration ping_interval = std::chrono::minutes(2);
  std::uint32_t pings_out_max = 2;
  Duration auth_timeout = std::chrono::seconds(2);
  Duration leaf_auth_timeout = std::chrono::seconds(2);
  std::size_t connections_max = 64 * 1024;  ///< Clients.
  std::size_t subscriptions_max = 0;        ///< Of one client; 0: no other than the engine's own.
  std::int64_t storage_bytes_max = -1;      ///< JetStream account limits; -1 means none.
  std::int64_t memory_bytes_max = -1;
};

struct ConnectionInfo {
  ConnectionKind kind = ConnectionKind::client;
  bool websocket = false;
  bool trusted = false;  ///< In-page port: no authentication asked (CP-16).
  std::string address;   ///< Shown in INFO client_ip and connz.
};

}  // namespace frond
