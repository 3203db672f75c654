#pragma once
// The first word of every line, for both dialects: how it is told from others when only its
// beginning is there, and what it means. One table of constants; read by parser for each line.

#include "wire/command.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace frond::wire {

enum class Dialect : std::uint8_t {
  client,  ///< What a client may send us: CONNECT PING PONG PUB HPUB SUB UNSUB (INFO +OK -ERR).
  leaf,    ///< What either end of a leaf link may send: CONNECT INFO PING PONG -ERR LS+ LS- LMSG
           ///< HMSG.
};

/// What may stand between a verb and its arguments.
enum class Gap : std::uint8_t {
  required,  ///< PUB x
  optional,  ///< CONNECT{} passes, as in nats-server.
  ignored,   ///< PING: whatever follows on the line.
};

struct VerbForm {
  std::string_view name;  ///< Upper case.
  Gap gap;
  Verb verb;
  bool with_header = false;  ///< HPUB, HMSG: a header size stands before the total.
};

/// The longest verb, what separates it from its arguments, and the end of line.
inline constexpr std::size_t verb_bytes_max = 16;

inline bool is_gap(char c) { return c == ' ' || c == '\t'; }

/// The form that the line, or the beginning of one, can be; null when there is none.
const VerbForm* find_verb(Dialect dialect, std::string_view line);

/// What follows the verb and the gap behind it.
std::string_view arguments_of(std::string_view line, const VerbForm& form);

}  // namespace frond::wire
