// What a delivery causes while it is under way: publishes, and changes of who listens.
#include "unit/route/router_rig.h"

using namespace frond::route;

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

TEST_CASE_METHOD(Fixture, "router: what a sink published before it went has no publisher") {
  Recorder a, heard;
  const Sink* seen = &heard;
  a.on_deliver = [&](const Subscription&, const Message&) {
    publish("t", "queued", &a);
    router.remove_sink(a);
  };
  heard.on_deliver = [&](const Subscription&, const Message&) { seen = router.publisher(); };
  router.subscribe(a, "s");
  router.subscribe(heard, "t", {}, "h");
  CHECK(publish("s") == 1);
  CHECK(heard.got == Names{"h:t=queued"});
  CHECK(seen == nullptr);
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
