#include "desk.h"

using namespace frond;
using namespace frond::desk;
using namespace std::chrono_literals;
using Keys = std::vector<std::string>;

namespace {
const std::string orders = R"({"name":"S","subjects":["a.>"],"allow_direct":true})";
std::string create_body(const std::string& config, const std::string& more = "") {
  return R"({"stream_name":"S","config":)" + config + more + "}";
}
const std::string durable =
    R"({"durable_name":"c","name":"c","ack_policy":"explicit","deliver_policy":"all","replay_policy":"instant"})";
}  // namespace

TEST_CASE("a consumer's life, and its answers in nats-server's order") {
  Desk d;
  d.ask("STREAM.CREATE.S", orders);
  d.publish("a.x", "one");
  d.send("CONSUMER.CREATE.S.c", create_body(durable));
  CHECK(d.outlet.take("reply").empty());
  d.commit();
  CHECK(d.outlet.take("reply").empty() == false);
  const Json info = d.ask("CONSUMER.INFO.S.c");
  CHECK(keys(info) == Keys{"type", "stream_name", "name", "created", "config", "delivered",
                           "ack_floor", "num_ack_pending", "num_redelivered", "num_waiting",
                           "num_pending", "ts"});
  CHECK(info["config"].dump() ==
        R"({"durable_name":"c","name":"c","deliver_policy":"all","ack_policy":"explicit",)"
        R"("ack_wait":30000000000,"max_deliver":-1,"replay_policy":"instant","max_waiting":512,)"
        R"("max_ack_pending":1000,"num_replicas":0,"metadata":{"_nats.level":"1",)"
        R"("_nats.req.level":"0","_nats.ver":"2.14.0"}})");
  CHECK(info["num_pending"] == 1);
  CHECK(d.ask("CONSUMER.NAMES.S")["consumers"].dump() == R"(["c"])");
  CHECK(d.ask("CONSUMER.LIST.S")["consumers"][0]["name"] == "c");
  CHECK(d.ask("CONSUMER.LIST.S")["total"] == 1);
  CHECK(d.ask("STREAM.INFO.S")["state"]["consumer_count"] == 1);
  CHECK(d.ask("CONSUMER.DELETE.S.c").dump() ==
        R"({"type":"io.nats.jetstream.api.v1.consumer_delete_response","success":true})");
  CHECK(d.error("CONSUMER.INFO.S.c") == "404/10014 consumer not found");
  CHECK(d.error("CONSUMER.INFO.T.c") == "404/10059 stream not found");
}

TEST_CASE("the subject of a create must say what the config says") {
  Desk d;
  d.ask("STREAM.CREATE.S", orders);
  CHECK(d.error("CONSUMER.CREATE.T.c", create_body(durable)) ==
        "400/10056 stream name in subject does not match request");
  CHECK(d.error("CONSUMER.CREATE.S.d", create_body(durable)) ==
        "400/10017 consumer name in subject does not match durable name in request");
  CHECK(d.error("CONSUMER.CREATE.S.c.a.x", create_body(durable)) ==
        "400/10131 Consumer create request did not match filtered subject from create subject");
  CHECK(d.error("CONSUMER.CREATE.S", create_body(durable)) ==
        "400/10020 consumer expected to be ephemeral but a durable name was set in request");
  CHECK(d.error("CONSUMER.DURABLE.CREATE.S.c", create_body(R"({"ack_policy":"explicit"})")) ==
        "400/10018 consumer expected to be durable but a durable name was not set");
  CHECK(d.error("CONSUMER.DURABLE.CREATE.S.c", create_body(durable)).empty());
  CHECK(d.error("CONSUMER.CREATE.S.e.a.x",
                create_body(R"({"name":"e","filter_subject":"a.x","ack_policy":"none"})"))
            .empty());
  const Json legacy = d.ask("CONSUMER.CREATE.S", create_body(R"({"ack_policy":"none"})"));
  CHECK(legacy["name"].get<std::string>().size() == 8);
}

