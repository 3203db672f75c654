#pragma once
// One command of the NATS protocol as the parser found it: views of the bytes it was cut from.
// Valid until the next call of the parser, and only while the input passed to that call lives.

#include "base/message.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace frond::wire {

enum class Verb : std::uint8_t {
  connect,        ///< CONNECT {json}: `text`
  info,           ///< INFO {json}: `text`
  ping,           ///< PING
  pong,           ///< PONG
  ok,             ///< +OK
  err,            ///< -ERR 'text': `text` without the quotes
  publish,        ///< PUB, HPUB: `message`
  subscribe,      ///< SUB: `subject`, `queue`, `sid`
  unsubscribe,    ///< UNSUB: `sid`, `max` (0 when not given: at once)
  interest,       ///< LS+: `subject`, `queue`, `weight`
  interest_gone,  ///< LS-: `subject`, `queue`
  routed,         ///< LMSG, HMSG from a leaf link: `message`, `queues`
};

struct Command {
  Verb verb{};
  std::string_view text;
  base::Message message;
  std::string_view subject;
  std::string_view queue;
  std::string_view sid;
  std::uint64_t max = 0;
  std::uint32_t weight = 1;
  /// The queue groups that the receiver of a routed message must serve (leaf protocol 5).
  std::span<const std::string_view> queues;
};

}  // namespace frond::wire
