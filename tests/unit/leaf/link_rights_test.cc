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

/// What a rule says of a subject, or of a subscription in a queue group.
struct Row {
  const char* subject;
  const char* queue;
  bool yes;
};
using Rows = std::initializer_list<Row>;

template <class Rule>
void check(Rows rows, Rule rule) {
  for (const Row& row : rows) {
    INFO(row.subject << " " << row.queue);
    CHECK(rule(row) == row.yes);
  }
}
void check_send(const LinkRights& rights, Rows rows) {
  check(rows, [&](const Row& row) { return rights.may_send(row.subject); });
}
void check_listen(const LinkRights& rights, Rows rows) {
  check(rows, [&](const Row& row) { return rights.permits_listen(row.subject, row.queue); });
}
void check_announce(const LinkRights& rights, Rows rows) {
  check(rows, [&](const Row& row) { return rights.may_announce(row.subject, row.queue); });
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
  check_send(sending({.allow = {"up.>", "one"}, .deny = {"up.no.*", "up.x"}}),
             {{"up.a", "", true},
              {"one", "", true},
              {"up.no", "", true},
              {"up.no.a.b", "", true},
              {"up.no.a", "", false},
              {"up.x", "", false},
              {"up", "", false},
              {"two", "", false}});
  check_send(sending(deny({">"})), {{"a", "", false}});
}

TEST_CASE("link rights: acknowledgements and replies to services pass the permissions") {
  const LinkRights none = sending(deny({">"}));
  check({{"$JS.ACK.S.c.1.1.1.1.0", "", true},
         {"_R_.abc", "", true},
         {"$JS.ACK", "", false},
         {"$JS.ACKS.a", "", false},
         {"_R_", "", false},
         {"_INBOX.a", "", false}},
        [&](const Row& row) { return none.permits_send(row.subject); });
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
  check_send(rights, {{"$JS.hub.API.INFO", "", false},
                      {"$JS.hubs.API.INFO", "", true},
                      {"$JS.hu.API.INFO", "", true},
                      {"$JS.edge.API.INFO", "", true},
                      {"$JS.hub.APIX.INFO", "", true}});
  check_send(LinkRights(""), {{"$JS..API.INFO", "", true}});
  CHECK(rights.may_receive("$JS.hub.API.INFO"));
  CHECK(rights.may_announce("$JS.hub.API.>", ""));
}

TEST_CASE("link rights: a right of a queue group is none of plain subscriptions") {
  const LinkRights rights = listening(allow({"work.> fast", "shared", "any q.*"}));
  check_listen(rights, {{"work.a", "fast", true},
                        {"work.a", "", false},
                        {"work.a", "slow", false},
                        {"shared", "", true},
                        {"shared", "fast", true},
                        {"any", "q.1", true},
                        {"any", "q", false},
                        {"any", "", false}});
  check_announce(rights, {{"work.a", "fast", true},
                          {"work.a", "", false},
                          {"work.*", "fast", true},
                          {"work.*", "", false},
                          {"work.*", "slow", false}});
  // Blanks may be several.
  check_listen(listening(allow({"a   q"})), {{"a", "q", true}, {"a", "", false}});
}

TEST_CASE("link rights: a deny of a queue group leaves plain subscriptions alone") {
  const LinkRights rights = listening(deny({"work.> slow"}));
  check_listen(rights, {{"work.a", "", true}, {"work.a", "fast", true}, {"work.a", "slow", false}});
  check_announce(rights, {{"work.*", "", true}, {"work.*", "slow", false}});
}

TEST_CASE("link rights: a wildcard is announced when an allow overlaps and no deny covers it") {
  check_announce(listening(allow({"down.*.a", "x"})), {{"down.>", "", true},
                                                       {"down.1.*", "", true},
                                                       {">", "", true},
                                                       {"*", "", true},
                                                       {"up.>", "", false},
                                                       {"down.*", "", false}});
  // What is wider than the deny is announced: each message is asked.
  check_announce(listening(deny({"secret.*", "all.>"})), {{"secret.*", "", false},
                                                          {"secret.>", "", true},
                                                          {"*.a", "", true},
                                                          {">", "", true},
                                                          {"all.*.x", "", false},
                                                          {"all.>", "", false}});
}

TEST_CASE("link rights: a literal must be permitted as it is") {
  check_announce(listening({.allow = {"down.>"}, .deny = {"down.no"}}),
                 {{"down.a", "", true},
                  {"down.no", "", false},
                  {"up", "", false},
                  {"$LDS.abc", "", true}});  // The loop guard always passes.
}

TEST_CASE("link rights: the two directions are apart") {
  LinkRights rights("hub");
  rights.set_permissions(allow({"out"}), allow({"in"}));
  CHECK(rights.may_send("out"));
  CHECK_FALSE(rights.may_send("in"));
  CHECK(rights.permits_listen("in", ""));
  CHECK_FALSE(rights.permits_listen("out", ""));
}

TEST_CASE("link rights: a node is queried by its domain, and the rest of $FROND stays") {
  const LinkRights rights("own");
  for (const char* subject : {"$FROND.own.QUERY.ORDERS", "$FROND.own.INDEX.INFO.ORDERS"}) {
    INFO(subject);
    CHECK(rights.may_announce(subject, ""));
    CHECK(rights.may_receive(subject));
    CHECK_FALSE(rights.may_send(subject));
  }
  CHECK(rights.may_send("$FROND.other.QUERY.ORDERS"));
  for (const char* subject : {"$FROND.QUERY.ORDERS", "$FROND.INDEX.INFO.ORDERS", "$FROND.STATUS",
                              "$FROND.SYNC.INFO.S", "$FROND.ADVISORY.SYNC.REFUSED.S",
                              "$FROND.other.STATUS", "$FROND.other.QUERY.A.B", "$FROND.>"}) {
    INFO(subject);
    CHECK_FALSE(rights.may_announce(subject, ""));
    CHECK_FALSE(rights.may_receive(subject));
    CHECK_FALSE(rights.may_send(subject));
  }
}

TEST_CASE("link rights: nine subjects are a domain's API") {
  const auto subjects = domain_api_subjects("d");
  CHECK(subjects ==
        std::vector<std::string>{"$JS.d.API.INFO", "$JS.d.API.STREAM.>", "$JS.d.API.CONSUMER.>",
                                 "$JS.d.API.DIRECT.>", "$JS.d.API.META.>", "$JS.d.API.SERVER.>",
                                 "$JS.d.API.ACCOUNT.>", "$JS.d.API.$KV.>", "$JS.d.API.$OBJ.>"});
}

}  // namespace frond::leaf
