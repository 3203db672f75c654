#pragma once
// Bytes through a parser and out as text, a line for each command or error, for the tests of the
// parser.
#include "wire/parser.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace frond::wire {

inline std::string describe(const Command& command) {
  const frond::base::Message& m = command.message;
  const auto text = [](std::string_view view) { return "[" + std::string(view) + "]"; };
  std::string queues;
  for (const std::string_view queue : command.queues) {
    queues += text(queue);
  }
  switch (command.verb) {
    case Verb::connect:
      return "connect" + text(command.text);
    case Verb::info:
      return "info" + text(command.text);
    case Verb::ping:
      return "ping";
    case Verb::pong:
      return "pong";
    case Verb::ok:
      return "ok";
    case Verb::err:
      return "err" + text(command.text);
    case Verb::publish:
      return "pub" + text(m.subject) + text(m.reply) + text(m.header) + text(m.payload);
    case Verb::subscribe:
      return "sub" + text(command.subject) + text(command.queue) + text(command.sid);
    case Verb::unsubscribe:
      return "unsub" + text(command.sid) + std::to_string(command.max);
    case Verb::interest:
      return "ls+" + text(command.subject) + text(command.queue) + std::to_string(command.weight);
    case Verb::interest_gone:
      return "ls-" + text(command.subject) + text(command.queue);
    case Verb::routed:
      return "lmsg" + text(m.subject) + text(m.reply) + text(m.header) + text(m.payload) + "<" +
             queues + ">";
  }
  return "?";
}

inline std::string describe(ParseError error) {
  switch (error) {
    case ParseError::none:
      return "none";
    case ParseError::unknown_operation:
      return "!unknown";
    case ParseError::bad_arguments:
      return "!arguments";
    case ParseError::control_line_too_long:
      return "!line";
    case ParseError::payload_too_large:
      return "!payload";
    case ParseError::headers_not_supported:
      return "!headers";
  }
  return "?";
}

inline Parser make(Dialect dialect = Dialect::client) {
  Parser parser(dialect, {.control_line_bytes_max = 64, .payload_bytes_max = 100});
  parser.allow_headers(true);
  return parser;
}

/// Parses the pieces one after the other, each from memory of its own that is freed behind it.
inline std::vector<std::string> parse(Parser& parser, const std::vector<std::string>& pieces) {
  std::vector<std::string> found;
  for (const std::string& piece : pieces) {
    const std::vector<char> bytes(piece.begin(), piece.end());
    std::string_view input(bytes.data(), bytes.size());
    for (;;) {
      const Parser::Result result = parser.next(input);
      if (result == Parser::Result::more) {
        CHECK(input.empty());
        break;
      }
      if (result == Parser::Result::error) {
        found.push_back(describe(parser.error()));
        return found;
      }
      found.push_back(describe(parser.command()));
    }
  }
  return found;
}
inline std::vector<std::string> parse(const std::string& bytes, Dialect dialect = Dialect::client) {
  Parser parser = make(dialect);
  return parse(parser, {bytes});
}
using Found = std::vector<std::string>;

}  // namespace frond::wire
