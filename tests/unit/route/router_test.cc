// Who gets a message.
#include "unit/route/router_rig.h"

using namespace frond::route;

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

TEST_CASE_METHOD(Fixture, "router: what is heard alone reaches nobody else") {
  Recorder own(SinkKind::internal), client, hub(SinkKind::hub);
  router.subscribe(client, ">", {}, "1");
  router.subscribe(client, "in.*", "q", "2");
  router.subscribe(hub, ">");
  const SubscriptionId alone = router.subscribe_alone(own, "in.1");
  CHECK(publish("in.1", "a") == 1);
  CHECK(own.take() == Names{":in.1=a"});
  CHECK(client.take().empty());
  CHECK(hub.take().empty());
  CHECK(publish("in.2", "b") == 3);
  client.take();
  router.unsubscribe(alone);
  publish("in.1", "c");
  CHECK(own.take().empty());
  CHECK(client.take().size() == 2);
}
