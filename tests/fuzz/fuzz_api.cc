// Requests of $JS.API as any client may send them, through a whole node with a stream, a consumer
// and a hub. The input is cut at zero bytes: of each piece the first byte chooses the subject, the
// rest is the body, which may be a short form of a long one (expanded()). A request gets exactly
// one answer, which is JSON and names its type, in time that grows with what was said; what was
// accepted is there again, the same, after a restart from the node's files; and whatever a config
// says, the hub hears nothing but lines of the leaf protocol.
#include "base/limits.h"
#include "fake_hub.h"
#include "input.h"
#include "unit/engine/test_host.h"
#include "wire/json_reader.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace frond;
using fuzz::FakeHub;
using fuzz::must;

/// Which answers a request has.
enum class Answers { one, many };

struct Request {
  std::string_view subject;
  Answers answers = Answers::one;
};

constexpr std::array requests{
    Request{"$JS.API.INFO"},
    Request{"$JS.API.STREAM.CREATE.S"},
    Request{"$JS.API.STREAM.CREATE.T"},
    Request{"$JS.API.STREAM.UPDATE.S"},
    Request{"$JS.API.STREAM.NAMES"},
    Request{"$JS.API.STREAM.LIST"},
    Request{"$JS.API.STREAM.INFO.S"},
    Request{"$JS.API.STREAM.PURGE.S"},
    Request{"$JS.API.STREAM.SNAPSHOT.S"},
    Request{"$JS.API.STREAM.RESTORE.S"},
    Request{"$JS.API.STREAM.MSG.GET.S"},
    Request{"$JS.API.STREAM.MSG.DELETE.S"},
    Request{"$JS.API.STREAM.DELETE.T"},
    Request{"$JS.API.CONSUMER.CREATE.S"},
    Request{"$JS.API.CONSUMER.CREATE.S.d"},
    Request{"$JS.API.CONSUMER.CREATE.S.d.a.>"},
    Request{"$JS.API.CONSUMER.DURABLE.CREATE.S.c"},
    Request{"$JS.API.CONSUMER.NAMES.S"},
    Request{"$JS.API.CONSUMER.LIST.S"},
    Request{"$JS.API.CONSUMER.INFO.S.c"},
    Request{"$JS.API.CONSUMER.DELETE.S.d"},
    Request{"$JS.API.CONSUMER.PAUSE.S.c"},
    Request{"$JS.API.STREAM.DELETE.S"},
    // A pull waits; a direct get may answer with a batch, closed by a status.
    Request{"$JS.API.CONSUMER.MSG.NEXT.S.c", Answers::many},
    Request{"$JS.API.DIRECT.GET.S", Answers::many},
    Request{"$JS.API.DIRECT.GET.S.a.b", Answers::many},
    Request{"$FROND.QUERY.S", Answers::many},
};
// Of one input together, bodies in full.
constexpr std::size_t said_bytes_max = fuzz::long_text_bytes_max / 2;

Config config() {
  Config config = test::named("phone", "edge");
  config.hub = HubConfig{.url = "ws://hub/leafnode",
                         .domain = "hub",
                         .user = {},
                         .password = {},
                         .token = {},
                         .jwt = {}};
  return config;
}

class World {
 public:
  World() {
    join();
    ask("$JS.API.STREAM.CREATE.S",
        R"({"name":"S","subjects":["a.>"],"retention":"limits","storage":"file",)"
        R"("allow_direct":true})");
    ask("$JS.API.CONSUMER.DURABLE.CREATE.S.c",
        R"({"stream_name":"S","config":{"durable_name":"c","ack_policy":"explicit"}})");
    for (const std::string_view subject : {"a.b", "a.c", "a.b"}) {
      node_.say(client_,
                "HPUB " + std::string(subject) + " 18 22\r\nNATS/1.0\r\nX: 1\r\n\r\ntext\r\n");
    }
    settle();
  }

  void request(std::string_view piece) {
    const auto chosen = static_cast<std::uint8_t>(piece.empty() ? 0 : piece.front());
    const Request& request = requests[chosen % requests.size()];
    const std::string body = fuzz::expanded(piece.substr(piece.empty() ? 0 : 1),
                                            said_bytes_max - std::min(said_, said_bytes_max));
    said_ += body.size();
    node_.now += std::chrono::milliseconds(100);
    const fuzz::WorkBound bound(said_);
    const bool one = request.answers == Answers::one;
    const std::vector<std::string> answers = ask(request.subject, body, one ? inbox : pull_inbox);
    if (!one) return;
    must(answers.size() == 1, "a request has one answer");
    const wire::Json answer = read(answers.front());
    must(answer.contains("type") && answer["type"].is_string(), "an answer names its type");
    const bool writes = request.subject.find("CREATE") != std::string_view::npos ||
                        request.subject.find("UPDATE") != std::string_view::npos ||
                        request.subject.find("PAUSE") != std::string_view::npos;
    if (writes && !answer.contains("error")) restart();
  }

