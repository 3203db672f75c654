// A hub that answers a forwarder and a mirror as it likes: the input says what it answers to which
// request, what it delivers and acknowledges, when links come and go, when the node dies and what
// its store then has lost. Nothing of the local stream counts as settled that the hub did not
// acknowledge, refuse or show; what leaves the node can be written as a line; what is remembered
// stays small.
#include "input.h"
#include "store/durability_gate.h"
#include "support/commits.h"
#include "sync/forward/forward.h"
#include "sync/mirror/mirror.h"
#include "unit/sync/fake_stream.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace frond;
using fuzz::must;

constexpr std::size_t inboxes_max = 16;
constexpr std::size_t state_bytes_max = 256 * 1024;
constexpr int calls_per_step_max = 4096;

bool one_word(std::string_view text) {
  return !text.empty() && text.find_first_of(" \t\r\n") == std::string_view::npos;
}

/// Of the forwarded message whose ack goes to this inbox.
StreamSeq sequence_of(std::string_view inbox) {
  return {std::stoull(std::string(inbox.substr(inbox.rfind('.') + 1)))};
}

/// What the node says to its hub and to itself; the hub's words come from the input.
struct World final : base::Outlet, sync::SyncLink {
  struct Inbox {
    std::string subject;
    sync::InboxHandler* handler = nullptr;
  };

  std::size_t send(std::string_view target, const base::Message&) override {
    must(target.starts_with("$FROND.ADVISORY."), "only advisories are published to clients");
    return 0;
  }
  bool has_interest(std::string_view) const override { return true; }
  sync::InboxId open(sync::Peer, std::string_view subject, sync::InboxHandler& handler) override {
    inboxes[sync::InboxId{++last_inbox}] = {std::string(subject), &handler};
    must(inboxes.size() <= inboxes_max, "inboxes are closed again");
    return sync::InboxId{last_inbox};
  }
  void close(sync::InboxId inbox) override { inboxes.erase(inbox); }
  sync::HubSend send_to_hub(std::string_view target, const base::Message& message) override {
    must(one_word(target) && (message.reply.empty() || one_word(message.reply)),
         "what goes to the hub is a line");
    must(++calls <= calls_per_step_max, "the work of one step is bounded");
    if (target.starts_with("ord.")) {
      if (hub_takes == sync::HubSend::denied) vouched.insert(sequence_of(message.reply));
      if (hub_takes != sync::HubSend::sent) return hub_takes;
      forwarded.emplace_back(message.reply);
    } else if (!message.reply.empty()) {
      requests.emplace_back(message.reply);
    }
    return sync::HubSend::sent;
  }
  void send_to_self(std::string_view, const base::Message&) override {}
  void probe(Instant) override {}
  Instant last_heard() const override { return now; }
  std::string_view hub_id() const override { return hub; }

  void arrive(const std::string& target, const base::Message& message) {
    for (const auto& [id, inbox] : inboxes) {
      if (inbox.subject == target ||
          (inbox.subject.ends_with(".*") &&
           target.starts_with(inbox.subject.substr(0, inbox.subject.size() - 1)))) {
        inbox.handler->on_inbox(id, target, message, now);
        return;
      }
    }
  }
  void commit() {
    test::carry_out(journal, files, [this](const CommitStorage&) { gate.release(); });
    for (const auto& [path, contents] : files.files) {
      must(contents.size() <= state_bytes_max, "what is remembered stays small");
    }
  }

  Instant now{std::chrono::seconds(1'000'000)};
  test::FakeStorage files{false};
  test::TestEntropy entropy{1};
  store::Journal journal;
  store::DurabilityGate gate{journal, *this};
  std::map<sync::InboxId, Inbox> inboxes;
  std::vector<std::string> requests, forwarded;  // Their replies.
  std::set<StreamSeq> vouched;                   // Answered, refused or shown by the hub.
  sync::HubSend hub_takes = sync::HubSend::sent;
  std::string hub = "H1";
  std::uint64_t last_inbox = 0;
  int calls = 0;
  base::Clock clock;
  stream::Streams streams{journal, files, entropy, {}, clock};
  sync::DeadLetters letters{streams};
  sync::SyncContext context{*this, *this, journal, gate, files, entropy, letters, "phone", "edge"};
};

class Session {
 public:
  explicit Session(bool mirrors) : mirrors_(mirrors) {
    stream_.settings.name = "ORD";
    if (mirrors) {
      stream_.settings.mirror.emplace();
      stream_.settings.mirror->name = "ORD";
      stream_.settings.mirror->external_api = "$JS.hub.API";
    } else {
      stream_.settings.subjects = {"ord.>"};
      stream_.settings.metadata = {{"frond.forward", "hub"}};
    }
    begin();
  }

  void step(fuzz::Input& input) {
    world_.calls = 0;
    switch (input.below(10)) {
      case 0:
        put();
        break;
      case 1:
        pass(std::chrono::milliseconds(std::uint64_t{input.byte()} * input.byte()));
        break;
      case 2:
        up_ = !up_;
        if (mirror_) up_ ? mirror_->up(world_.now) : mirror_->down(world_.now);
        if (up_ && ++ups_ % 4 == 0) world_.hub = "H" + std::to_string(ups_);
        if (forward_) up_ ? forward_->up(world_.now) : forward_->down(world_.now);
        break;
      case 3:
        answer(input, std::string(input.take(input.byte())));
        break;
      case 4:
        answer(input, well_formed(input));
        break;
      case 5:
        acknowledge(input);
        break;
      case 6:
      case 7:
        deliver(input);
        break;
      case 8:
        restart(input);
        break;
      default:
        world_.hub_takes = static_cast<sync::HubSend>(input.below(4));
        break;
    }
    settle();
  }

