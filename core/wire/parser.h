#pragma once
// Bytes -> commands, for the client protocol and for both ends of a leaf link. Bytes may be cut
// anywhere. What lies whole in one input is handed on as views of that input, without a copy; what
// was cut is gathered once in the parser's own buffer. First stop of every message on its way in.
// One parser per connection, as long as the connection.

#include "wire/command.h"
#include "wire/verbs.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace frond::wire {

enum class ParseError : std::uint8_t {
  none,
  unknown_operation,      ///< ER-01: -ERR 'Unknown Protocol Operation', close.
  bad_arguments,          ///< A known verb with arguments that make no sense: close without a word.
  control_line_too_long,  ///< CP-10
  payload_too_large,      ///< CP-09; header and payload count.
  headers_not_supported,  ///< CP-11: HPUB without headers in CONNECT.
};

struct ParserLimits {
  /// Of a line without its verb, the separator behind that and the end of line.
  std::size_t control_line_bytes_max = 4096;
  std::size_t payload_bytes_max = 1024 * 1024;
};

class Parser {
 public:
  enum class Result : std::uint8_t {
    command,  ///< command() is set; call again with the rest of the input.
    more,     ///< The input is used up.
    error,    ///< error() says why; the connection must end, the parser is of no more use.
  };

  Parser(Dialect dialect, ParserLimits limits) : dialect_(dialect), limits_(limits) {}

  /// Takes bytes off the front of `input` until a command is complete, the input is used up or an
  /// error is found.
  Result next(std::string_view& input);
  const Command& command() const { return command_; }
  ParseError error() const { return error_; }

  /// True between two commands: the next byte begins a verb. CP-16 must judge that byte.
  bool at_start() const { return state_ == State::line && (consumed_ || line_.empty()); }

  /// What it holds of a line that has not ended, and of a payload.
  std::size_t buffered_bytes() const { return line_.size() + body_.size(); }

  /// HPUB is an error until the client has announced headers (CP-11). Leaf links always may.
  void allow_headers(bool allowed) { headers_allowed_ = allowed; }
  void set_payload_bytes_max(std::size_t bytes) { limits_.payload_bytes_max = bytes; }

 private:
  enum class State : std::uint8_t { line, payload };

  Result next_line(std::string_view& input);
  Result next_payload(std::string_view& input);
  Result partial_line(std::string_view& input);
  Result parse_line(std::string_view line);
  Result parse_publish(std::string_view arguments, bool with_header);
  Result parse_routed(std::string_view arguments, bool with_header);
  Result parse_sizes(std::string_view header_size, std::string_view total_size);
  Result parse_subscribe(std::string_view arguments);
  Result parse_unsubscribe(std::string_view arguments);
  Result parse_interest(std::string_view arguments);
  Result parse_interest_gone(std::string_view arguments);
  Result finish_message(std::string_view body);
  Result fail(ParseError error) {
    error_ = error;
    return Result::error;
  }
  std::size_t line_kept_max() const { return limits_.control_line_bytes_max + verb_bytes_max; }
  bool line_too_long(std::size_t line_bytes, const VerbForm& form) const;

  Dialect dialect_;
  ParserLimits limits_;
  bool headers_allowed_ = false;
  State state_ = State::line;
  ParseError error_ = ParseError::none;
  bool consumed_ = false;  ///< The buffers belong to a command that was handed out: clear them.
  Command command_;
  std::string_view current_line_;  ///< The line of the message whose payload is awaited.
  std::string line_;               ///< A line that was cut.
  std::string body_;               ///< A payload that was cut, with its CRLF.
  std::size_t header_size_ = 0;
  std::size_t total_size_ = 0;
  std::vector<std::string_view> queues_;
};

}  // namespace frond::wire
