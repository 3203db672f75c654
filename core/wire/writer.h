#pragma once
// Values -> protocol text, appended to a connection's output. The last stop of a message on its way
// out. What is written here is what real servers write, to the byte.

#include "base/message.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace frond::wire {

/// INFO; `json` is a whole object.
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
/// header and payload that were written.
std::size_t append_message(std::string& out, std::string_view sid, const base::Message& message,
                           bool with_header = true);

/// LS+ subject, or LS+ subject queue weight.
void append_interest(std::string& out, std::string_view subject, std::string_view queue,
                     std::uint32_t weight);
/// LS- subject, or LS- subject queue.
void append_interest_gone(std::string& out, std::string_view subject, std::string_view queue);
/// LMSG or HMSG on a leaf link, routed by `target`, with the reply as given (a JetStream delivery's
/// "@subject" is the caller's business). `queues` are the groups the other side must serve.
void append_routed(std::string& out, std::string_view target, std::string_view reply,
                   std::span<const std::string_view> queues, std::string_view header,
                   std::string_view payload);

}  // namespace frond::wire
