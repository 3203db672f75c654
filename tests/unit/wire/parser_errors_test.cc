// What is refused, and when.
#include "unit/wire/parser_reading.h"

using namespace std::string_literals;
using namespace frond::wire;

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

TEST_CASE("parser: control line limit (CP-10)") {
  const std::string line(64, 'x');
  CHECK(parse("CONNECT " + line + "\r\n").size() == 1);
  CHECK(parse("CONNECT " + line + "\r\n")[0][0] == 'c');
  CHECK(parse("CONNECT " + line + "x\r\n") == Found{"!line"});
  CHECK(parse("CONNECT " + line + "x") == Found{"!line"});
  CHECK(parse("CONNECT " + line + "\r").empty());
  Parser parser = make();
  CHECK(parse(parser, {"SUB " + line, "x"}) == Found{"!line"});
  CHECK(parse("LS+ " + line + "\r\n", Dialect::leaf)[0][0] == 'l');
  CHECK(parse("LS+ " + line + "x\r\n", Dialect::leaf) == Found{"!line"});
}

TEST_CASE("parser: blanks count as any byte of a line does") {
  const std::string blanks(32, ' ');
  const std::string tabs(33, '\t');
  CHECK(parse("SUB " + blanks + "foo" + std::string(28, ' ') + "1\r\n") == Found{"sub[foo][][1]"});
  CHECK(parse("SUB " + blanks + tabs + "foo 1\r\n") == Found{"!line"});
  CHECK(parse("SUB foo 1" + blanks + tabs + "\r\n") == Found{"!line"});
  CHECK(parse("SUB foo" + blanks + tabs + "1\r\n") == Found{"!line"});
  CHECK(parse("PING" + blanks + blanks + "\r\n") == Found{"ping"});
  CHECK(parse("PING" + blanks + tabs + "\r\n") == Found{"!line"});
  CHECK(parse("LS+ " + blanks + tabs + "foo\r\n", Dialect::leaf) == Found{"!line"});
}

TEST_CASE("parser: a line of blanks without end is refused at its bound, however it is cut") {
  for (const Dialect dialect : {Dialect::client, Dialect::leaf}) {
    for (const std::string_view begin :
         {"PING", "PING ", "PONG\t", "CONNECT", "CONNECT ", "INFO ", "-ERR ", "+OK ", "PUB ",
          "PUB a ", "HPUB ", "SUB ", "UNSUB ", "LS+ ", "LS- a ", "LMSG ", "HMSG "}) {
      for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{64 * 1024}}) {
        Parser parser = make(dialect);
        std::string_view first = begin;
        if (parser.next(first) == Parser::Result::error) {
          continue;  // A verb of the other dialect.
        }
        CAPTURE(begin, piece);
        // A GiB of blanks would follow: what counts is how many of them it takes.
        std::size_t taken = 0;
        Parser::Result result = Parser::Result::more;
        const std::string blanks(piece, ' ');
        while (result == Parser::Result::more && taken < 1024 * 1024) {
          std::string_view input = blanks;
          result = parser.next(input);
          taken += piece;
        }
        REQUIRE(result == Parser::Result::error);
        CHECK(parser.error() == ParseError::control_line_too_long);
        CHECK(taken <= 64 + 2 + piece);
        CHECK(parser.buffered_bytes() <= 64 + 16);
      }
    }
  }
}

TEST_CASE("parser: HPUB needs headers to be allowed (CP-11)") {
  Parser parser(Dialect::client, {});
  CHECK(parse(parser, {"HPUB foo 12 12\r\n"}) == Found{"!headers"});
}