TEST_CASE("faults of a consumer config, each with NATS's code and text") {
  Desk d;
  d.ask("STREAM.CREATE.S", orders);
  const auto fault = [&](const std::string& fields) {
    return d.error("CONSUMER.CREATE.S.c",
                   create_body(R"({"name":"c","ack_policy":"explicit",)" + fields + "}"));
  };
  CHECK(fault(R"("nonsense":1)") == "400/10025 invalid JSON: json: unknown field \"nonsense\"");
  CHECK(fault(R"("deliver_policy":"often")") ==
        "400/10025 invalid JSON: can not unmarshal \"\\\"often\\\"\"");
  CHECK(fault(R"("filter_subject":"a.x","filter_subjects":["a.y"])").starts_with("400/10136"));
  CHECK(fault(R"("filter_subjects":["a.x",""])").starts_with("400/10139"));
  CHECK(fault(R"("filter_subjects":["a.x","a.>"])").starts_with("400/10138"));
  CHECK(fault(R"("deliver_subject":"d.*")").starts_with("400/10079"));
  CHECK(fault(R"("deliver_subject":"a.in")").starts_with("400/10081"));
  CHECK(fault(R"("deliver_subject":"d","max_waiting":5)").starts_with("400/10080"));
  CHECK(fault(R"("deliver_subject":"d","idle_heartbeat":1000)").starts_with("400/10083"));
  CHECK(fault(R"("deliver_subject":"d","flow_control":true)").starts_with("400/10108"));
  CHECK(fault(R"("idle_heartbeat":1000000000)").starts_with("400/10088"));
  CHECK(fault(R"("flow_control":true)").starts_with("400/10089"));
  CHECK(fault(R"("rate_limit_bps":100)").starts_with("400/10086"));
  CHECK(fault(R"("max_deliver":1,"backoff":[1,2])").starts_with("400/10116"));
  CHECK(fault(R"("ack_wait":-1)").starts_with("400/10183"));
  CHECK(fault(R"("deliver_policy":"last_per_subject")") ==
        "400/10094 consumer delivery policy is deliver last per subject, but optional filter "
        "subject is not set");
  CHECK(fault(R"("opt_start_seq":4)") ==
        "400/10094 consumer delivery policy is deliver all, but optional start sequence is also "
        "set");
  CHECK(fault(R"("num_replicas":3)").starts_with("500/10074"));
  CHECK(fault(R"("priority_groups":["g"])").starts_with("400/10196"));
  CHECK(fault(R"("priority_policy":"overflow","priority_groups":["g"],"deliver_subject":"d")")
            .starts_with("400/10178"));
  CHECK(fault(R"("priority_policy":"overflow","priority_groups":["g"])").starts_with("400/10094"));
  CHECK(fault(R"("sample_freq":"x")").starts_with("400/10095"));
  CHECK(d.ask("CONSUMER.NAMES.S")["total"] == 0);
}

TEST_CASE("the same name again: create, update, and what may not change") {
  Desk d;
  d.ask("STREAM.CREATE.S", orders);
  const std::string changed =
      R"({"durable_name":"c","name":"c","ack_policy":"explicit","ack_wait":5000000000})";
  CHECK(d.error("CONSUMER.CREATE.S.c", create_body(durable, R"(,"action":"update")")) ==
        "400/10149 consumer does not exist");
  CHECK(d.error("CONSUMER.CREATE.S.c", create_body(durable, R"(,"action":"create")")).empty());
  CHECK(d.error("CONSUMER.CREATE.S.c", create_body(durable, R"(,"action":"create")")).empty());
  CHECK(d.error("CONSUMER.CREATE.S.c", create_body(changed, R"(,"action":"create")")) ==
        "400/10148 consumer already exists");
  d.send("CONSUMER.CREATE.S.c", create_body(durable));
  CHECK(d.outlet.take("reply").size() == 1);  // Nothing new to wait for.
  const Json updated = d.ask("CONSUMER.CREATE.S.c", create_body(changed, R"(,"action":"update")"));
  CHECK(updated["config"]["ack_wait"] == 5000000000);
  CHECK(d.error("CONSUMER.CREATE.S.c",
                create_body(R"({"durable_name":"c","name":"c","ack_policy":"all"})")) ==
        "500/10012 ack policy can not be updated");
  CHECK(
      d.error(
          "CONSUMER.CREATE.S.c",
          create_body(
              R"({"durable_name":"c","name":"c","ack_policy":"explicit","deliver_subject":"d"})")) ==
      "500/10012 can not update pull consumer to push based");
}

