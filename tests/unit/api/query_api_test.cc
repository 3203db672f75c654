#include "desk.h"

#include <algorithm>

using namespace frond;
using namespace frond::desk;

namespace {

struct QueryDesk : Desk {
  explicit QueryDesk(const std::string& config = R"({"name":"S","subjects":["s.>"]})") {
    ask("STREAM.CREATE.S", config);
  }
  /// All messages of an answer; the commits that it waits for are let through.
  std::vector<Json> query(const std::string& body, const std::string& stream = "S") {
    send("$FROND.QUERY." + stream, body);
    commit();
    while (api->next_deadline() != kNever) {
      api->take_turn(now);
      api->pump();
      ++turns;
    }
    std::vector<Json> out;
    for (const auto& message : outlet.take("reply")) out.push_back(Json::parse(message.payload));
    return out;
  }
  Json one(const std::string& body) {
    const std::vector<Json> all = query(body);
    REQUIRE(all.size() == 1);
    INFO(all[0].dump());
    CHECK(all[0]["type"] == "io.frond.api.v1.query_response");
    CHECK(all[0].contains("done"));
    return all[0];
  }
  /// The sequences of the rows.
  std::vector<int> rows(const std::string& body) {
    std::vector<int> out;
    for (const Json& answer : query(body)) {
      INFO(answer.dump());
      REQUIRE(answer.contains("rows"));
      for (const Json& row : answer["rows"]) out.push_back(row["seq"].get<int>());
    }
    return out;
  }
  int turns = 0;
};

using Seqs = std::vector<int>;

struct Shop : QueryDesk {
  Shop() {
    publish("s.eu.tea", R"({"price":3,"tags":["hot"]})");            // 1
    publish("s.eu.milk", R"({"price":2,"tags":["cold","white"]})");  // 2
    publish("s.us.tea", R"({"price":5,"tags":["hot"]})");            // 3
    publish("s.eu.tea", R"({"price":4,"tags":["hot"]})");            // 4
    publish("s.us.ice", R"({"price":null})");                        // 5
    publish("s.us.text", "not JSON");                                // 6
    publish("s.eu.bread", R"({"price":2,"name":"<b>"})");            // 7
  }
};

}  // namespace

TEST_CASE("a query answers from the last message of each subject, or from all") {
  Shop d;
  CHECK(d.rows("") == Seqs{2, 3, 4, 5, 7});
  CHECK(d.rows(R"({"selector":{}})") == Seqs{2, 3, 4, 5, 7});
  CHECK(d.rows(R"({"log":true})") == Seqs{1, 2, 3, 4, 5, 7});
  CHECK(d.rows(R"({"selector":{"price":{"$lt":4,"$gt":null}},"log":true})") == Seqs{1, 2, 7});
  CHECK(d.rows(R"({"subject":"s.*.tea"})") == Seqs{3, 4});
  CHECK(d.rows(R"({"selector":{"$tokens.1":"us"}})") == Seqs{3, 5});
  CHECK(d.rows(R"({"up_to_seq":3})") == Seqs{1, 2, 3});
  CHECK(d.rows(R"({"up_to_seq":3,"log":true,"subject":"s.eu.>"})") == Seqs{1, 2});
  const Json all = d.one("");
  CHECK(all["rows"][2].dump() == R"({"seq":4,"subject":"s.eu.tea","time":)" +
                                     all["rows"][2]["time"].dump() +
                                     R"(,"doc":{"price":4,"tags":["hot"]}})");
  CHECK(all["scanned"] == 6);
  CHECK(all["no_json"] == 1);
  CHECK(all["last_seq"] == 7);
}

