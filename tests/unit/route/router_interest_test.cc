// Interest as the router tells it, and the cache of what subjects matched.
#include "unit/route/router_rig.h"

using namespace frond::route;

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
                                              std::uint64_t weight) {
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
