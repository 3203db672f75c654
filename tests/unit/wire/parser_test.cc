// What is read, however it is cut.
#include "unit/wire/parser_reading.h"

using namespace std::string_literals;
using namespace frond::wire;

namespace {

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