TEST_CASE("pulling through the API, over a restart") {
  Desk d;
  d.ask("STREAM.CREATE.S", orders);
  d.ask("CONSUMER.CREATE.S.c", create_body(durable));
  for (const char* text : {"one", "two", "three"}) {
    d.publish("a.x", text);
  }
  d.send("CONSUMER.MSG.NEXT.S.c", "2", "", "inbox");
  const auto sent = d.outlet.take("inbox");
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].payload == "one");
  d.consumers->find("S", "c")->on_ack({sent[0].reply, "done", {}, "+ACK"}, d.now);
  d.consumers->pump(d.now);
  CHECK(d.outlet.take("done").empty());
  d.commit();
  CHECK(d.outlet.take("done").size() == 1);
  d.open();
  CHECK(d.damaged.empty());
  const Json info = d.ask("CONSUMER.INFO.S.c");
  CHECK(info["ack_floor"]["stream_seq"] == 1);
  CHECK(info["num_ack_pending"] == 1);
  CHECK(info["num_pending"] == 1);
  d.later(30s);
  d.send("CONSUMER.MSG.NEXT.S.c", "5", "", "inbox");
  const auto again = d.outlet.take("inbox");
  REQUIRE(again.size() == 2);
  CHECK(again[0].payload == "two");
  CHECK(again[0].reply.starts_with("$JS.ACK.S.c.2.2."));
  CHECK(again[1].payload == "three");
}

TEST_CASE("a pull at nobody") {
  Desk d;
  d.send("CONSUMER.MSG.NEXT.S.c", "", "", "inbox");
  CHECK(d.outlet.take("inbox").at(0).header.starts_with("NATS/1.0 503\r\n"));
  d.send("CONSUMER.MSG.NEXT.S.c", "", "NATS/1.0\r\nNats-Required-Api-Level: 9\r\n\r\n", "inbox");
  CHECK(d.outlet.take("inbox").at(0).header == "NATS/1.0 412 Required Api Level\r\n\r\n");
}

TEST_CASE("a reset forgets deliveries and is durable before it is answered (JA-18)") {
  Desk d;
  d.ask("STREAM.CREATE.S", orders);
  d.ask("CONSUMER.CREATE.S.c", create_body(durable));
  d.publish("a.x", "one");
  d.publish("a.x", "two");
  d.commit();
  d.outlet.sent.clear();
  d.send("CONSUMER.MSG.NEXT.S.c", "2", "", "inbox");
  CHECK(d.outlet.take("inbox").size() == 2);
  d.send("CONSUMER.RESET.S.c", R"({"seq":2})");
  CHECK(d.outlet.take("reply").empty());
  d.commit();
  const auto answers = d.outlet.take("reply");
  REQUIRE(answers.size() == 1);
  const Json reset = Json::parse(answers[0].payload);
  CHECK(reset["type"] == "io.nats.jetstream.api.v1.consumer_reset_response");
  CHECK(reset["reset_seq"] == 2);
  CHECK(reset["num_ack_pending"] == 0);
  CHECK(reset["num_pending"] == 1);
  CHECK(reset["delivered"].dump() == R"({"consumer_seq":0,"stream_seq":1})");
  CHECK(reset["ack_floor"].dump() == R"({"consumer_seq":0,"stream_seq":1})");
  d.open();  // As after a restart.
  CHECK(d.ask("CONSUMER.INFO.S.c")["num_pending"] == 1);
  d.send("CONSUMER.MSG.NEXT.S.c", "2", "", "inbox");
  const auto again = d.outlet.take("inbox");
  REQUIRE(again.size() == 1);
  CHECK(again[0].payload == "two");
  CHECK(again[0].reply.starts_with("$JS.ACK.S.c.1.2.1."));
}

TEST_CASE("a reset that the deliver policy forbids is refused (JA-18)") {
  Desk d;
  d.ask("STREAM.CREATE.S", orders);
  d.ask("CONSUMER.CREATE.S.c",
        create_body(R"({"durable_name":"c","name":"c","ack_policy":"explicit",)"
                    R"("deliver_policy":"by_start_sequence","opt_start_seq":3})"));
  CHECK(d.ask("CONSUMER.RESET.S.c", R"({"seq":2})").dump() ==
        R"({"type":"io.nats.jetstream.api.v1.consumer_reset_response","error":{"code":400,)"
        R"("err_code":10204,"description":"invalid reset: below start seq"},"reset_seq":0})");
  CHECK(d.ask("CONSUMER.RESET.S.c", R"({"seq":3})")["reset_seq"] == 3);
  CHECK(d.ask("CONSUMER.RESET.S.c")["reset_seq"] == 3);
  CHECK(d.error("CONSUMER.RESET.S.c", "x") ==
        "400/10025 invalid JSON: invalid character 'x' looking for beginning of value");
  d.ask("CONSUMER.CREATE.S.n",
        create_body(R"({"durable_name":"n","name":"n","ack_policy":"explicit",)"
                    R"("deliver_policy":"new"})"));
  CHECK(d.error("CONSUMER.RESET.S.n", R"({"seq":1})") == "400/10204 invalid reset: not allowed");
  d.send("CONSUMER.RESET.S.none");
  CHECK(d.outlet.take("reply").empty());
}

