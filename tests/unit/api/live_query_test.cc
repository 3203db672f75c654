#include "desk.h"

#include <map>

using namespace frond;
using namespace frond::desk;

namespace {

/// An asker that keeps what it is told, as an app does, and compares it with a query made anew.
struct LiveDesk : Desk {
  LiveDesk(const std::string& storage, std::string the_query) : query(std::move(the_query)) {
    ask("STREAM.CREATE.S",
        R"({"name":"S","subjects":["s.>"],"max_msgs_per_subject":2,"storage":")" + storage + "\"}");
    stream = streams->find("S");
    send("$FROND.QUERY.S", R"({"live":true,)" + query + "}", "", "live");
    listen();
  }

  void listen() {
    commit();
    while (api->next_deadline() != kNever) {
      api->take_turn(now);
      api->pump();
    }
    for (const auto& message : outlet.take("live")) {
      const Json told = Json::parse(message.payload);
      INFO(told.dump());
      REQUIRE(told.contains("changes"));
      if (told.contains("reset")) {
        rows.clear();
        ++resets;
      }
      for (const Json& change : told["changes"]) take(change);
      ready = told.contains("ready");
    }
  }
  void take(const Json& change) {
    ++changes;
    const std::string op = change["op"];
    const std::string subject = change["subject"];
    REQUIRE(rows.contains(subject) == (op != "added"));
    if (op == "removed") {
      CHECK(rows[subject]["seq"] == change["seq"]);
      rows.erase(subject);
    } else {
      rows[subject] = Json{{"seq", change["seq"]}, {"doc", change["doc"]}};
    }
  }
  /// The rows are those that a query finds now.
  void check() {
    std::map<std::string, Json> found;
    send("$FROND.QUERY.S", "{" + query + "}");
    while (api->next_deadline() != kNever) api->pump();
    for (const auto& message : outlet.take("reply")) {
      const Json answer = Json::parse(message.payload);
      for (const Json& row : answer["rows"]) {
        found[row["subject"]] = Json{{"seq", row["seq"]}, {"doc", row["doc"]}};
      }
    }
    CHECK(rows == found);
    CHECK(ready);
  }
  void put(std::size_t key, std::size_t value) {
    const std::string payload =
        value % 7 == 0 ? "no JSON" : R"({"a":)" + std::to_string(value % 5) + "}";
    const std::string header =
        value % 11 == 0 ? "NATS/1.0\r\nKV-Operation: DEL\r\n\r\n" : std::string();
    stream->ingest({"s." + std::to_string(key), {}, header, payload}, now);
  }

  const std::string query;
  stream::Stream* stream = nullptr;
  std::map<std::string, Json> rows;
  int resets = 0;
  int changes = 0;
  bool ready = false;
};

}  // namespace

TEST_CASE("a live query tells what a query made anew would find, after each write") {
  for (const std::string storage : {"memory", "file"}) {
    for (const std::string query :
         {R"("selector":{"a":{"$gt":1}})", R"("subject":"s.1.>")", R"("fields":["a"])"}) {
      LiveDesk d(storage, query);
      d.check();
      for (int round = 0; round < 150; ++round) {
        INFO(storage << " " << query << " round " << round);
        for (std::size_t i = d.entropy.below(6); i > 0; --i) {
          const std::size_t key = d.entropy.below(12);
          switch (d.entropy.below(8)) {
            case 0:
              if (const stream::Lookup last = d.stream->last_for("s." + std::to_string(key))) {
                d.stream->erase(last->sequence, d.now);
              }
              break;
            case 1:
              if (d.entropy.below(8) == 0) d.stream->purge({}, d.now);
              break;
            case 2:
              if (storage == "file" && d.entropy.below(8) == 0) d.lose_commit();
              break;
            default:
              d.put(key, d.entropy.below(1000));
          }
        }
        d.listen();
        d.check();
      }
      CHECK((d.resets == 1 || storage == "file"));
    }
  }
}

TEST_CASE("one change of ten thousand live rows is the work of one") {
  LiveDesk d("memory", R"("selector":{"a":{"$gte":0}})");
  for (std::size_t key = 0; key < 10'000; ++key) d.put(key, 1);
  d.listen();
  CHECK(d.rows.size() == 10'000);
  d.changes = 0;
  d.put(77, 2);
  d.listen();
  CHECK(d.changes == 1);
  CHECK(d.resets == 1);
  d.check();
}

TEST_CASE("a reader that is away is told the difference and not each step") {
  LiveDesk d("memory", R"("selector":{"a":{"$gte":0}})");
  for (std::size_t i = 0; i < 10'000; ++i) d.put(i % 10, 7 * i + 1);
  d.changes = 0;
  d.listen();
  CHECK(d.changes <= 10);
  d.check();
}

TEST_CASE("a live query takes what can be kept up row by row") {
  Desk d;
  d.ask("STREAM.CREATE.S", R"({"name":"S"})");
  for (const char* with : {R"("sort":["a"])", R"("limit":1)", R"("count":true)", R"("log":true)",
                           R"("group":{})", R"("up_to_seq":1)", R"("skip":1)"}) {
    CHECK(d.error("$FROND.QUERY.S", R"({"live":true,)" + std::string(with) + "}")
              .starts_with("400/20002 invalid query: a live query"));
  }
}
