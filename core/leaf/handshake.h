#pragma once
// The JSON of the leaf handshake (leafnode-protocol 3.1 and 3.2), both sides: what a hub's INFO
// says, and the CONNECT and INFO texts we send. Pure functions used by hub_link and accepted_leaf.

#include <frond/config.h>
#include <frond/host.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace frond::leaf {

/// What we use of an INFO.
struct HubInfo {
  bool is_leaf = false;  ///< False for a client listener's INFO: the URL's path is wrong.
  bool connect_info = false;
  bool info_on_connect = false;
  std::string server_id, server_name, version, domain, cluster, nonce;
  bool headers = true;
  std::uint64_t payload_bytes_max = 1024 * 1024;
  std::optional<SubjectRights> import_rights;  ///< What we may subscribe.
  std::optional<SubjectRights> export_rights;  ///< What we may publish.
};
/// Nothing when the text is no JSON object.
std::optional<HubInfo> parse_hub_info(std::string_view json);

/// The CONNECT of a leaf. `signer` may be null; a JWT or nkey is only sent with a signature over
/// `nonce`, except that a JWT goes alone when there is no signer (bearer tokens need none).
std::string leaf_connect_json(const Config& config, const HubConfig& hub, const Signer* signer,
                              std::string_view nonce);

/// What we use of a leaf's CONNECT.
struct LeafConnect {
  std::string name, cluster, version, domain, remote_account;
  std::string user, password, token, nkey, signature;
  bool has_lang = false;  ///< Only clients send it: they are at the wrong port.
  bool headers = false;
  SubjectRights deny;  ///< deny_pub: what it does not want to be sent.
};
/// Nothing when the text is no JSON object or a field is of another type: half-read, it might say
/// less of who comes and what they refuse than it means.
std::optional<LeafConnect> parse_leaf_connect(std::string_view json);

/// What the accepting side says about itself in its INFO.
struct AcceptInfo {
  std::string_view server_id;
  std::uint64_t client_id = 0;
  std::string_view client_ip;
  std::string_view nonce;      ///< First INFO.
  bool connect_info = false;   ///< Second INFO.
  const User* user = nullptr;  ///< Second INFO: whose permissions to tell.
};
std::string accept_info_json(const Config& config, const AcceptInfo& info);

}  // namespace frond::leaf
