#include "desk.h"

using namespace frond;
using namespace frond::desk;
using namespace std::chrono_literals;
using Keys = std::vector<std::string>;

namespace {
const std::string orders = R"({"name":"S","subjects":["a.>"],"allow_direct":true})";
}  // namespace

TEST_CASE("requests that nobody serves, bodies that must be empty, bodies that are no JSON") {
  Desk d;
  for (const char* verb : {"NONSENSE", "STREAM.WHAT.S", "CONSUMER.INFO.S"}) {
    d.send(verb);
    CHECK(d.outlet.take("reply").empty());
  }
  CHECK(d.error("STREAM.DELETE.S", "body") == "400/10038 expected an empty request payload");
  CHECK(d.error("STREAM.DELETE.S", R"({"a":1})") == "400/10038 expected an empty request payload");
  CHECK(d.error("STREAM.INFO.S") == "404/10059 stream not found");
  CHECK(
      d.error("STREAM.INFO.S", R"({"offset":"x"})").starts_with("400/10025 invalid JSON: json: "));
  CHECK(d.error("STREAM.INFO.S", R"({"nope":1})") ==
        "400/10025 invalid JSON: json: unknown field \"nope\"");
  CHECK(d.error("INFO", "", "NATS/1.0\r\nNats-Required-Api-Level: 99\r\n\r\n") ==
        "412/10185 JetStream minimum api level required");
  CHECK(d.error("STREAM.SNAPSHOT.S") == "500/10064 snapshot failed: not supported by this node");
}

TEST_CASE("account info") {
  Desk d;
  d.ask("STREAM.CREATE.S", orders);
  const Json info = d.ask("INFO");
  CHECK(info["type"] == "io.nats.jetstream.api.v1.account_info_response");
  CHECK(keys(info) == Keys{"type", "memory", "storage", "reserved_memory", "reserved_storage",
                           "streams", "consumers", "limits", "domain", "api"});
  CHECK(info["streams"] == 1);
  CHECK(info["domain"] == "edge");
  CHECK(info["limits"]["max_streams"] == -1);
}

TEST_CASE("a stream's life") {
  Desk d;
  d.send("STREAM.CREATE.S", orders);
  CHECK(d.outlet.take("reply").empty());  // Not before it is durable.
  d.commit();
  CHECK(d.outlet.take("reply").size() == 1);
  const Json again = d.ask("STREAM.CREATE.S", orders);
  CHECK(keys(again) == Keys{"type", "config", "created", "state", "ts", "did_create"});
  CHECK(again["did_create"] == true);
  CHECK(d.error("STREAM.CREATE.S", R"({"name":"S","subjects":["b"]})").starts_with("400/10058"));
  CHECK(d.error("STREAM.CREATE.T", orders).starts_with("400/10056"));
  d.publish("a.x", "one");
  d.publish("a.y", "two");
  const Json info = d.ask("STREAM.INFO.S", R"({"subjects_filter":">"})");
  CHECK(keys(info) == Keys{"type", "total", "offset", "limit", "config", "created", "state",
                           "domain", "cluster", "ts"});
  CHECK(info["total"] == 2);
  CHECK(info["limit"] == 100000);
  CHECK(info["cluster"].dump() == R"({"leader":"phone"})");
  CHECK(info["state"]["messages"] == 2);
  CHECK(info["state"]["num_subjects"] == 2);
  CHECK(info["state"]["subjects"].dump() == R"({"a.x":1,"a.y":1})");
  CHECK(info["config"]["metadata"]["_nats.req.level"] == "0");
  CHECK(info["config"]["metadata"]["_nats.ver"] == "2.14.0");
  CHECK(d.ask("STREAM.NAMES")["streams"].dump() == R"(["S"])");
  CHECK(d.ask("STREAM.NAMES", R"({"subject":"b"})")["streams"].is_null());
  CHECK(d.ask("STREAM.LIST")["streams"][0]["config"]["name"] == "S");
  CHECK(d.error("STREAM.PURGE.S", R"({"seq":1,"keep":1})") == "400/10003 bad request");
  const Json purged = d.ask("STREAM.PURGE.S", R"({"filter":"a.x"})");
  CHECK(purged["purged"] == 1);
  CHECK(d.ask("STREAM.DELETE.S").dump() ==
        R"({"type":"io.nats.jetstream.api.v1.stream_delete_response","success":true})");
  CHECK(d.error("STREAM.DELETE.S") == "404/10059 stream not found");
}

TEST_CASE("single messages by sequence, last and next of a subject") {
  Desk d;
  d.ask("STREAM.CREATE.S", orders);
  d.publish("a.x", "one", "NATS/1.0\r\nK: v\r\n\r\n");
  d.publish("a.y", "two");
  const Json first = d.ask("STREAM.MSG.GET.S", R"({"seq":1})");
  CHECK(
      first["message"].dump() ==
      R"({"subject":"a.x","seq":1,"hdrs":"TkFUUy8xLjANCks6IHYNCg0K","data":"b25l","time":"2023-11-14T22:13:20Z"})");
  CHECK(d.ask("STREAM.MSG.GET.S", R"({"last_by_subj":"a.*"})")["message"]["seq"] == 2);
  CHECK(d.ask("STREAM.MSG.GET.S", R"({"next_by_subj":"a.y","seq":1})")["message"]["seq"] == 2);
  CHECK(d.error("STREAM.MSG.GET.S", R"({"seq":9})") == "404/10037 no message found");
  CHECK(d.error("STREAM.MSG.GET.S", "") == "400/10003 bad request");
  CHECK(d.error("STREAM.MSG.GET.S", R"({"seq":1,"last_by_subj":"a"})") == "400/10003 bad request");
  CHECK(d.ask("STREAM.MSG.DELETE.S", R"({"seq":1})")["success"] == true);
  CHECK(d.error("STREAM.MSG.DELETE.S", R"({"seq":1})") == "500/10057 no message found");
}

