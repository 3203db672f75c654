#include "route/router.h"

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace frond::route;
using frond::base::Message;
using Names = std::vector<std::string>;

namespace {

struct Random : frond::Entropy {
  std::uint64_t state = 7;
  std::uint64_t next() override {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 20;
  }
};

/// Writes down what it gets.
struct Recorder : Sink {
  explicit Recorder(SinkKind sink_kind = SinkKind::client) : own_kind(sink_kind) {}
  SinkKind own_kind;
  Names got;
  bool accepts = true;
  std::function<void(const Subscription&, const Message&)> on_deliver;

  SinkKind kind() const override { return own_kind; }
  void deliver(const Subscription& subscription, const Message& message,
               std::string_view target) override {
    got.push_back(subscription.sid + ":" + std::string(target) + "=" +
                  std::string(message.payload));
    if (on_deliver) {
      on_deliver(subscription, message);
    }
  }
  bool forward(const Message& message, std::string_view target, bool plain,
               std::span<const std::string_view> queues) override {
    std::string text = std::string(target) + "=" + std::string(message.payload);
    text += plain ? " plain" : "";
    for (const std::string_view queue : queues) {
      text += " " + std::string(queue);
    }
    got.push_back(text);
    return accepts;
  }
  Names take() { return std::exchange(got, {}); }
};

struct Fixture {
  Random random;
  Router router{random};

