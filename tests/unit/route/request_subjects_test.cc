// Where requests are taken, and that answers are not among them.
#include "route/request_subjects.h"

#include "router_rig.h"

namespace frond::route {

TEST_CASE("the subjects of requests are told from all others") {
  for (const char* api : {"$JS.API.INFO", "$JS.hub.API.INFO", "$JS.a.API.$KV.b.k", "$FROND.STATUS",
                          "$JS.API.API.x", "$JS.hub.API."}) {
    INFO(api);
    CHECK(is_api_subject(api));
    CHECK(is_request_subject(api));
  }
  for (const char* other : {"$JS.ACK.S.c.1", "$JS.FC.S.c.x"}) {
    INFO(other);
    CHECK_FALSE(is_api_subject(other));
    CHECK(is_request_subject(other));
  }
  for (const char* other :
       {"", "$JS", "$JS.", "$JS.API", "$JS.EVENT.ADVISORY.x", "$JS.M.Abc", "$JSC.R.x", "$KV.b.k",
        "_INBOX.x", "$JS.hub.APIX.INFO", "$JS.a.b.API.INFO", "JS.API.INFO", "$FRONDS.x"}) {
    INFO(other);
    CHECK_FALSE(is_request_subject(other));
  }
}

namespace {

struct Service : Recorder {
  Service() : Recorder(SinkKind::internal) {}
  bool takes_answers() const override { return false; }
};

}  // namespace

TEST_CASE("an answer passes those by who only take requests") {
  Fixture f;
  Service service;
  Recorder stream(SinkKind::internal);
  Recorder hub(SinkKind::hub);
  f.router.subscribe(service, "$JS.API.>");
  f.router.subscribe(service, "$JS.API.*", "workers");
  f.router.subscribe(hub, ">");
  CHECK(f.router.reach("$JS.API.INFO") == base::Reach::nobody);
  CHECK(f.router.reach("_INBOX.x") == base::Reach::ready);
  const auto answer = [&](std::string_view subject) {
    const Message message{subject, "", "", "x"};
    return f.router.publish({.message = message, .target = subject, .answer = true});
  };
  CHECK(answer("$JS.API.INFO") == 0);
  CHECK(answer("$JS.hub.API.INFO") == 0);
  CHECK(answer("_INBOX.x") == 1);
  f.router.subscribe(stream, "$JS.API.INFO");
  CHECK(answer("$JS.API.INFO") == 1);
  CHECK(service.got.empty());
  CHECK(stream.take() == Names{":$JS.API.INFO=x"});
  CHECK(hub.take() == Names{"_INBOX.x=x plain"});
  CHECK(f.publish("$JS.API.INFO") == 4);
  CHECK(service.take().size() == 2);
}

TEST_CASE("an answer from inside a delivery is one still when its turn comes") {
  Fixture f;
  Service service;
  Recorder asked;
  asked.on_deliver = [&f](const Subscription&, const Message&) {
    const Message message{"$JS.API.INFO", "", "", "x"};
    CHECK(f.router.publish({.message = message, .target = "$JS.API.INFO", .answer = true}) == 0);
  };
  f.router.subscribe(service, "$JS.API.>");
  f.router.subscribe(asked, "go");
  f.publish("go");
  CHECK(asked.got.size() == 1);
  CHECK(service.got.empty());
}

TEST_CASE("an answer goes to no queue group beyond a link where requests are taken") {
  Fixture f;
  Recorder leaf(SinkKind::leaf);
  f.router.subscribe(leaf, "$JS.leaf.API.>", "q");
  CHECK(f.router.reach("$JS.leaf.API.INFO") == base::Reach::nobody);
  const Message message{"$JS.leaf.API.INFO", "", "", "x"};
  CHECK(f.router.publish({.message = message, .target = message.subject, .answer = true}) == 0);
  CHECK(leaf.got.empty());
}

}  // namespace frond::route
