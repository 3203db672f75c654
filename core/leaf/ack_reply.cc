#include "leaf/ack_reply.h"

namespace frond::leaf {

namespace {
constexpr std::string_view ack_prefix = "$JS.ACK.";
constexpr int dots_min = 8;
}  // namespace

bool is_ack_reply(std::string_view reply) { return reply.starts_with(ack_prefix); }

std::optional<AckReply> split_ack_reply(std::string_view reply) {
  if (!is_ack_reply(reply)) {
    return std::nullopt;
  }
  int dots = 0;
  for (std::size_t i = 0; i < reply.size(); ++i) {
    if (reply[i] == '.') {
      ++dots;
    } else if (reply[i] == '@' && dots >= dots_min) {
      return AckReply{reply.substr(0, i), reply.substr(i + 1)};
    }
  }
  return std::nullopt;
}

}  // namespace frond::leaf