TEST_CASE("rows are sorted, skipped, limited, paged and cut") {
  Shop d;
  CHECK(d.rows(R"({"sort":["price"]})") == Seqs{5, 2, 7, 4, 3});
  CHECK(d.rows(R"({"sort":[{"price":"desc"}]})") == Seqs{3, 4, 2, 7, 5});
  CHECK(d.rows(R"({"sort":["price",{"$subject":"asc"}]})") == Seqs{5, 7, 2, 4, 3});
  CHECK(d.rows(R"({"sort":[{"price":"desc"},{"$seq":"desc"}],"limit":3,"skip":1})") ==
        Seqs{4, 7, 2});
  CHECK(d.rows(R"({"limit":2,"skip":1})") == Seqs{3, 4});
  for (const std::string sort : {R"("sort":["price"],)", R"("sort":[{"$key":"desc"}],)", ""}) {
    const Seqs whole = d.rows("{" + sort + R"("limit":100})");
    Seqs paged;
    std::string bookmark;
    do {
      const Json page = d.one("{" + sort + R"("limit":2,"bookmark":")" + bookmark + "\"}");
      for (const Json& row : page["rows"]) paged.push_back(row["seq"].get<int>());
      bookmark = page.value("bookmark", "");
    } while (!bookmark.empty());
    CHECK(paged == whole);
  }
  const Json cut =
      d.one(R"({"subject":"s.eu.milk","fields":["tags.1","price","$seq","$tokens.2","no"]})");
  CHECK(cut["rows"][0]["doc"].dump() ==
        R"({"tags":{"1":"white"},"price":2,"$seq":2,"$tokens.2":"milk"})");
  const Json nested = d.one(R"({"log":true,"limit":1,"fields":["a.b","price"]})");
  CHECK(nested["rows"][0]["doc"].dump() == R"({"price":3})");
}

TEST_CASE("documents are counted and summed up by group") {
  Shop d;
  CHECK(d.one(R"({"count":true,"selector":{"price":{"$gt":2}}})")["count"] == 2);
  CHECK(d.one(R"({"count":true})")["rows"].empty());
  const Json groups = d.one(
      R"({"group":{"by":["$tokens.1"],"sum":["price"],"avg":["price"],"min":["price","name"],"max":["price"]}})");
  CHECK(groups["rows"].dump() ==
        R"([{"key":["eu"],"count":3,"sum":{"price":8.0},"avg":{"price":2.6666666666666665},)"
        R"("min":{"price":2,"name":"<b>"},"max":{"price":4}},)"
        R"({"key":["us"],"count":2,"sum":{"price":5.0},"avg":{"price":5.0},)"
        R"("min":{"price":null,"name":null},"max":{"price":5}}])");
  CHECK(d.one(R"({"group":{"by":["nope"]},"log":true})")["rows"].dump() ==
        R"([{"key":[null],"count":6}])");
  CHECK(d.one(R"({"group":{"by":["price"]},"skip":1,"limit":1})")["rows"].dump() ==
        R"([{"key":[2],"count":2}])");
}

TEST_CASE("deleted keys of a bucket are no documents") {
  QueryDesk d(R"({"name":"S","subjects":["$KV.b.>"],"max_msgs_per_subject":1})");
  d.publish("$KV.b.x", R"({"a":1})");
  d.publish("$KV.b.y", R"({"a":2})");
  d.publish("$KV.b.x", "", "NATS/1.0\r\nKV-Operation: DEL\r\n\r\n");
  const Json answer = d.one(R"({"fields":["$key"]})");
  REQUIRE(answer["rows"].size() == 1);
  CHECK(answer["rows"][0]["doc"]["$key"] == "y");
  CHECK(answer["no_json"] == 0);
}

TEST_CASE("a query as of a time sees what was stored by then") {
  QueryDesk d;
  d.publish("s.a", "1");
  d.now += std::chrono::seconds(10);
  d.publish("s.a", "2");
  const Json both = d.one(R"({"log":true})")["rows"];
  const auto at = [&](const Json& time) { return d.rows(R"({"up_to_time":)" + time.dump() + "}"); };
  CHECK(at(both[0]["time"]) == Seqs{1});
  CHECK(at(both[1]["time"]) == Seqs{2});
  CHECK(at("2001-01-01T00:00:00Z").empty());
}

