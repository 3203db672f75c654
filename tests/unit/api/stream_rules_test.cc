// What a stream's config forbids its clients, what is told to listeners, and what is not shown
// before it is durable.
#include "base/limits.h"
#include "desk.h"

using namespace frond;
using namespace frond::desk;

TEST_CASE("deny_delete and deny_purge deny each their own") {
  Desk d;
  const std::string body = R"({"name":"S","subjects":["a.>"],)";
  SECTION("delete") {
    d.ask("STREAM.CREATE.S", body + R"("deny_delete":true})");
    d.publish("a.x", "one");
    CHECK(d.error("STREAM.MSG.DELETE.S", R"({"seq":1})") ==
          "500/10057 message delete not permitted");
    CHECK(d.streams->find("S")->state().messages == 1);
    CHECK(d.ask("STREAM.PURGE.S")["purged"] == 1);
  }
  SECTION("purge") {
    d.ask("STREAM.CREATE.S", body + R"("deny_purge":true})");
    d.publish("a.x", "one");
    d.publish("a.x", "two");
    CHECK(d.error("STREAM.PURGE.S") == "500/10110 stream purge not permitted");
    CHECK(d.streams->find("S")->state().messages == 2);
    CHECK(d.ask("STREAM.MSG.DELETE.S", R"({"seq":1})")["success"] == true);
    CHECK(d.streams->find("S")->state().messages == 1);
  }
}

TEST_CASE("a stream is announced once, however often it is asked for") {
  Desk d;
  const std::string body = R"({"name":"S","subjects":["a.>"]})";
  const auto announced = [&](const std::string& kind) {
    return d.outlet.take("$JS.EVENT.ADVISORY.STREAM." + kind + ".S").size();
  };
  d.send("STREAM.CREATE.S", body);
  CHECK(announced("CREATED") == 1);
  d.commit();
  d.send("STREAM.CREATE.S", body);
  CHECK(announced("CREATED") == 0);
  d.send("STREAM.UPDATE.S", body);
  CHECK(announced("UPDATED") == 1);
  d.commit();
  d.send("STREAM.DELETE.S");
  CHECK(announced("DELETED") == 1);
}

TEST_CASE("a deletion is confirmed when it is durable") {
  Desk d;
  d.ask("STREAM.CREATE.S", R"({"name":"S"})");
  d.send("STREAM.DELETE.S");
  CHECK(d.outlet.take("reply").empty());
  SECTION("the commit holds") {
    d.commit();
    CHECK(Json::parse(d.outlet.take("reply").at(0).payload)["success"] == true);
  }
  SECTION("the commit fails") {
    d.fail();
    CHECK(Json::parse(d.outlet.take("reply").at(0).payload)["error"]["err_code"] == 10047);
    CHECK(d.streams->find("S") != nullptr);
  }
}

TEST_CASE("a message asked for by its sequence is shown when it is durable") {
  Desk d;
  d.ask("STREAM.CREATE.S", R"({"name":"S"})");
  d.streams->find("S")->ingest({"S", {}, {}, "one"}, d.now);
  d.send("STREAM.MSG.GET.S", R"({"seq":1})");
  CHECK(d.outlet.take("reply").empty());
  SECTION("it becomes durable") {
    d.commit();
    CHECK(Json::parse(d.outlet.take("reply").at(0).payload)["message"]["data"] == "b25l");
  }
  SECTION("it is lost") {
    d.fail();
    CHECK(Json::parse(d.outlet.take("reply").at(0).payload).contains("error"));
  }
}

TEST_CASE("direct get: the last of a subject is one message and never a batch") {
  Desk d;
  d.ask("STREAM.CREATE.S", R"({"name":"S","subjects":["a.>"],"allow_direct":true})");
  d.publish("a.x", "one");
  d.send("DIRECT.GET.S", R"({"last_by_subj":"a.x","batch":2})");
  const auto out = d.outlet.take("reply");
  REQUIRE(out.size() == 1);
  CHECK(out[0].header == "NATS/1.0 408 Bad Request\r\n\r\n");
}

TEST_CASE("direct get: max_bytes counts subject, header and payload") {
  Desk d;
  d.ask("STREAM.CREATE.S", R"({"name":"S","subjects":["a.>"],"allow_direct":true})");
  const std::string header = "NATS/1.0\r\nK: V\r\n\r\n";
  for (int i = 0; i < 5; ++i) d.publish("a.x", "1", header);
  const auto messages = [&](std::size_t max_bytes) {
    d.send("DIRECT.GET.S", R"({"seq":1,"batch":9,"max_bytes":)" + std::to_string(max_bytes) + "}");
    return d.outlet.take("reply").size() - 1;  // Without the end of the batch.
  };
  const std::size_t each = 3 + header.size() + 1;
  CHECK(messages(2 * each) == 2);
  CHECK(messages(2 * each + 1) == 3);
}

TEST_CASE("a pause outlasts an update of its consumer") {
  Desk d;
  d.ask("STREAM.CREATE.S", R"({"name":"S"})");
  const std::string body = R"({"stream_name":"S","config":{"durable_name":"c",)";
  d.ask("CONSUMER.CREATE.S.c", body + R"("ack_policy":"explicit"}})");
  d.ask("CONSUMER.PAUSE.S.c", R"({"pause_until":"2030-01-01T00:00:00Z"})");
  const Json updated =
      d.ask("CONSUMER.CREATE.S.c", body + R"("ack_policy":"explicit","description":"new"}})");
  CHECK(updated["config"]["description"] == "new");
  CHECK(updated["config"]["pause_until"] == "2030-01-01T00:00:00Z");
  CHECK(updated["paused"] == true);
}

TEST_CASE("a client may ask for the API level that this node has, and for no higher one") {
  Desk d;
  const auto asking = [&](int level) {
    return d.error("INFO", "",
                   "NATS/1.0\r\nNats-Required-Api-Level: " + std::to_string(level) + "\r\n\r\n");
  };
  CHECK(asking(frond::base::jetstream_api_level).empty());
  CHECK(asking(frond::base::jetstream_api_level + 1).starts_with("412/10185"));
}
