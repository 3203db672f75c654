// Requests of $JS.API as any client may send them, to a node with a stream and a consumer. The
// input is cut at zero bytes: of each piece the first byte chooses the subject, the rest is the
// body. A request gets exactly one answer, which is JSON and names its type; what was accepted is
// there again after a restart.
#include "api/dispatch.h"
#include "consumer/consumers.h"
#include "contract/fake_storage.h"
#include "input.h"
#include "store/durability_gate.h"
#include "store/journal.h"
#include "stream/streams.h"
#include "wire/json_reader.h"

#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace frond;
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
};
constexpr std::string_view inbox = "_INBOX.Xk2vTq9LmZr4.1";       // Nobody else delivers there.
constexpr std::string_view pull_inbox = "_INBOX.Xk2vTq9LmZr4.2";  // A pull may end much later.

class Outbox : public base::Outlet {
 public:
  std::size_t send(std::string_view target, const base::Message& message) override {
    if (target == inbox) answers.emplace_back(message.payload);
    return 1;
  }
  bool has_interest(std::string_view) const override { return true; }
  std::vector<std::string> answers;
};

struct Node {
  Node() { open(); }

  void open() {
    api.reset();
    consumers.reset();
    streams.reset();
    gate.reset();
    journal = std::make_unique<store::Journal>();
    gate = std::make_unique<store::DurabilityGate>(*journal, outlet);
    streams =
        std::make_unique<stream::Streams>(*journal, files, entropy, stream::StreamsLimits{}, clock);
    consumers = std::make_unique<consumer::Consumers>(
        *streams, consumer::Environment{*journal, *gate, outlet, entropy, clock, "edge", {}, false},
        files);
    api::ApiConfig config;
    config.domain = "edge";
    config.server_name = "phone";
    api = std::make_unique<api::Api>(
        api::Services{*streams, *consumers, *gate, outlet, entropy, clock}, config);
    streams->set_listener(&listener);
    must(streams->recover(now).empty(), "every stream comes back");
    must(consumers->recover(now).empty(), "every consumer comes back");
    consumers->pump(now);
  }
  void commit() {
    while (const auto sealed = journal->seal()) {
      files.apply(*sealed);
      journal->completed(sealed->ticket);
      streams->durable(sealed->ticket, now);
      gate->release();
      consumers->pump(now);
      api->wake();
      api->pump();
    }
  }
  void send(std::string_view subject, std::string_view body, std::string_view reply = inbox) {
    api->handle(subject, {subject, reply, {}, body}, now);
    api->pump();
    consumers->pump(now);
    commit();
  }
  std::vector<std::string> ask(std::string_view subject, std::string_view body) {
    outlet.answers.clear();
    send(subject, body);
    return std::exchange(outlet.answers, {});
  }
  /// Names of what is kept.
  std::vector<std::string> kept() {
    std::vector<std::string> names;
    for (stream::Stream* stream : streams->all()) {
      names.push_back(stream->config().name);
      for (const consumer::Consumer* consumer : consumers->list(stream->config().name)) {
        if (consumer->persistent()) names.push_back("/" + consumer->name());
      }
    }
    return names;
  }

  struct Listener final : stream::StreamsListener {
    explicit Listener(Node& the_node) : node(the_node) {}
    void on_created(stream::Stream&) override {}
    void on_updated(stream::Stream&, const stream::StreamConfig&) override {}
    void on_deleted(stream::Stream& stream) override {
      node.consumers->stream_deleted(stream, node.now);
    }
    Node& node;
  };
  Listener listener{*this};
  test::FakeStorage files{true};
  test::TestEntropy entropy{1};
  base::Clock clock;
  Outbox outlet;
  Instant now{std::chrono::seconds(1'700'000'000)};
  std::unique_ptr<store::Journal> journal;
  std::unique_ptr<store::DurabilityGate> gate;
  std::unique_ptr<stream::Streams> streams;
  std::unique_ptr<consumer::Consumers> consumers;
  std::unique_ptr<api::Api> api;
};

void fill(Node& node) {
  node.send("$JS.API.STREAM.CREATE.S",
            R"({"name":"S","subjects":["a.>"],"retention":"limits","storage":"file",)"
            R"("allow_direct":true})");
  node.send("$JS.API.CONSUMER.DURABLE.CREATE.S.c",
            R"({"stream_name":"S","config":{"durable_name":"c","ack_policy":"explicit"}})");
  stream::Stream* stream = node.streams->find("S");
  must(stream != nullptr && node.consumers->find("S", "c") != nullptr, "the node is as meant");
  for (const std::string_view subject : {"a.b", "a.c", "a.b"}) {
    stream->ingest({subject, {}, "NATS/1.0\r\nX: 1\r\n\r\n", "text"}, node.now);
  }
  node.commit();
}

void request(Node& node, std::string_view piece) {
  const auto chosen = static_cast<std::uint8_t>(piece.empty() ? 0 : piece.front());
  const Request& request = requests[chosen % requests.size()];
  const std::string_view body = piece.empty() ? piece : piece.substr(1);
  node.now += std::chrono::milliseconds(100);
  if (request.answers == Answers::many) return node.send(request.subject, body, pull_inbox);
  const std::vector<std::string> answers = node.ask(request.subject, body);
  must(answers.size() == 1, "a request has one answer");
  wire::Json json;
  must(wire::parse_json(answers.front(), json).empty(), "an answer is JSON");
  must(json.is_object() && json.contains("type") && json["type"].is_string(), "it names its type");
  must(wire::print_json(json) == answers.front(), "it is printed as Go prints JSON");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Node node;
  fill(node);
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  for (int left = 16; left > 0 && !rest.empty(); --left) {
    const std::size_t end = rest.find('\0');
    request(node, rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  node.commit();
  const std::vector<std::string> kept = node.kept();
  node.open();
  must(node.kept() == kept, "what was accepted is there after a restart");
  node.commit();
  node.now += std::chrono::minutes(1);
  node.streams->tick(node.now);
  node.consumers->pump(node.now);
  node.commit();
  return 0;
}
