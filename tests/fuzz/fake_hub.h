#pragma once
// The far end of a node's link, for fuzz targets: every line that the node says must be one of the
// leaf protocol with subjects in it, and what asks is answered.

#include "input.h"
#include "subject/validity.h"
#include "unit/engine/test_host.h"
#include "wire/parser.h"
#include "wire/word.h"

#include <string>
#include <string_view>

namespace frond::fuzz {

/// What the hub answers to anything: a stream, a consumer and a PubAck in one document.
inline constexpr std::string_view hub_answer =
    R"({"type":"t","created":"2026-11-23T20:00:00Z","state":{"first_seq":1,"last_seq":0},)"
    R"("config":{"duplicate_window":120000000000},"name":"c","stream":"HUB","seq":1,)"
    R"("streams":["HUB"]})";

/// The far end of the link: reads every line, and answers what asks.
class FakeHub {
 public:
  explicit FakeHub(test::TestNode& node) : node_(node), link_(node.dials.back().connection) {
    parser_.allow_headers(true);
    ConnectionInfo info;
    info.kind = ConnectionKind::hub;
    info.websocket = true;
    node_.engine->connected(link_, info, node_.both());
    node_.say(link_,
              "INFO {\"server_id\":\"NA\",\"server_name\":\"hub1\",\"version\":\"2.10.27\","
              "\"client_id\":5,\"domain\":\"hub\",\"jetstream\":true,\"headers\":true,"
              "\"max_payload\":1048576,\"info_on_connect\":true}\r\n");
    node_.say(link_,
              "INFO {\"server_id\":\"NA\",\"server_name\":\"hub1\",\"client_id\":5,"
              "\"connect_info\":true,\"info_on_connect\":true,\"headers\":true,"
              "\"max_payload\":1048576,\"remote_account\":\"A\"}\r\nLS+ >\r\nPONG\r\n");
  }

  void hear() {
    for (int round = 0; round < 8; ++round) {
      const std::string said = node_.heard(link_);
      if (said.empty()) return;
      const std::string answers = read(said);
      must(!node_.closed.contains(link_), "the link stays");
      if (!answers.empty()) node_.say(link_, answers);
      node_.commit_all();
    }
  }

 private:
  std::string read(std::string_view said) {
    std::string answers;
    for (;;) {
      const auto result = parser_.next(said);
      if (result == wire::Parser::Result::more) return answers;
      must(result == wire::Parser::Result::command, "the hub hears lines of the leaf protocol");
      const wire::Command& command = parser_.command();
      switch (command.verb) {
        case wire::Verb::interest:
        case wire::Verb::interest_gone:
          must(subject::valid(command.subject), "interest is in a subject");
          must(command.queue.empty() || subject::valid_literal(command.queue), "of a group");
          break;
        case wire::Verb::routed:
          answers += answer(command);
          break;
        case wire::Verb::ping:
          answers += "PONG\r\n";
          break;
        case wire::Verb::connect:
        case wire::Verb::pong:
          break;
        default:
          must(false, "a leaf does not say this");
      }
    }
  }

  static std::string answer(const wire::Command& command) {
    const base::Message& message = command.message;
    // A client may publish to "a..b" or "a.*", here as at nats-server: it goes on as it is, but is
    // one word.
    must(wire::is_word(message.subject), "a message goes to one word");
    must(message.reply.empty() || subject::valid_literal(message.reply), "and names one as reply");
    must(!message.subject.starts_with("$JS.API."), "the API is local");
    if (message.reply.empty() || message.reply.starts_with("$JS.")) return {};
    return "LMSG " + std::string(message.reply) + " " + std::to_string(hub_answer.size()) + "\r\n" +
           std::string(hub_answer) + "\r\n";
  }

  test::TestNode& node_;
  ConnectionId link_;
  wire::Parser parser_{wire::Dialect::leaf, wire::ParserLimits{4096 * 16, 1024 * 1024}};
};

}  // namespace frond::fuzz
