// What may cross a link: each rule alone, both ways.

#include "leaf/link_rights.h"

#include <catch2/catch.hpp>

namespace frond::leaf {
namespace {

SubjectRights allow(std::vector<std::string> subjects) {
  return {.allow = std::move(subjects), .deny = {}};
}
SubjectRights deny(std::vector<std::string> subjects) {
  return {.allow = {}, .deny = std::move(subjects)};
}

LinkRights listening(SubjectRights rights) {
  LinkRights made("hub");
  made.set_permissions(std::nullopt, std::move(rights));
  return made;
}
LinkRights sending(SubjectRights rights) {
  LinkRights made("hub");
  made.set_permissions(std::move(rights), std::nullopt);
  return made;
}

}  // namespace

TEST_CASE("link rights: absent means everything, empty lists too") {
  LinkRights rights("hub");
  CHECK(rights.may_send("a"));
  CHECK(rights.permits_listen("a", ""));
  CHECK(rights.may_announce("a.*", "q"));
  rights.set_permissions(SubjectRights{}, SubjectRights{});
  CHECK(rights.may_send("a"));
  CHECK(rights.permits_listen("a", "q"));
  CHECK(rights.may_announce("a.>", ""));
  rights.set_permissions(allow({"x"}), allow({"y"}));
  CHECK_FALSE(rights.may_send("a"));
  rights.set_permissions(std::nullopt, std::nullopt);
  CHECK(rights.may_send("a"));
}

TEST_CASE("link rights: to send takes an allow that covers and no deny that does") {
  const LinkRights some = sending({.allow = {"up.>", "one"}, .deny = {"up.no.*", "up.x"}});
  CHECK(some.may_send("up.a"));
  CHECK(some.may_send("one"));
  CHECK(some.may_send("up.no"));
  CHECK(some.may_send("up.no.a.b"));
  CHECK_FALSE(some.may_send("up.no.a"));
  CHECK_FALSE(some.may_send("up.x"));
  CHECK_FALSE(some.may_send("up"));
  CHECK_FALSE(some.may_send("two"));
  const LinkRights none = sending(deny({">"}));
  CHECK_FALSE(none.may_send("a"));
}

TEST_CASE("link rights: acknowledgements and replies to services pass the permissions") {
  const LinkRights none = sending(deny({">"}));
  CHECK(none.permits_send("$JS.ACK.S.c.1.1.1.1.0"));
  CHECK(none.permits_send("_R_.abc"));
  CHECK_FALSE(none.permits_send("$JS.ACK"));
  CHECK_FALSE(none.permits_send("$JS.ACKS.a"));
  CHECK_FALSE(none.permits_send("_R_"));
  CHECK_FALSE(none.permits_send("_INBOX.a"));
}

TEST_CASE("link rights: what belongs to one node neither leaves nor comes, whatever is permitted") {
  const LinkRights all("hub");
  for (const char* subject : {"$JS.API.INFO", "$JS.API.STREAM.DELETE.S", "$KV.b.k", "$OBJ.b.o",
                              "$SYS.REQ.X", "$FROND.QUERY.S"}) {
    INFO(subject);
    CHECK_FALSE(all.may_send(subject));
    CHECK_FALSE(all.may_receive(subject));
    CHECK_FALSE(all.may_announce(subject, ""));
    CHECK(all.permits_send(subject));
  }
  CHECK_FALSE(all.may_send("$O.b.c"));
  CHECK_FALSE(all.may_announce("$O.b.c", ""));
  CHECK(all.may_receive("$O.b.c"));
  for (const char* subject : {"$JS.APIX.a", "$KVX.a", "$JS.FC.a", "a.$JS.API.INFO", "$JSAPI.a"}) {
    INFO(subject);
    CHECK(all.may_send(subject));
    CHECK(all.may_receive(subject));
    CHECK(all.may_announce(subject, ""));
  }
}

TEST_CASE("link rights: the own domain's API is asked here, another's there") {
  const LinkRights rights("hub");
  CHECK_FALSE(rights.may_send("$JS.hub.API.INFO"));
  CHECK(rights.may_send("$JS.hubs.API.INFO"));
  CHECK(rights.may_send("$JS.hu.API.INFO"));
  CHECK(rights.may_send("$JS.edge.API.INFO"));
  CHECK(rights.may_send("$JS.hub.APIX.INFO"));
  CHECK(rights.may_receive("$JS.hub.API.INFO"));
  CHECK(rights.may_announce("$JS.hub.API.>", ""));
  CHECK(LinkRights("").may_send("$JS..API.INFO"));
}

TEST_CASE("link rights: a right of a queue group is none of plain subscriptions") {
  const LinkRights rights = listening(allow({"work.> fast", "shared", "any q.*"}));
  CHECK(rights.permits_listen("work.a", "fast"));
  CHECK_FALSE(rights.permits_listen("work.a", ""));
  CHECK_FALSE(rights.permits_listen("work.a", "slow"));
  CHECK(rights.permits_listen("shared", ""));
  CHECK(rights.permits_listen("shared", "fast"));
  CHECK(rights.permits_listen("any", "q.1"));
  CHECK_FALSE(rights.permits_listen("any", "q"));
  CHECK_FALSE(rights.permits_listen("any", ""));
  CHECK(rights.may_announce("work.a", "fast"));
  CHECK_FALSE(rights.may_announce("work.a", ""));
  CHECK(rights.may_announce("work.*", "fast"));
  CHECK_FALSE(rights.may_announce("work.*", ""));
  CHECK_FALSE(rights.may_announce("work.*", "slow"));
  // Blanks may be several.
  CHECK(listening(allow({"a   q"})).permits_listen("a", "q"));
  CHECK_FALSE(listening(allow({"a   q"})).permits_listen("a", ""));
}

TEST_CASE("link rights: a deny of a queue group leaves plain subscriptions alone") {
  const LinkRights rights = listening(deny({"work.> slow"}));
  CHECK(rights.permits_listen("work.a", ""));
  CHECK(rights.permits_listen("work.a", "fast"));
  CHECK_FALSE(rights.permits_listen("work.a", "slow"));
  CHECK(rights.may_announce("work.*", ""));
  CHECK_FALSE(rights.may_announce("work.*", "slow"));
}

TEST_CASE("link rights: a wildcard is announced when an allow overlaps and no deny covers it") {
  const LinkRights allowed = listening(allow({"down.*.a", "x"}));
  CHECK(allowed.may_announce("down.>", ""));
  CHECK(allowed.may_announce("down.1.*", ""));
  CHECK(allowed.may_announce(">", ""));
  CHECK(allowed.may_announce("*", ""));
  CHECK_FALSE(allowed.may_announce("up.>", ""));
  CHECK_FALSE(allowed.may_announce("down.*", ""));
  const LinkRights denied = listening(deny({"secret.*", "all.>"}));
  CHECK_FALSE(denied.may_announce("secret.*", ""));
  CHECK(denied.may_announce("secret.>", ""));  // Wider than the deny: each message is asked.
  CHECK(denied.may_announce("*.a", ""));
  CHECK(denied.may_announce(">", ""));
  CHECK_FALSE(denied.may_announce("all.*.x", ""));
  CHECK_FALSE(denied.may_announce("all.>", ""));
}

TEST_CASE("link rights: a literal must be permitted as it is") {
  const LinkRights rights = listening({.allow = {"down.>"}, .deny = {"down.no"}});
  CHECK(rights.may_announce("down.a", ""));
  CHECK_FALSE(rights.may_announce("down.no", ""));
  CHECK_FALSE(rights.may_announce("up", ""));
  CHECK(rights.may_announce("$LDS.abc", ""));  // The loop guard always passes.
}

TEST_CASE("link rights: the two directions are apart") {
  LinkRights rights("hub");
  rights.set_permissions(allow({"out"}), allow({"in"}));
  CHECK(rights.may_send("out"));
  CHECK_FALSE(rights.may_send("in"));
  CHECK(rights.permits_listen("in", ""));
  CHECK_FALSE(rights.permits_listen("out", ""));
}

TEST_CASE("link rights: nine subjects are a domain's API") {
  const auto subjects = domain_api_subjects("d");
  CHECK(subjects ==
        std::vector<std::string>{"$JS.d.API.INFO", "$JS.d.API.STREAM.>", "$JS.d.API.CONSUMER.>",
                                 "$JS.d.API.DIRECT.>", "$JS.d.API.META.>", "$JS.d.API.SERVER.>",
                                 "$JS.d.API.ACCOUNT.>", "$JS.d.API.$KV.>", "$JS.d.API.$OBJ.>"});
}

}  // namespace frond::leaf