TEST_CASE("a subject that gets a message while it is queried is seen once") {
  QueryDesk d(R"({"name":"S","subjects":["s.>"],"storage":"memory","max_msgs_per_subject":1})");
  stream::Stream* stream = d.streams->find("S");
  const auto put = [&](int key, int value) {
    stream->ingest({"s." + std::to_string(key), {}, {}, std::to_string(value)}, d.now);
  };
  constexpr int keys = 20'000;
  for (const std::string body : {"{}", R"({"sort":["$value"]})"}) {
    for (int key = 0; key < keys; ++key) put(key, 1);
    d.send("$FROND.QUERY.S", body);
    int turns = 0;
    std::vector<int> seen(keys);
    for (; d.api->next_deadline() != kNever; ++turns) {
      for (int i = 0; i < 2'000; ++i) put(turns % 2 == 0 ? keys - 1 - i : i, 2);
      stream->erase(stream->last_for("s.100")->sequence, d.now);
      put(100, 3);
      d.api->take_turn(d.now);
      d.api->pump();
    }
    for (const auto& message : d.outlet.take("reply")) {
      const Json answer = Json::parse(message.payload);
      for (const Json& row : answer["rows"]) {
        ++seen[std::stoul(row["subject"].get<std::string>().substr(2))];
      }
    }
    CHECK(turns > 0);
    CHECK(std::ranges::count(seen, 1) == keys);
  }
}

TEST_CASE("what is queried is durable") {
  QueryDesk d;
  d.streams->find("S")->ingest({"s.a", {}, {}, "1"}, d.now);
  d.send("$FROND.QUERY.S", "");
  CHECK(d.outlet.take("reply").empty());
  CHECK(d.rows("") == Seqs{1, 1});
}

TEST_CASE("wrong queries are refused with a code") {
  Shop d;
  const auto error = [&](const std::string& body) {
    const Json e = d.query(body)[0]["error"];
    return std::to_string(e["err_code"].get<int>()) + " " + e["description"].get<std::string>();
  };
  CHECK(error("{") == "10025 invalid JSON: unexpected EOF");
  CHECK(error(R"({"selectr":{}})") == "10025 invalid JSON: json: unknown field \"selectr\"");
  CHECK(error(R"({"selector":{"a":{"$foo":1}}})") ==
        "20002 invalid query: unknown operator \"$foo\"");
  CHECK(error(R"({"sort":[{"a":"up"}]})").starts_with("20002 invalid query: sort takes"));
  CHECK(error(R"({"fields":["$nope"]})") == "20002 invalid query: unknown field \"$nope\"");
  CHECK(error(R"({"subject":"a..b"})") == "20002 invalid query: invalid subject \"a..b\"");
  CHECK(error(R"({"count":true,"sort":["a"]})").starts_with("20002 "));
  CHECK(error(R"({"bookmark":"!"})").starts_with("20002 "));
  CHECK(d.query("", "NONE")[0]["error"]["err_code"] == 10059);
}

TEST_CASE("a large answer comes in batches, in turns, and stops when nobody wants it") {
  QueryDesk d(R"({"name":"S","subjects":["s.>"],"storage":"memory"})");
  const std::string payload = R"({"text":")" + std::string(200, 'x') + "\"}";
  stream::Stream* stream = d.streams->find("S");
  for (int i = 0; i < 20'000; ++i) {
    stream->ingest({"s." + std::to_string(i), {}, {}, payload}, d.now);
  }
  const std::vector<Json> answers = d.query("");
  CHECK(answers.size() > 50);
  std::size_t rows = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    rows += answers[i]["rows"].size();
    CHECK(answers[i].contains("done") == (i + 1 == answers.size()));
  }
  CHECK(rows == 20'000);
  CHECK(d.turns >= 2);
  CHECK(d.rows(R"({"sort":["text"],"limit":3})").size() == 3);
  CHECK(d.one(R"({"count":true})")["count"] == 20'000);
}

namespace {

/// Random documents, some of them deleted or replaced, in a stream with these indexes.
struct Indexed : QueryDesk {
  explicit Indexed(const std::string& per_subject)
      : QueryDesk(R"({"name":"S","subjects":["s.>"],"storage":"memory","max_msgs_per_subject":)" +
                  per_subject + R"(,"metadata":{"frond.index":"a b,c tags a,tags,c $tokens.1"}})") {
    stream = streams->find("S");
    api->indexes().attach(*stream);
  }
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(entropy.below(bound)); }
  std::string value() {
    static const std::vector<std::string> values{"null", "1", "2", "2.5", "\"x\"", "\"y\"", "[1]"};
    return values[below(values.size())];
  }
  void change() {
    const std::string subject = "s." + std::to_string(below(40));
    if (below(10) == 0) {
      if (const stream::Lookup last = stream->last_for(subject)) stream->erase(last->sequence, now);
      return;
    }
    std::string document = "{";
    for (const char* name : {"a", "b", "c"}) {
      if (below(4) > 0) document += "\"" + std::string(name) + "\":" + value() + ",";
    }
    document += R"("tags":["t)" + std::to_string(below(4)) + "\"," + value() + "]}";
    stream->ingest({subject, {}, {}, below(20) == 0 ? "no JSON" : document}, now);
  }
  stream::Stream* stream = nullptr;
};

}  // namespace