 private:
  void begin() {
    world_.requests.clear();
    world_.forwarded.clear();
    up_ = false;
    if (mirrors_) {
      mirror_.emplace(world_.context, stream_, "streams/ORD");
    } else {
      forward_.emplace(world_.context, stream_, "streams/ORD", sync::WayStart::opened);
    }
    world_.commit();
  }
  /// A process that dies and finds less than it had.
  void restart(fuzz::Input& input) {
    mirror_.reset();
    forward_.reset();
    const std::uint64_t lost = input.below(4);
    if (lost > 0 && stream_.last.value > lost) {
      stream_.last = stream_.durable = {stream_.last.value - lost};
      stream_.kept.erase(stream_.kept.upper_bound(stream_.last), stream_.kept.end());
      world_.vouched.erase(world_.vouched.upper_bound(stream_.last), world_.vouched.end());
    }
    begin();
  }
  void put() {
    if (mirrors_) return;
    stream_.ingest({"ord.1", {}, {}, "x"}, world_.now);
    stream_.durable = stream_.last;
    forward_->on_messages(stream_, {stream_.durable, stream_.durable});
  }
  void pass(Duration span) { world_.now += span; }
  void settle() {
    for (int i = 0; i < 8; ++i) {
      if (mirror_) mirror_->tick(world_.now);
      if (forward_) forward_->tick(world_.now);
      world_.commit();
      stream_.durable = stream_.last;
    }
    if (!forward_) return;
    const std::uint64_t settled = stream_.kept.size() - forward_->status().queued;
    const auto vouched = static_cast<std::uint64_t>(std::ranges::count_if(
        world_.vouched, [this](StreamSeq one) { return stream_.kept.contains(one); }));
    must(settled <= vouched, "nothing is settled that the hub did not vouch for");
  }
  std::string take_one(fuzz::Input& input, std::vector<std::string>& list) {
    if (list.empty()) return {};
    const std::size_t at = input.below(list.size());
    std::string one = list[at];
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(at));
    return one;
  }
  void answer(fuzz::Input& input, const std::string& body) {
    const std::string inbox = take_one(input, world_.requests);
    if (!inbox.empty()) world_.arrive(inbox, {inbox, {}, {}, body});
  }
  std::string well_formed(fuzz::Input& input) {
    const std::string number = std::to_string(input.number());
    switch (input.below(4)) {
      case 0:
        return "{\"streams\":[\"HUB\"],\"total\":" + number + "}";
      case 1:
        return "{\"created\":\"c" + std::to_string(input.below(2)) +
               "\",\"state\":{\"last_seq\":" + number +
               "},\"config\":{\"duplicate_window\":" + std::to_string(input.number()) + "}}";
      case 2:
        return "{\"name\":\"C1\",\"delivered\":{\"stream_seq\":" + number +
               "},\"num_pending\":" + std::to_string(input.number()) + "}";
      default:
        return "{\"error\":{\"code\":404,\"err_code\":" +
               std::to_string(input.below(2) == 0 ? 10059 : 10008) + "}}";
    }
  }
  void acknowledge(fuzz::Input& input) {
    const std::string inbox = take_one(input, world_.forwarded);
    if (inbox.empty()) return;
    std::string body;
    const std::string at = std::to_string(input.number());
    switch (input.below(4)) {
      case 0:
        body = "{\"stream\":\"HUB\",\"seq\":" + at + "}";
        break;
      case 1:
        body = "{\"stream\":\"HUB\",\"duplicate\":true,\"seq\":" + at + "}";
        break;
      case 2:
        body = R"({"error":{"code":503,"err_code":10077},"seq":0})";
        break;
      default:
        body = R"({"error":{"code":400,"err_code":10054},"seq":0})";
        break;
    }
    world_.vouched.insert(sequence_of(inbox));
    world_.arrive(inbox, {inbox, {}, {}, body});
  }
  /// What a consumer of the hub sends, to any of the open inboxes.
  void deliver(fuzz::Input& input) {
    std::vector<std::string> subjects;
    for (const auto& [id, inbox] : world_.inboxes) {
      if (inbox.subject.starts_with("$JS.M.")) subjects.push_back(inbox.subject);
    }
    if (subjects.empty()) return;
    const std::string target = subjects[input.below(subjects.size())];
    if (input.below(4) == 0) {
      const std::string header(input.take(input.byte()));
      world_.arrive(target, {target, "$JS.FC.ORD.C1.x", "NATS/1.0 100\r\n" + header, {}});
      return;
    }
    const std::uint64_t local = input.number();
    std::string header;
    if (!mirrors_ && input.below(2) == 0) {
      const auto own = stream_.get({local});
      const std::int64_t time = own ? own->time.time_since_epoch().count() : 0;
      header = "NATS/1.0\r\nNats-Msg-Id: phone:ORD:5000000:e:" + std::to_string(local) + ":" +
               std::to_string(time) + "\r\n\r\n";
      world_.vouched.insert({local});
    }
    const std::string reply = "$JS.ACK.ORD.C1." + std::to_string(1 + input.below(2)) + "." +
                              std::to_string(input.number()) + "." +
                              std::to_string(input.number()) + "." +
                              std::to_string(input.number()) + "." + std::to_string(input.number());
    world_.arrive(target, {"ord.1", reply, header, input.take(input.below(8))});
  }

  bool mirrors_;
  World world_;
  sync::FakeStream stream_;
  std::optional<sync::Mirror> mirror_;
  std::optional<sync::Forward> forward_;
  int ups_ = 0;
  bool up_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  Session session(input.below(2) == 1);
  while (!input.empty()) session.step(input);
  return 0;
}
