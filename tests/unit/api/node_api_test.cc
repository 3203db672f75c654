#include "desk.h"

using namespace frond;
using namespace frond::desk;

TEST_CASE("Frond's own requests are answered with a schema or a code") {
  Desk d;
  CHECK(d.ask("$FROND.STATUS").dump() ==
        R"({"type":"io.frond.api.v1.status_response","name":"edge"})");
  CHECK(d.error("$FROND.SYNC.INFO.NONE") == "404/10059 stream not found");
  d.ask("STREAM.CREATE.ALONE", R"({"name":"ALONE"})");
  CHECK(d.error("$FROND.SYNC.INFO.ALONE").starts_with("400/20001 stream is not synced: "));
  CHECK(d.api->stats().total == 1);
}

TEST_CASE("Frond's own requests are these subjects, and no others") {
  CHECK(api::own_requests() == std::vector<std::string>{"$FROND.STATUS", "$FROND.SYNC.INFO.*",
                                                        "$FROND.QUERY.*", "$FROND.INDEX.INFO.*"});
}

TEST_CASE("how a stream is synced is told when what it tells of is saved") {
  Desk d;
  d.ask("STREAM.CREATE.SYNCED", R"({"name":"SYNCED","subjects":["s"]})");
  d.streams->find("SYNCED")->ingest({"s", {}, {}, "x"}, d.now);
  d.send("$FROND.SYNC.INFO.SYNCED");
  CHECK(d.outlet.take("reply").empty());
  d.commit();
  const auto told = d.outlet.take("reply");
  REQUIRE(told.size() == 1);
  CHECK(told[0].payload == R"({"type":"io.frond.api.v1.sync_info_response","way":"mirror"})");
}
