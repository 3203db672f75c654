#include "leaf/link_cause.h"

#include "base/base64.h"
#include "wire/json_reader.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <span>

namespace frond::leaf {

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// What an administrator has to mend is not looked at every second; whose credentials are replaced
// by the host may come again soon; two nodes of one name must not throw each other out all day.
constexpr RefusalPauses settled{.first = seconds(5), .last = seconds(30)};
constexpr RefusalPauses long_settled{.first = seconds(30), .last = seconds(30)};
constexpr RefusalPauses renewable{.first = milliseconds(250), .last = seconds(30)};
constexpr RefusalPauses contested{.first = seconds(10), .last = minutes(10)};

struct Meaning {
  std::string_view mark;  // Part of what is said.
  std::string_view code;
  std::string_view text;  // What it means; what was said is put behind it.
  const RefusalPauses* pauses;
};

// The first that fits. Without pauses it is no refusal: the network's or the moment's fault.
constexpr std::array meanings{
    Meaning{"Authentication Timeout", "closed", "", nullptr},
    Meaning{"Authentication Expired", "expired", "the credentials have expired", &renewable},
    Meaning{"Authentication Revoked", "revoked", "the credentials were revoked", &renewable},
    Meaning{"Credentials Revoked", "revoked", "the credentials were revoked", &renewable},
    Meaning{"Authorization Violation", "credentials", "the hub refuses the credentials", &settled},
    Meaning{"Authentication", "credentials", "the hub refuses the credentials", &settled},
    Meaning{"Permissions Violation", "permissions", "the hub ended the link", &settled},
    Meaning{"Duplicate Remote LeafNode", "duplicate", "", &contested},
    Meaning{"Loop detected", "loop", "", &long_settled},
    Meaning{"same cluster name", "cluster_name", "the hub's cluster has this node's name",
            &long_settled},
    Meaning{"Cluster Names Identical", "cluster_name", "the hub's cluster has this node's name",
            &long_settled},
    Meaning{"minimum version required", "version", "", &long_settled},
    Meaning{"maximum account active", "limit", "the hub takes no more leaf nodes", &settled},
    Meaning{"maximum connections", "limit", "the hub takes no more connections", &settled},
    Meaning{"Wrong Port", "wrong_path", "", &settled},
    Meaning{"Incorrect Port", "wrong_path", "", &settled},
    Meaning{"Not configured to accept leaf", "no_leaf", "", &settled},
    Meaning{"leaf protocol", "protocol", "", &settled},
    Meaning{"INFO is no JSON", "protocol", "", &settled},
    Meaning{"takes too long", "unreachable", "", nullptr},
    Meaning{"Stale Connection", "stale", "the hub has not answered for too long", nullptr},
    Meaning{"Slow Consumer", "slow", "the hub reads too slowly", nullptr},
    Meaning{"Maximum Payload", "payload", "", nullptr},
    Meaning{"Server Shutdown", "shutdown", "the hub is shutting down", nullptr},
};

// What a host says of a dial that failed.
constexpr std::array dial_meanings{
    Meaning{"code 1006", "unreachable", "", nullptr},  // All that a browser tells; advice follows.
    Meaning{"HTTP 403", "origin", "the hub does not accept this origin (its allowed_origins)",
            &settled},
    Meaning{"response: 403", "origin", "the hub does not accept this origin (its allowed_origins)",
            &settled},
    Meaning{"HTTP 4", "http", "there is no hub behind this URL", &settled},
    Meaning{"response: 4", "http", "there is no hub behind this URL", &settled},
    Meaning{"certificate", "tls", "the hub's certificate is not trusted", &settled},
    Meaning{"no TLS", "tls", "", &settled},
    Meaning{"", "unreachable", "", nullptr},
};

const Meaning* meaning_of(std::span<const Meaning> list, std::string_view said) {
  const auto found = std::ranges::find_if(
      list, [said](const Meaning& one) { return said.find(one.mark) != std::string_view::npos; });
  return found == list.end() ? nullptr : &*found;
}

LinkCause make_cause(const Meaning& meaning, std::string_view said) {
  LinkCause cause{.code = meaning.code, .text = std::string(meaning.text)};
  if (cause.text.empty()) {
    cause.text = said;
  } else if (!said.empty()) {
    cause.text.append(" (").append(said).append(")");
  }
  if (meaning.pauses != nullptr) {
    cause.refusal = *meaning.pauses;
  }
  return cause;
}

/// When a JWT says that it ends; nothing when it does not, or is none.
std::optional<WallTime> expiry_of(std::string_view jwt) {
  const auto first = jwt.find('.');
  const auto second = jwt.find('.', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) {
    return std::nullopt;
  }
  const auto claims = base::base64_decode(jwt.substr(first + 1, second - first - 1));
  wire::Json json;
  if (!claims || !wire::parse_json(*claims, json).empty() || !json.is_object()) {
    return std::nullopt;
  }
  const auto at = json.find("exp");
  constexpr std::int64_t most = 5'000'000'000;  // In nanoseconds it still is a number.
  if (at == json.end() || !at->is_number_integer() || at->get<std::int64_t>() <= 0 ||
      at->get<std::int64_t>() > most) {
    return std::nullopt;
  }
  return WallTime(seconds(at->get<std::int64_t>()));
}

}  // namespace

LinkCause link_cause(std::string_view said, LinkStage stage, const Config& config, WallTime wall) {
  const Meaning* meaning =
      stage == LinkStage::dialling ? meaning_of(dial_meanings, said) : meaning_of(meanings, said);
  if (meaning == nullptr && stage == LinkStage::silent) {
    static constexpr Meaning no_leaf{
        "", "no_leaf",
        "the hub ended the connection without a word: it may not accept leaf nodes (a leafnodes "
        "block with a port)",
        &renewable};
    meaning = &no_leaf;
  }
  static constexpr Meaning closed{"", "closed", "", nullptr};
  LinkCause cause = make_cause(meaning == nullptr ? closed : *meaning, said);
  if (cause.code == "protocol" && stage == LinkStage::online) {
    cause.refusal.reset();  // Until then it was the leaf protocol.
  } else if (cause.code == "duplicate") {
    cause.text = "another node named " + config.name + " is connected to the hub";
  } else if (cause.code == "credentials" && config.hub) {
    const std::optional<WallTime> expiry = expiry_of(config.hub->jwt);
    if (expiry && *expiry <= wall) {
      cause = {.code = "expired", .text = "the credentials have expired", .refusal = renewable};
    }
  }
  return cause;
}

bool is_refusal(std::string_view said) {
  const Meaning* meaning = meaning_of(meanings, said);
  return meaning != nullptr && meaning->pauses != nullptr;
}

std::optional<LinkCause> domain_cause(const HubConfig& hub, std::string_view domain) {
  if (hub.domain.empty() || hub.domain == domain) {
    return std::nullopt;
  }
  std::string text = domain.empty() ? "the hub has no JetStream domain"
                                    : "the hub's JetStream domain is " + std::string(domain);
  text += ", not " + hub.domain;
  return LinkCause{.code = "domain", .text = std::move(text)};
}

}  // namespace frond::leaf
