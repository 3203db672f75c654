#include "access/permissions.h"

#include <catch2/catch.hpp>

using frond::User;
using frond::access::Permissions;

namespace {
Permissions subscribe(std::vector<std::string> allow, std::vector<std::string> deny = {}) {
  User user;
  user.subscribe.allow = std::move(allow);
  user.subscribe.deny = std::move(deny);
  return Permissions(user);
}
Permissions publish(std::vector<std::string> allow, std::vector<std::string> deny = {}) {
  User user;
  user.publish.allow = std::move(allow);
  user.publish.deny = std::move(deny);
  return Permissions(user);
}
}  // namespace

TEST_CASE("permissions: nothing said, everything allowed") {
  const Permissions all;
  CHECK(all.may_publish("a"));
  CHECK(all.may_subscribe(">", "q"));
  CHECK_FALSE(all.filters_deliveries(">", ""));
}

TEST_CASE("permissions: publish") {
  const Permissions both = publish({"a.>", "b"}, {"a.x.*"});
  CHECK(both.may_publish("a.b"));
  CHECK(both.may_publish("b"));
  CHECK_FALSE(both.may_publish("c"));
  CHECK_FALSE(both.may_publish("a.x.y"));
  CHECK(both.may_publish("a.x"));
  CHECK(both.may_subscribe("anything", ""));
  const Permissions deny = publish({}, {"a"});
  CHECK_FALSE(deny.may_publish("a"));
  CHECK(deny.may_publish("b"));
  CHECK_FALSE(publish({"a..b"}).may_publish("b"));  // Nothing valid allows nothing.
}

TEST_CASE("permissions: subscribe with wildcards") {
  const Permissions some = subscribe({"a.>", "b.*"}, {"a.secret.>"});
  CHECK(some.may_subscribe("a.>", ""));
  CHECK(some.may_subscribe("a.*.c", ""));
  CHECK(some.may_subscribe("b.c", ""));
  CHECK(some.may_subscribe("b.*", ""));
  CHECK_FALSE(some.may_subscribe("b.>", ""));  // Wider than b.*
  CHECK_FALSE(some.may_subscribe(">", ""));
  CHECK_FALSE(some.may_subscribe("*", ""));
  CHECK_FALSE(some.may_subscribe("a.secret.x", ""));
  CHECK_FALSE(some.may_subscribe("a.secret.>", ""));
}

TEST_CASE("permissions: queue scopes") {
  const Permissions only = subscribe({"foo v1", "bar v1.*"});
  CHECK_FALSE(only.may_subscribe("foo", ""));
  CHECK(only.may_subscribe("foo", "v1"));
  CHECK_FALSE(only.may_subscribe("foo", "v2"));
  CHECK(only.may_subscribe("bar", "v1.prod"));
  CHECK_FALSE(only.may_subscribe("bar", "v2.prod"));
  const Permissions both = subscribe({"foo", "foo v1"});
  CHECK(both.may_subscribe("foo", ""));
  CHECK(both.may_subscribe("foo", "v1"));
  CHECK_FALSE(both.may_subscribe("foo", "v2"));
  const Permissions plain = subscribe({"foo"});
  CHECK(plain.may_subscribe("foo", "any"));
  const Permissions denied = subscribe({}, {"foo v1"});
  CHECK(denied.may_subscribe("foo", ""));
  CHECK_FALSE(denied.may_subscribe("foo", "v1"));
  CHECK(denied.may_subscribe("foo", "v2"));
  // A plain deny holds for every group, also beside one of a group.
  const Permissions twice = subscribe({}, {"foo", "foo v1"});
  CHECK_FALSE(twice.may_subscribe("foo", ""));
  CHECK_FALSE(twice.may_subscribe("foo", "v1"));
  CHECK_FALSE(twice.may_subscribe("foo", "v2"));
  CHECK_FALSE(twice.may_deliver("foo", "v2"));
}

TEST_CASE("permissions: who may answer and was given no list may publish nothing by itself") {
  User user;
  user.responses.emplace();
  CHECK_FALSE(Permissions(user).may_publish("a"));
  user.publish.allow = {"a"};
  CHECK(Permissions(user).may_publish("a"));
  CHECK_FALSE(Permissions(user).may_publish("b"));
}

TEST_CASE("permissions: denies are checked at delivery where a wildcard meets them") {
  const Permissions some = subscribe({}, {"a.secret", "q.x workers"});
  CHECK(some.filters_deliveries("a.*", ""));
  CHECK(some.filters_deliveries(">", ""));
  CHECK_FALSE(some.filters_deliveries("b.*", ""));
  CHECK_FALSE(some.filters_deliveries("a.open", ""));
  CHECK_FALSE(some.may_deliver("a.secret", ""));
  CHECK(some.may_deliver("a.open", ""));
  CHECK(some.may_deliver("q.x", ""));
  CHECK_FALSE(some.may_deliver("q.x", "workers"));
}
