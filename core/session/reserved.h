#pragma once
// Subjects that only servers use among themselves: what session refuses of any client, whatever its
// permissions say.

#include <string_view>

namespace frond::session {

/// Replies that only servers make; a client that could choose them could forge acks (CP-21).
inline bool is_reserved_reply(std::string_view reply) {
  return reply.starts_with("_R_.") || (reply.starts_with("$JS.ACK.") && reply.size() > 8) ||
         (reply.starts_with("_GR_.") && reply.size() > 5);
}

/// Subjects between servers, on which no client may publish.
inline bool is_reserved_subject(std::string_view subject) {
  return subject.starts_with("$NRG.") || (subject.starts_with("_GR_.") && subject.size() > 5);
}

}  // namespace frond::session