TEST_CASE("direct get") {
  Desk d;
  d.ask("STREAM.CREATE.S", orders);
  d.publish("a.x", "one");
  d.publish("a.y", "two");
  d.publish("a.x", "three");
  const auto get = [&](const std::string& verb, const std::string& body) {
    d.send(verb, body);
    d.commit();
    return d.outlet.take("reply");
  };
  const auto one = get("DIRECT.GET.S.a.x", "");
  REQUIRE(one.size() == 1);
  CHECK(one[0].payload == "three");
  CHECK(one[0].header ==
        "NATS/1.0\r\nNats-Stream: S\r\nNats-Subject: a.x\r\nNats-Sequence: 3\r\n"
        "Nats-Time-Stamp: 2023-11-14T22:13:20Z\r\n\r\n");
  CHECK(get("DIRECT.GET.S", R"({"seq":2})").at(0).payload == "two");
  CHECK(get("DIRECT.GET.S", R"({"seq":9})").at(0).header ==
        "NATS/1.0 404 Message Not Found\r\n\r\n");
  CHECK(get("DIRECT.GET.S", "").at(0).header == "NATS/1.0 408 Empty Request\r\n\r\n");
  CHECK(get("DIRECT.GET.S", "{").at(0).header == "NATS/1.0 408 Malformed Request\r\n\r\n");
  CHECK(get("DIRECT.GET.S", R"({"seq":1,"last_by_subj":"a"})").at(0).header ==
        "NATS/1.0 408 Bad Request\r\n\r\n");
  CHECK(get("DIRECT.GET.NONE.x", "").at(0).header.starts_with("NATS/1.0 503\r\n"));
  const auto batch = get("DIRECT.GET.S", R"({"seq":1,"batch":2})");
  REQUIRE(batch.size() == 3);
  CHECK(batch[0].header.ends_with("Nats-Num-Pending: 2\r\nNats-Last-Sequence: 0\r\n\r\n"));
  CHECK(batch[1].header.ends_with("Nats-Num-Pending: 1\r\nNats-Last-Sequence: 1\r\n\r\n"));
  CHECK(batch[2].header ==
        "NATS/1.0 204 EOB\r\nNats-Num-Pending: 1\r\nNats-Last-Sequence: 2\r\n\r\n");
  const auto lasts = get("DIRECT.GET.S", R"({"multi_last":["a.>"]})");
  REQUIRE(lasts.size() == 3);
  CHECK(lasts[0].payload == "two");
  CHECK(lasts[2].header ==
        "NATS/1.0 204 EOB\r\nNats-Num-Pending: 0\r\nNats-Last-Sequence: 3\r\n"
        "Nats-UpTo-Sequence: 3\r\n\r\n");
  const auto then = get("DIRECT.GET.S", R"({"multi_last":["a.>"],"up_to_seq":2})");
  REQUIRE(then.size() == 3);
  CHECK(then[0].payload == "one");
  CHECK(get("DIRECT.GET.S", R"({"multi_last":["b"]})").at(0).header ==
        "NATS/1.0 404 No Results\r\n\r\n");
}

TEST_CASE("a message that is not yet durable is not shown") {
  Desk d;
  d.ask("STREAM.CREATE.S", orders);
  d.streams->find("S")->ingest({"a.x", {}, {}, "one"}, d.now);
  d.send("DIRECT.GET.S.a.x");
  CHECK(d.outlet.take("reply").empty());
  SECTION("it becomes durable") {
    d.commit();
    CHECK(d.outlet.take("reply").at(0).payload == "one");
  }
  SECTION("it is lost") {
    d.fail();
    CHECK(d.outlet.take("reply").at(0).header == "NATS/1.0 404 Message Not Found\r\n\r\n");
  }
}

TEST_CASE("a stream's state is told when it is durable") {
  Desk d;
  d.ask("STREAM.CREATE.S", orders);
  d.publish("a.x", "one");
  d.send("STREAM.INFO.S");
  CHECK(Json::parse(d.outlet.take("reply").at(0).payload)["state"]["last_seq"] == 1);

  d.streams->find("S")->ingest({"a.x", {}, {}, "two"}, d.now);
  d.send("STREAM.INFO.S");
  CHECK(d.outlet.take("reply").empty());
  SECTION("the commit holds") {
    d.commit();
    CHECK(Json::parse(d.outlet.take("reply").at(0).payload)["state"]["last_seq"] == 2);
  }
  SECTION("the commit fails") {
    d.fail();
    const Json answer = Json::parse(d.outlet.take("reply").at(0).payload);
    CHECK(answer["error"]["err_code"] == 10008);
    CHECK(d.ask("STREAM.INFO.S")["state"]["last_seq"] == 1);
  }
}