  std::size_t publish(std::string_view subject, std::string_view payload = "x",
                      const Sink* from = nullptr, bool echo = true,
                      std::span<const std::string_view> queues = {}) {
    const Message message{subject, "", "", payload};
    return router.publish(
        {.message = message, .target = subject, .from = from, .echo = echo, .queues = queues});
  }
};

struct Listener : InterestListener {
  Names told;
  void interest_changed(std::string_view subject, std::string_view queue, SinkKind kind,
                        std::uint32_t weight) override {
    told.push_back(std::string(subject) + "/" + std::string(queue) + "/" +
                   std::to_string(static_cast<int>(kind)) + "/" + std::to_string(weight));
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "router: every matching plain subscription gets it") {
  Recorder a, b;
  router.subscribe(a, "foo.*", {}, "1");
  router.subscribe(a, "foo.>", {}, "2");
  router.subscribe(b, "foo.bar", {}, "3");
  router.subscribe(b, "other", {}, "4");
  CHECK(publish("foo.bar", "m") == 3);
  CHECK(a.take().size() == 2);
  CHECK(b.take() == Names{"3:foo.bar=m"});
  CHECK(publish("nobody") == 0);
  CHECK(router.subscription_count() == 4);
}

TEST_CASE_METHOD(Fixture, "router: the target may differ from the subject shown") {
  Recorder a;
  std::string seen;
  a.on_deliver = [&seen](const Subscription&, const Message& m) { seen = m.subject; };
  router.subscribe(a, "_INBOX.1", {}, "9");
  const Message message{"orders.1", "ack", "", "m"};
  CHECK(router.publish({.message = message, .target = "_INBOX.1"}) == 1);
  CHECK(a.take() == Names{"9:_INBOX.1=m"});
  CHECK(seen == "orders.1");
}

TEST_CASE_METHOD(Fixture, "router: no echo to the publisher (CP-07)") {
  Recorder a, b;
  router.subscribe(a, "s", {}, "1");
  router.subscribe(b, "s", {}, "2");
  CHECK(publish("s", "m", &a, false) == 1);
  CHECK(a.got.empty());
  CHECK(publish("s", "m", &a, true) == 2);
}

TEST_CASE_METHOD(Fixture, "router: unsubscribed, removed, forgotten") {
  Recorder a, b;
  const SubscriptionId one = router.subscribe(a, "s", {}, "1");
  router.subscribe(a, "s.*", "q", "2");
  router.subscribe(b, "s", {}, "3");
  CHECK(publish("s") == 2);
  router.unsubscribe(one);
  router.unsubscribe(one);
  CHECK(publish("s") == 1);
  router.remove_sink(b);
  CHECK(publish("s") == 0);
  CHECK(publish("s.x") == 1);
  router.remove_sink(a);
  CHECK(router.subscription_count() == 0);
  CHECK(publish("s.x") == 0);
}

TEST_CASE_METHOD(Fixture,
                 "router: an ack that a consumer here takes does not cross a link (AK-03)") {
  Recorder consumer(SinkKind::internal);
  Recorder snooper;
  Recorder hub(SinkKind::hub);
  router.subscribe(consumer, "$JS.ACK.S.worker.>");
  router.subscribe(snooper, "$JS.ACK.>");
  router.subscribe(hub, "$JS.ACK.S.worker.>");
  router.subscribe(hub, "$JS.ACK.S.remote.>");
  publish("$JS.ACK.S.worker.1.1.1.0.0", "+ACK");
  CHECK(consumer.got.size() == 1);
  CHECK(hub.got.empty());
  // A consumer beyond the link, whoever else listens here.
  publish("$JS.ACK.S.remote.1.1.1.0.0", "+ACK");
  CHECK(snooper.got.size() == 2);
  CHECK(hub.take() == Names{"$JS.ACK.S.remote.1.1.1.0.0=+ACK plain"});
}

TEST_CASE_METHOD(Fixture, "router: one random member of each queue group, and the plain ones") {
  Recorder a, b, plain;
  router.subscribe(a, "s", "q", "a");
  router.subscribe(b, "s", "q", "b");
  router.subscribe(b, "s", "other", "o");
  router.subscribe(plain, "s", {}, "p");
  for (int i = 0; i < 1000; ++i) {
    REQUIRE(publish("s") == 3);
  }
  CHECK(plain.take().size() == 1000);
  std::map<std::string, int> by_member;
  for (const Recorder* sink : {&a, &b}) {
    for (const std::string& got : sink->got) {
      ++by_member[got.substr(0, 1)];
    }
  }
  CHECK(by_member["o"] == 1000);
  CHECK(by_member["a"] + by_member["b"] == 1000);
  CHECK(by_member["a"] > 400);
  CHECK(by_member["b"] > 400);
}

TEST_CASE_METHOD(Fixture, "router: a group is one group, whatever subjects its members chose") {
  Recorder a, b;
  router.subscribe(a, "s.*", "q", "a");
  router.subscribe(b, "s.>", "q", "b");
  for (int i = 0; i < 20; ++i) {
    REQUIRE(publish("s.x") == 1);
  }
  CHECK(a.got.size() + b.got.size() == 20);
}

TEST_CASE_METHOD(Fixture, "router: a member that would be muted passes it to the next") {
  Recorder a, b;
  router.subscribe(a, "s", "q", "a");
  router.subscribe(b, "s", "q", "b");
  for (int i = 0; i < 20; ++i) {
    REQUIRE(publish("s", "x", &a, false) == 1);
  }
  CHECK(b.got.size() == 20);
}

TEST_CASE_METHOD(Fixture, "router: a link gets a message once, with the reasons") {
  Recorder hub(SinkKind::hub), leaf(SinkKind::leaf);
  router.subscribe(hub, "s.>");
  router.subscribe(hub, "s.*");
  router.subscribe(hub, "s.x", "q", {}, 3);
  router.subscribe(leaf, "s.x", "r");
  CHECK(publish("s.x", "m") == 2);
  CHECK(hub.take() == Names{"s.x=m plain q"});
  CHECK(leaf.take() == Names{"s.x=m r"});
  hub.accepts = false;
  CHECK(publish("s.x", "m") == 1);
}

TEST_CASE_METHOD(Fixture, "router: local members before links, links by weight (SU-04)") {
  Recorder client, leaf(SinkKind::leaf), hub(SinkKind::hub);
  const SubscriptionId local = router.subscribe(client, "s", "q", "1");
  const SubscriptionId far = router.subscribe(leaf, "s", "q", {}, 9);
  router.subscribe(hub, "s", "q", {}, 1);
  CHECK(publish("s") == 1);
  CHECK(client.take().size() == 1);
  router.unsubscribe(local);
  for (int i = 0; i < 1000; ++i) {
    REQUIRE(publish("s") == 1);
  }
  CHECK(leaf.got.size() + hub.got.size() == 1000);
  CHECK(leaf.take().size() > 850);
  CHECK(hub.take().size() > 50);
  router.set_weight(far, 0);
  for (int i = 0; i < 100; ++i) {
    publish("s");
  }
  CHECK(hub.take().size() == 100);
}

TEST_CASE_METHOD(Fixture, "router: nothing goes back over the link it came from") {
  Recorder hub(SinkKind::hub), old_hub(SinkKind::hub), leaf(SinkKind::leaf),
      other_leaf(SinkKind::leaf), client;
  for (Recorder* link : {&hub, &old_hub, &leaf, &other_leaf}) {
    router.subscribe(*link, "s");
  }
  router.subscribe(client, "s", {}, "1");
  CHECK(publish("s", "m", &hub) == 3);
  CHECK(hub.got.empty());
  CHECK(old_hub.got.empty());
  CHECK(leaf.take() == Names{"s=m plain"});
  CHECK(other_leaf.take().size() == 1);
  CHECK(publish("s", "m", &leaf) == 4);
  CHECK(leaf.got.empty());
  CHECK(other_leaf.take().size() == 1);
}

TEST_CASE_METHOD(Fixture, "router: over a link the sender chooses the groups") {
  Recorder leaf(SinkKind::leaf), client;
  router.subscribe(client, "s", "q", "q");
  router.subscribe(client, "s", "r", "r");
  router.subscribe(client, "s", {}, "p");
  const std::vector<std::string_view> queues = {"r", "unknown"};
  CHECK(publish("s", "m", &leaf, true, queues) == 2);
  CHECK(client.take() == Names{"p:s=m", "r:s=m"});
  CHECK(publish("s", "m", &leaf) == 1);
  CHECK(client.take() == Names{"p:s=m"});
}

TEST_CASE_METHOD(Fixture, "router: publishes from inside a delivery wait their turn (SU-07)") {
  Recorder first, second;
  first.on_deliver = [this, &first](const Subscription&, const Message& message) {
    if (message.payload == "1") {
      // Views of memory that is gone when the queued message runs.
      auto subject = std::make_unique<std::string>("t");
      CHECK(publish(*subject, std::string("a")) == 1);
      CHECK(publish(*subject, std::string("b")) == 1);
      CHECK(publish("nobody") == 0);
    }
  };
  second.on_deliver = [this](const Subscription&, const Message& message) {
    if (message.payload == "a") {
      publish("t", "c");
    }
  };
  router.subscribe(first, "s", {}, "f");
  router.subscribe(second, "s", {}, "s");
  router.subscribe(second, "t", {}, "t");
  CHECK(publish("s", "1") == 2);
  CHECK(second.take() == Names{"s:s=1", "t:t=a", "t:t=b", "t:t=c"});
}

TEST_CASE_METHOD(Fixture, "router: who published, also when it had to wait") {
  Recorder a, b;
  const Sink* seen = nullptr;
  a.on_deliver = [this, &a](const Subscription&, const Message&) {
    const Message inner{"t", "", "", ""};
    router.publish({.message = inner, .target = "t", .from = &a});
  };
  b.on_deliver = [this, &seen](const Subscription&, const Message&) { seen = router.publisher(); };
  router.subscribe(a, "s");
  router.subscribe(b, "t");
  publish("s", "x", &b);
  CHECK(seen == &a);
  publish("t", "x", &b);
  CHECK(seen == &b);
  CHECK(router.publisher() == nullptr);
}

TEST_CASE_METHOD(Fixture, "router: subscriptions may change during a delivery") {
  Recorder a, b, c;
  SubscriptionId second{};
  a.on_deliver = [&](const Subscription& subscription, const Message&) {
    router.unsubscribe(second);
    router.subscribe(c, "s", {}, "c");
    router.subscribe(c, "s.>", {}, "cc");
    router.unsubscribe(subscription.id);
    CHECK(subscription.subject == "s");  // Still readable.
  };
  router.subscribe(a, "s", {}, "a");
  second = router.subscribe(b, "s", {}, "b");
  CHECK(publish("s") == 1);
  CHECK(b.got.empty());
  CHECK(c.got.empty());
  CHECK(publish("s") == 1);
  CHECK(c.take() == Names{"c:s=x"});
  CHECK(router.subscription_count() == 2);
}

TEST_CASE_METHOD(Fixture, "router: sinks may be removed during a delivery") {
  Recorder a, b, member, leaf(SinkKind::leaf);
  a.on_deliver = [&](const Subscription&, const Message&) {
    publish("s", "queued", &b);
    router.remove_sink(b);
    router.remove_sink(leaf);
    router.remove_sink(member);
    router.remove_sink(a);
  };
  router.subscribe(a, "s", {}, "a");
  router.subscribe(b, "s", {}, "b");
  router.subscribe(member, "s", "q", "m");
  router.subscribe(leaf, "s");
  CHECK(publish("s") == 1);
  CHECK(b.got.empty());
  CHECK(leaf.got.empty());
  CHECK(member.got.empty());
  CHECK(router.subscription_count() == 0);
}

TEST_CASE_METHOD(Fixture, "router: a link removed by an earlier link gets nothing") {
  struct Remover : Recorder {
    using Recorder::Recorder;
    std::function<void()> on_forward;
    bool forward(const Message& m, std::string_view t, bool p,
                 std::span<const std::string_view> q) override {
      on_forward();
      return Recorder::forward(m, t, p, q);
    }
  };
  Remover first(SinkKind::leaf);
  Recorder second(SinkKind::leaf);
  first.on_forward = [&] { router.remove_sink(second); };
  router.subscribe(first, "s");
  router.subscribe(second, "s");
  CHECK(publish("s") == 1);
  CHECK(second.got.empty());
}

TEST_CASE_METHOD(Fixture, "router: to one sink alone") {
  Recorder a, b;
  router.subscribe(a, "inbox.*", {}, "1");
  router.subscribe(b, "inbox.1", {}, "2");
  router.subscribe(b, "queued", "q", "3");
  a.on_deliver = [&](const Subscription& s, const Message&) { router.unsubscribe(s.id); };
  CHECK(router.deliver_to(a, "inbox.1", {"inbox.1", "", "", "m"}));
  CHECK(a.take() == Names{"1:inbox.1=m"});
  CHECK(b.got.empty());
  CHECK_FALSE(router.deliver_to(a, "inbox.1", {}));
  CHECK_FALSE(router.deliver_to(b, "queued", {}));
}

TEST_CASE_METHOD(Fixture, "router: interest, with and beside a kind") {
  Recorder client, hub(SinkKind::hub), internal(SinkKind::internal);
  CHECK_FALSE(router.has_interest("a"));
  router.subscribe(hub, "a");
  CHECK(router.has_interest("a"));
  CHECK_FALSE(router.has_interest_beside("a", SinkKind::hub));
  const SubscriptionId id = router.subscribe(client, "*", "q", "1");
  CHECK(router.has_interest_beside("a", SinkKind::hub));
  CHECK_FALSE(router.has_interest_beside("b", SinkKind::client));
  router.unsubscribe(id);
  CHECK_FALSE(router.has_interest("b"));
  router.subscribe(internal, "b.>");
  CHECK(router.has_interest("b.c"));
}

TEST_CASE_METHOD(Fixture, "router: links hear of every change of interest") {
  Listener listener;
  router.set_interest_listener(&listener);
  Recorder a, b, hub(SinkKind::hub);
  const SubscriptionId one = router.subscribe(a, "s", {}, "1");
  router.subscribe(b, "s", {}, "1");
  const SubscriptionId group = router.subscribe(b, "s", "q", "2", 2);
  router.subscribe(hub, "s", "q", {}, 5);
  router.set_weight(group, 4);
  router.set_weight(group, 4);
  router.unsubscribe(one);
  router.remove_sink(b);
  CHECK(listener.told ==
        Names{"s//0/1", "s//0/2", "s/q/0/2", "s/q/2/5", "s/q/0/4", "s//0/1", "s/q/0/0", "s//0/0"});
}

TEST_CASE_METHOD(Fixture, "router: all interest but a kind's own, in order") {
  Recorder a, hub(SinkKind::hub), internal(SinkKind::internal);
  router.subscribe(a, "z", {}, "1");
  router.subscribe(a, "b", "q", "2");
  router.subscribe(internal, "b", "q");
  router.subscribe(internal, "a.>");
  router.subscribe(hub, "h");
  router.subscribe(hub, "b", "q", {}, 7);
  Names seen;
  router.each_interest(SinkKind::hub, [&seen](std::string_view subject, std::string_view queue,
                                              std::uint32_t weight) {
    seen.push_back(std::string(subject) + "/" + std::string(queue) + "/" + std::to_string(weight));
  });
  CHECK(seen == Names{"a.>//1", "b/q/2", "z//1"});
}

TEST_CASE_METHOD(Fixture, "router: the cache follows a random history") {
  // The same subjects over and over, so that results come from the cache, compared with a list.
  struct Listed {
    SubscriptionId id;
    std::string subject;
  };
  const Names subjects = {"a", "a.b", "a.*", "a.>", "*", ">", "a.b.c", "*.b", "b"};
  const Names literals = {"a", "b", "a.b", "a.c", "a.b.c", "x.b"};
  std::map<std::string, Names> matching;  // By literal.
  matching["a"] = {"a", "*", ">"};
  matching["b"] = {"b", "*", ">"};
  matching["a.b"] = {"a.b", "a.*", "a.>", ">", "*.b"};
  matching["a.c"] = {"a.*", "a.>", ">"};
  matching["a.b.c"] = {"a.b.c", "a.>", ">"};
  matching["x.b"] = {"*.b", ">"};
  Recorder sink;
  std::vector<Listed> list;
  for (int step = 0; step < 5000; ++step) {
    if (random.next() % 3 != 0 && list.size() < 40) {
      const std::string& subject = subjects[random.next() % subjects.size()];
      list.push_back({router.subscribe(sink, subject, {}, "s"), subject});
    } else if (!list.empty()) {
      const std::size_t at = random.next() % list.size();
      router.unsubscribe(list[at].id);
      list.erase(list.begin() + static_cast<std::ptrdiff_t>(at));
    }
    const std::string& literal = literals[random.next() % literals.size()];
    std::size_t expected = 0;
    for (const Listed& listed : list) {
      for (const std::string& pattern : matching[literal]) {
        expected += listed.subject == pattern ? 1 : 0;
      }
    }
    REQUIRE(publish(literal) == expected);
  }
}

TEST_CASE_METHOD(Fixture, "router: more subjects than the cache holds") {
  Recorder sink;
  router.subscribe(sink, "s.>", {}, "1");
  std::size_t count = 0;
  for (int i = 0; i < 30'000; ++i) {
    count += publish("s." + std::to_string(i));
  }
  CHECK(count == 30'000);
}
