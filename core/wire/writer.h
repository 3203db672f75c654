#pragma once
// Values -> protocol text, appended to a connection's output. The last stop of a message on its way
// out. What is written here is what real servers write, to the byte.
//
// Also the last guard: whatever a subject, reply, queue group or sid came from (a config, a file, a
// peer), it can neither end its line nor become two words of it. A line that would is not written
// at all, and the call says so.

#include "base/message.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace frond::wire {

/// INFO; `json` is a whole object. Line breaks in it (or in an error's text) become blanks.
void append_info(std::string& out, std::string_view json);
/// CONNECT, from a leaf to its hub.
void append_connect(std::string& out, std::string_view json);
void append_ping(std::string& out);
void append_pong(std::string& out);
void append_ok(std::string& out);
/// -ERR 'text'
void append_err(std::string& out, std::string_view text);

/// MSG or, when the message has a header, HMSG for a client's subscription `sid`. `with_header`
/// false leaves the header out, for clients that did not ask for headers. Returns the bytes of
/// header and payload that were written; nothing when a word of the line cannot be one.
std::optional<std::size_t> append_message(std::string& out, std::string_view sid,
                                          const base::Message& message, bool with_header = true);

/// LS+ subject, or LS+ subject queue weight. This and the next two are false when a word of the
/// line cannot be one.
[[nodiscard]] bool append_interest(std::string& out, std::string_view subject,
                                   std::string_view queue, std::uint32_t weight);
/// LS- subject, or LS- subject queue.
[[nodiscard]] bool append_interest_gone(std::string& out, std::string_view subject,
                                        std::string_view queue);
/// LMSG or HMSG on a leaf link, routed by `target`, with the reply as given (a JetStream delivery's
/// "@subject" is the caller's business). `queues` are the groups the other side must serve.
[[nodiscard]] bool append_routed(std::string& out, std::string_view target, std::string_view reply,
                                 std::span<const std::string_view> queues, std::string_view header,
                                 std::string_view payload);

}  // namespace frond::wire
