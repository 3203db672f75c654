#include "wire/parser.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace std::string_literals;
using frond::wire::Command;
using frond::wire::Dialect;
using frond::wire::ParseError;
using frond::wire::Parser;
using frond::wire::Verb;

namespace {

std::string describe(const Command& command) {
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

std::string describe(ParseError error) {
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

Parser make(Dialect dialect = Dialect::client) {
  Parser parser(dialect, {.control_line_bytes_max = 64, .payload_bytes_max = 100});
  parser.allow_headers(true);
  return parser;
}

/// Parses the pieces one after the other, each from memory of its own that is freed behind it.
std::vector<std::string> parse(Parser& parser, const std::vector<std::string>& pieces) {
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
std::vector<std::string> parse(const std::string& bytes, Dialect dialect = Dialect::client) {
  Parser parser = make(dialect);
  return parse(parser, {bytes});
}
using Found = std::vector<std::string>;

const std::string client_stream =
    "CONNECT {\"verbose\":false}\r\nPING\r\nSUB foo 1\r\nsub foo.* q 22\r\nPUB foo 5\r\nhello\r\n"
    "pub\tfoo  bar \t0\r\n\r\nHPUB a.b r 12 14\r\nNATS/1.0\r\n\r\nhi\r\nUNSUB 1\r\nUnSub 22 7\r\n"
    "PONG\r\nPUB x 4\nA\r\nB\r\n-ERR 'gone'\r\n+OK\r\nINFO {}\r\n"s;
const Found client_commands = {"connect[{\"verbose\":false}]",
                               "ping",
                               "sub[foo][][1]",
                               "sub[foo.*][q][22]",
                               "pub[foo][][][hello]",
                               "pub[foo][bar][][]",
                               "pub[a.b][r][NATS/1.0\r\n\r\n][hi]",
                               "unsub[1]0",
                               "unsub[22]7",
                               "pong",
                               "pub[x][][][A\r\nB]",
                               "err[gone]",
                               "ok",
                               "info[{}]"};
const std::string leaf_stream =
    "INFO {\"a\":1}\r\nLS+ foo.>\r\nLS+ foo q 3\r\nls- foo\r\nLS- foo q\r\nLMSG a 2\r\nhi\r\n"
    "LMSG a r 2\r\nhi\r\nLMSG a | q1 q2 1\r\nm\r\nLMSG a + r q1 0\r\n\r\n"
    "HMSG qs + r.3 wq 12 13\r\nNATS/1.0\r\n\r\nE\r\nHMSG a 12 12\r\nNATS/1.0\r\n\r\n\r\n"
    "HMSG a r 12 12\r\nNATS/1.0\r\n\r\n\r\nPING\r\nPONG\r\n-ERR 'x y'\r\n"s;
const Found leaf_commands = {"info[{\"a\":1}]",
                             "ls+[foo.>][]1",
                             "ls+[foo][q]3",
                             "ls-[foo][]",
                             "ls-[foo][q]",
                             "lmsg[a][][][hi]<>",
                             "lmsg[a][r][][hi]<>",
                             "lmsg[a][][][m]<[q1][q2]>",
                             "lmsg[a][r][][]<[q1]>",
                             "lmsg[qs][r.3][NATS/1.0\r\n\r\n][E]<[wq]>",
                             "lmsg[a][][NATS/1.0\r\n\r\n][]<>",
                             "lmsg[a][r][NATS/1.0\r\n\r\n][]<>",
                             "ping",
                             "pong",
                             "err[x y]"};

}  // namespace

TEST_CASE("parser: all client verbs, any case, any blanks") {
  CHECK(parse(client_stream) == client_commands);
}

TEST_CASE("parser: all leaf verbs") { CHECK(parse(leaf_stream, Dialect::leaf) == leaf_commands); }

TEST_CASE("parser: bytes cut at every position") {
  for (std::size_t cut = 0; cut <= client_stream.size(); ++cut) {
    CAPTURE(cut);
    Parser parser = make();
    REQUIRE(parse(parser, {client_stream.substr(0, cut), client_stream.substr(cut)}) ==
            client_commands);
  }
  for (std::size_t cut = 0; cut <= leaf_stream.size(); ++cut) {
    CAPTURE(cut);
    Parser parser = make(Dialect::leaf);
    REQUIRE(parse(parser, {leaf_stream.substr(0, cut), leaf_stream.substr(cut)}) == leaf_commands);
  }
}

TEST_CASE("parser: bytes cut at every pair of positions around a message") {
  const std::string bytes = "PING\r\nHPUB a.b r 12 14\r\nNATS/1.0\r\n\r\nhi\r\nPUB c 1\r\nx\r\n";
  const Found commands = {"ping", "pub[a.b][r][NATS/1.0\r\n\r\n][hi]", "pub[c][][][x]"};
  for (std::size_t i = 0; i <= bytes.size(); ++i) {
    for (std::size_t j = i; j <= bytes.size(); ++j) {
      Parser parser = make();
      REQUIRE(parse(parser, {bytes.substr(0, i), bytes.substr(i, j - i), bytes.substr(j)}) ==
              commands);
    }
  }
}

TEST_CASE("parser: one byte at a time") {
  std::vector<std::string> bytes;
  for (const char c : client_stream) {
    bytes.emplace_back(1, c);
  }
  Parser parser = make();
  CHECK(parse(parser, bytes) == client_commands);
}

TEST_CASE("parser: a whole message is not copied") {
  const std::string bytes = "PUB foo bar 5\r\nhello\r\n";
  Parser parser = make();
  std::string_view input = bytes;
  REQUIRE(parser.next(input) == Parser::Result::command);
  const frond::base::Message& message = parser.command().message;
  CHECK(message.subject.data() == bytes.data() + 4);
  CHECK(message.reply.data() == bytes.data() + 8);
  CHECK(message.payload.data() == bytes.data() + 15);
}

TEST_CASE("parser: what is no command") {
  for (const char* bytes :
       {"FOO\r\n", "\r\n", "PUBX foo 1\r\n", "PUB\r\n", "SUBfoo 1\r\n", "SUB\r\n", "UNSUB\r\n",
        "HPUB\r\n", "PINX\r\n", "MSG foo 1 1\r\n", "HMSG foo 1 1\r\n", "LS+ foo\r\n", "RS+ foo\r\n",
        "+KO\r\n", "-ERR\r\n", "CONNEC {}\r\n", "GET / HTTP/1.1\r\n"}) {
    CAPTURE(bytes);
    CHECK(parse(bytes) == Found{"!unknown"});
  }
  CHECK(parse("\0"s) == Found{"!unknown"});
  CHECK(parse("SUB foo 1\r\n", Dialect::leaf) == Found{"!unknown"});
  CHECK(parse("MSG foo 1 1\r\n", Dialect::leaf) == Found{"!unknown"});
}

TEST_CASE("parser: what cannot become a command is refused before its line ends") {
  CHECK(parse("X") == Found{"!unknown"});
  CHECK(parse("PUBL") == Found{"!unknown"});
  CHECK(parse("PU").empty());
  CHECK(parse("PUB ").empty());
  CHECK(parse("-").empty());
}

TEST_CASE("parser: arguments that make no sense") {
  for (const char* bytes :
       {"PUB foo\r\n", "PUB \r\n", "PUB foo bar baz 1\r\n", "PUB foo -1\r\n", "PUB foo x\r\n",
        "PUB foo 1234567890\r\n", "PUB foo bar 1x\r\n", "HPUB foo 1\r\n", "HPUB foo 5 4\r\n",
        "HPUB foo a b 1 2 3\r\n", "HPUB foo x 5\r\n", "SUB foo\r\n", "SUB a b c d\r\n", "SUB \r\n",
        "UNSUB 1 2 3\r\n", "UNSUB \r\n"}) {
    CAPTURE(bytes);
    CHECK(parse(bytes) == Found{"!arguments"});
  }
  for (const char* bytes : {"LS+ foo q\r\n", "LS+ foo q x\r\n", "LS+ a b 1 2\r\n", "LS- a b c\r\n",
                            "LMSG a\r\n", "LMSG a r q 1\r\n", "LMSG a ++ r q 1\r\n", "HMSG a 1\r\n",
                            "HMSG a b c 1 1\r\n", "HMSG a 3 2\r\n", "LMSG a + 2x\r\n"}) {
    CAPTURE(bytes);
    CHECK(parse(bytes, Dialect::leaf) == Found{"!arguments"});
  }
}

TEST_CASE("parser: an unreadable maximum of UNSUB means at once") {
  CHECK(parse("UNSUB 1 x\r\nUNSUB 1 0\r\n") == Found{"unsub[1]0", "unsub[1]0"});
}

TEST_CASE("parser: a payload that does not end where it should") {
  CHECK(parse("PUB foo 2\r\nhello\r\n") == Found{"!unknown"});
  CHECK(parse("PUB foo 2\r\nhi\rx") == Found{"!unknown"});
  CHECK(parse("PUB foo 2\r\nhix") == Found{"!unknown"});
  Parser parser = make();
  CHECK(parse(parser, {"PUB foo 2\r\nh", "ix"}) == Found{"!unknown"});
  CHECK(parse(parser, {"PING\r\n"}) == Found{"!unknown"});  // It stays broken.
}

TEST_CASE("parser: payload limit counts header and payload and speaks before they come (CP-09)") {
  CHECK(parse("PUB foo 100\r\n").empty());
  CHECK(parse("PUB foo 101\r\n") == Found{"!payload"});
  CHECK(parse("HPUB foo 12 101\r\n") == Found{"!payload"});
  CHECK(parse("LMSG foo 101\r\n", Dialect::leaf) == Found{"!payload"});
  CHECK(parse("PUB foo 999999999\r\n") == Found{"!payload"});
}

TEST_CASE("parser: control line limit (CP-10), sixteen times as long on a leaf link") {
  const std::string line(64, 'x');
  CHECK(parse("CONNECT " + line + "\r\n").size() == 1);
  CHECK(parse("CONNECT " + line + "\r\n")[0][0] == 'c');
  CHECK(parse("CONNECT " + line + "x\r\n") == Found{"!line"});
  CHECK(parse("CONNECT " + line + "x") == Found{"!line"});
  CHECK(parse("CONNECT " + line + "\r").empty());
  Parser parser = make();
  CHECK(parse(parser, {"SUB " + line, "x"}) == Found{"!line"});
  CHECK(parse("LS+ " + std::string(1024, 'x') + "\r\n", Dialect::leaf)[0][0] == 'l');
  CHECK(parse("LS+ " + std::string(1025, 'x') + "\r\n", Dialect::leaf) == Found{"!line"});
}

TEST_CASE("parser: HPUB needs headers to be allowed (CP-11)") {
  Parser parser(Dialect::client, {});
  CHECK(parse(parser, {"HPUB foo 12 12\r\n"}) == Found{"!headers"});
}

TEST_CASE("parser: knows when it is between two commands") {
  Parser parser = make();
  CHECK(parser.at_start());
  parse(parser, {"PI"});
  CHECK_FALSE(parser.at_start());
  parse(parser, {"NG\r\n"});
  CHECK(parser.at_start());
  parse(parser, {"PUB foo 2\r\n"});
  CHECK_FALSE(parser.at_start());
  parse(parser, {"hi\r\n"});
  CHECK(parser.at_start());
}

TEST_CASE("parser: a large payload in many pieces") {
  Parser parser(Dialect::client, {});
  std::string payload;
  for (int i = 0; i < 500'000; ++i) {
    payload.push_back(static_cast<char>(i * 31));
  }
  const std::string bytes =
      "PUB big " + std::to_string(payload.size()) + "\r\n" + payload + "\r\nPING\r\n";
  std::vector<std::string> pieces;
  for (std::size_t i = 0; i < bytes.size(); i += 4099) {
    pieces.push_back(bytes.substr(i, 4099));
  }
  const Found found = parse(parser, pieces);
  REQUIRE(found.size() == 2);
  CHECK(found[0] == "pub[big][][][" + payload + "]");
  CHECK(found[1] == "ping");
}
