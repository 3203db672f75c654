#pragma once
// `reply@subject` (leafnode-protocol 5.1): a JetStream delivery travels by its inbox, and the
// subject the client must see rides behind the reply. Both directions, used by leaf_session only.

#include <optional>
#include <string>
#include <string_view>

namespace frond::leaf {

struct AckReply {
  std::string_view reply;
  std::string_view subject;
};

/// Parts of "$JS.ACK.<at least eight dots>@<subject>"; nothing for any other reply. Stream and
/// consumer names may contain '@', so only the first one behind the eighth dot separates.
std::optional<AckReply> split_ack_reply(std::string_view reply);

/// True for replies of JetStream deliveries, the only ones that carry a subject.
bool is_ack_reply(std::string_view reply);

}  // namespace frond::leaf