  /// What was accepted is there again, the same.
  void restart() {
    const std::vector<std::string> before = configs();
    node_.notices.clear();
    node_.restart();
    must(std::ranges::none_of(
             node_.notices,
             [](const Notice& notice) { return notice.kind == NoticeKind::block_quarantined; }),
         "nothing of it is damaged");
    join();
    must(configs() == before, "what was accepted is there after a restart");
  }

  void wait(int seconds) {
    for (; seconds > 0; --seconds) {
      node_.pass(std::chrono::seconds(1));
      settle();
    }
  }

 private:
  void join() {
    client_ = node_.client();
    node_.say(client_,
              "SUB " + std::string(inbox) + " 1\r\nSUB " + std::string(pull_inbox) + " 2\r\n");
    hub_.emplace(node_);
    settle();
  }

  void settle() {
    node_.commit_all();
    node_.engine->tick(node_.both());
    node_.drain();
    node_.commit_all();
    hub_->hear();
  }

  /// Payloads of what came to the inbox for answers.
  std::vector<std::string> ask(std::string_view subject, std::string_view body,
                               std::string_view reply = inbox) {
    node_.heard(client_);
    node_.say(client_, "PUB " + std::string(subject) + " " + std::string(reply) + " " +
                           std::to_string(body.size()) + "\r\n" + std::string(body) + "\r\n");
    settle();
    return payloads(node_.heard(client_));
  }

  static std::vector<std::string> payloads(std::string_view told) {
    std::vector<std::string> found;
    while (!told.empty()) {
      must(told.starts_with("MSG ") || told.starts_with("HMSG ") || told.starts_with("PING\r\n") ||
               told.starts_with("INFO ") || told.starts_with("-ERR 'Invalid Publish Subject'"),
           "a client is told in lines of its protocol");
      const std::size_t end = told.find("\r\n");
      must(end != std::string_view::npos, "that end");
      const std::string_view line = told.substr(0, end);
      told.remove_prefix(end + 2);
      if (line == "PING" || line.starts_with("INFO ") || line.starts_with("-ERR ")) continue;
      const std::size_t size = std::stoul(std::string(line.substr(line.rfind(' ') + 1)));
      must(told.size() >= size + 2, "with the whole message");
      if (line.substr(line.find(' ', line.find(' ') + 1)).starts_with(" 1 ")) {
        found.emplace_back(told.substr(0, size));
      }
      told.remove_prefix(size + 2);
    }
    return found;
  }

  static wire::Json read(const std::string& text) {
    wire::Json json;
    must(wire::parse_json(text, json, base::json_stored_depth_max).empty(), "an answer is JSON");
    must(json.is_object(), "an object");
    must(wire::print_json(json) == text, "printed as Go prints JSON");
    return json;
  }

  /// Config and birth of everything that a restart must not change, by request.
  std::vector<std::string> configs() {
    std::vector<std::string> found;
    const auto note = [&](const std::string& request) {
      const std::vector<std::string> answers = ask(request, "");
      must(answers.size() == 1, "what is named can be asked about");
      const wire::Json info = read(answers.front());
      must(!info.contains("error"), "and answers");
      if (!info.contains("stream_name") || lasts(info["config"])) {
        found.push_back(request + wire::print_json(info["config"]) +
                        wire::print_json(info["created"]));
      }
    };
    for (const std::string& name : names("$JS.API.STREAM.NAMES", "streams")) {
      note("$JS.API.STREAM.INFO." + name);
      if (read(ask("$JS.API.STREAM.INFO." + name, "").front())["config"]["storage"] != "file") {
        continue;
      }
      for (const std::string& consumer : names("$JS.API.CONSUMER.NAMES." + name, "consumers")) {
        note("$JS.API.CONSUMER.INFO." + name + "." + consumer);
      }
    }
    return found;
  }
  std::vector<std::string> names(const std::string& request, const char* field) {
    const std::vector<std::string> answers = ask(request, "");
    must(answers.size() == 1, "names are told");
    const wire::Json answer = read(answers.front());
    return answer[field].is_array() ? answer[field].get<std::vector<std::string>>()
                                    : std::vector<std::string>{};
  }
  /// CC-26: what dies with its client is not kept.
  static bool lasts(const wire::Json& consumer) {
    return (consumer.contains("durable_name") ||
            consumer.value("inactive_threshold", std::int64_t{0}) > 5'000'000'000) &&
           !consumer.value("mem_storage", false) && !consumer.value("direct", false);
  }

  static constexpr std::string_view inbox = "_INBOX.Xk2vTq9LmZr4.1";  // Nobody else delivers there.
  static constexpr std::string_view pull_inbox = "_INBOX.Xk2vTq9LmZr4.2";  // A pull may end later.
  test::TestNode node_{config()};
  ConnectionId client_{};
  std::optional<FakeHub> hub_;
  std::size_t said_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World world;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  for (int left = 16; left > 0 && !rest.empty(); --left) {
    const std::size_t end = rest.find('\0');
    world.request(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  world.restart();
  world.wait(12);
  return 0;
}