TEST_CASE("a query with an index finds what it finds without one") {
  const std::vector<std::string> selectors{
      R"({"a":1})",
      R"({"a":{"$gt":1,"$lt":"y"}})",
      R"({"a":{"$in":["x",2.5]}})",
      R"({"a":{"$lte":2},"b":"x"})",
      R"({"b":2,"c":{"$gte":1}})",
      R"({"b":2,"c":{"$in":[1,"x"]}})",
      R"({"tags":{"$all":["t1"]}})",
      R"({"tags":{"$in":["t2",1]},"a":null})",
      R"({"a":[1]})",
      R"({"a":1,"tags":{"$all":["t3",2]},"c":1})",
      R"({"$tokens.1":"7"})",
      R"({"a":{"$in":[]}})",
      R"({"b":{"$beginsWith":"x"},"$and":[{"c":1},{"a":{"$ne":1}}]})"};
  std::size_t used = 0;
  for (const std::string per_subject : {"1", "3", "-1"}) {
    Indexed d(per_subject);
    for (int round = 0; round < 40; ++round) {
      for (int i = 0; i < 60; ++i) d.change();
      const std::string& selector = selectors[d.below(selectors.size())];
      const std::string log = d.below(2) == 0 ? R"(,"log":true)" : "";
      // What always holds, but bounds nothing.
      const std::string plain = R"({"$or":[)" + selector + "]}";
      INFO(selector << log << " with " << per_subject);
      const Json with = d.query(R"({"selector":)" + selector + log + "}")[0];
      const Json without = d.query(R"({"selector":)" + plain + log + "}")[0];
      CHECK(with["rows"].dump() == without["rows"].dump());
      CHECK_FALSE(without.contains("index"));
      used += with.contains("index") ? 1 : 0;
    }
  }
  CHECK(used > 20);
}

TEST_CASE("indexes are declared with the stream, told of, and checked") {
  Indexed d("-1");
  for (int i = 0; i < 3000; ++i) d.change();
  const Json info = d.ask("$FROND.INDEX.INFO.S");
  CHECK(info["type"] == "io.frond.api.v1.index_info_response");
  CHECK(info["indexes"].size() == 5);
  CHECK(info["indexes"][1]["name"] == "b,c");
  CHECK(info["full"] == false);
  const Json told = d.one(R"({"selector":{"b":2,"c":1},"explain":true})");
  CHECK(told["index"] == "b,c");
  CHECK(told["scanned"].get<int>() < 500);
  CHECK(told["rows"].empty());
  CHECK(d.ask("$FROND.INDEX.INFO.S")["covered_seq"] == told["last_seq"]);
  CHECK(d.error("STREAM.CREATE.X", R"({"name":"X","metadata":{"frond.index":" "}})") ==
        "500/10052 metadata frond.index declares no index");
  CHECK(d.error("STREAM.CREATE.X", R"({"name":"X","metadata":{"frond.index":"a,,b"}})") ==
        "500/10052 metadata frond.index names what can not be indexed: \"a,,b\"");
  CHECK(d.error("STREAM.CREATE.X", R"({"name":"X","metadata":{"frond.index":"$nope"}})") ==
        "500/10052 metadata frond.index names what can not be indexed: \"$nope\"");
}