TEST_CASE("pausing") {
  Desk d;
  d.ask("STREAM.CREATE.S", orders);
  d.ask("CONSUMER.CREATE.S.c", create_body(durable));
  const Json paused = d.ask("CONSUMER.PAUSE.S.c", R"({"pause_until":"2023-11-14T23:13:20Z"})");
  CHECK(paused.dump() ==
        R"({"type":"io.nats.jetstream.api.v1.consumer_pause_response","paused":true,)"
        R"("pause_until":"2023-11-14T23:13:20Z","pause_remaining":3600000000000})");
  d.publish("a.x", "one");
  d.send("CONSUMER.MSG.NEXT.S.c", "", "", "inbox");
  CHECK(d.outlet.take("inbox").empty());
  CHECK(d.ask("CONSUMER.INFO.S.c")["paused"] == true);
  d.send("CONSUMER.PAUSE.S.c");
  CHECK(d.outlet.take("inbox").size() == 1);  // The request that waited through the pause.
  d.commit();
  const auto resumed = d.outlet.take("reply");
  REQUIRE(resumed.size() == 1);
  CHECK(Json::parse(resumed[0].payload)["pause_until"] == "0001-01-01T00:00:00Z");
}

TEST_CASE("a stream takes its consumers along, an idle ephemeral goes by itself") {
  Desk d;
  d.ask("STREAM.CREATE.S", orders);
  d.ask("CONSUMER.CREATE.S.c", create_body(durable));
  d.ask("CONSUMER.CREATE.S.e", create_body(R"({"name":"e","ack_policy":"none"})"));
  CHECK(d.consumers->count() == 2);
  d.later(7s);
  CHECK(d.consumers->count() == 1);
  d.send("CONSUMER.MSG.NEXT.S.c", R"({"batch":1,"expires":60000000000})", "", "inbox");
  d.send("STREAM.DELETE.S");
  CHECK(d.outlet.take("inbox").at(0).header == "NATS/1.0 409 Consumer Deleted\r\n\r\n");
  d.commit();
  CHECK(d.consumers->count() == 0);
  CHECK(d.files.files.empty());
}

TEST_CASE("a commit that fails: the consumer created in it was never there") {
  Desk d;
  d.ask("STREAM.CREATE.S", orders);
  d.send("CONSUMER.CREATE.S.c", create_body(durable));
  d.fail();
  const auto out = d.outlet.take("reply");
  REQUIRE(out.size() == 1);
  CHECK(Json::parse(out[0].payload)["error"]["err_code"] == 10047);
  CHECK(d.consumers->count() == 0);
  CHECK(d.error("CONSUMER.CREATE.S.c", create_body(durable)).empty());
}

TEST_CASE("a damaged state file is reported and delivers again rather than loses") {
  Desk d;
  d.ask("STREAM.CREATE.S", orders);
  d.ask("CONSUMER.CREATE.S.c", create_body(durable));
  d.publish("a.x", "one");
  d.send("CONSUMER.MSG.NEXT.S.c", "", "", "inbox");
  d.later(1s);
  d.commit();
  const bool both = GENERATE(true, false);
  REQUIRE(d.files.files.contains("streams/S/consumers/c.state.2"));
  // Which of the two is the newer one nobody knows in advance.
  d.files.files[both ? "streams/S/consumers/c.state" : "streams/S/consumers/c.state.2"] = "rotten";
  if (both) d.files.files["streams/S/consumers/c.state.2"] = "rotten";
  d.open();
  REQUIRE(d.damaged.size() == 1);
  CHECK(d.damaged[0].path == "streams/S/consumers/c.state");
  const Json info = d.ask("CONSUMER.INFO.S.c");
  CHECK(info["num_pending"].get<int>() + info["num_ack_pending"].get<int>() == 1);
  CHECK((info["num_pending"] == 1 || !both));
  // The start has written the state again: nothing is damaged any more.
  d.later(1s);
  d.commit();
  d.open();
  CHECK(d.damaged.empty());
}
