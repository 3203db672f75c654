// What a config says about sync is checked before it is kept, and again when it comes from a file.
#include "stream/sync_check.h"

#include "rig.h"
#include "support/older_files.h"

#include <nlohmann/json.hpp>

using namespace frond;
using frond::test::Rig;
using nlohmann::ordered_json;

namespace {

constexpr std::string_view meta_start = R"({"config":)";

std::string tokens(std::size_t count) {
  std::string text = "a";
  for (; count > 1; --count) text += ".a";
  return text;
}

std::string refusal(const ordered_json& config) {
  Rig rig;
  const stream::StreamOutcome outcome = rig.create(config.dump());
  return outcome.error ? std::to_string(outcome.error.err_code) + " " + outcome.error.description
                       : std::string();
}

std::string mirror(const ordered_json& origin) {
  return refusal({{"name", "M"}, {"mirror", origin}});
}

std::string metadata(const ordered_json& fields) {
  return refusal({{"name", "F"}, {"subjects", {"f.>"}}, {"metadata", fields}});
}

ordered_json external(const std::string& api, const std::string& deliver = {}) {
  return {{"name", "O"}, {"external", {{"api", api}, {"deliver", deliver}}}};
}

}  // namespace

TEST_CASE("a mirror's origin is checked before it is kept, wherever it is") {
  CHECK(mirror({{"name", "O"}}).empty());
  CHECK(mirror(external("$JS.hub.API")).empty());
  CHECK(mirror(external("$JS.hub.API", "$JS.in")).empty());
  const std::string no_name = "10142 mirrored stream name is invalid";
  for (const std::string& name :
       {std::string(), std::string("a b"), std::string("a\r\nPING"), std::string("a.b"),
        std::string("a>"), std::string("*"), std::string("a/b"), std::string("a\0b", 3),
        std::string(256, 'n')}) {
    CHECK(mirror({{"name", name}}) == no_name);
    CHECK(mirror({{"name", name}, {"external", {{"api", "$JS.hub.API"}}}}) == no_name);
    CHECK(mirror({{"name", name}, {"external", {{"deliver", "d"}}}}) == no_name);
  }
}

TEST_CASE("sources are checked as nats-server does, and over the streams of this node for cycles") {
  const auto sources = [](const std::string& list, const std::string& more = {}) {
    return refusal(ordered_json::parse(R"({"name":"S","sources":[)" + list + "]" + more + "}"));
  };
  CHECK(sources(R"({"name":"A"},{"name":"A","filter_subject":"a"})").empty());
  CHECK(sources(R"({"name":"a b"})") == "10141 sourced stream name is invalid");
  CHECK(sources(R"({"name":"A"},{"name":"A"})") == "10140 duplicate source configuration detected");
  const auto transformed = [&sources](const std::string& list, const std::string& filter = {}) {
    return sources(R"({"name":"A","filter_subject":")" + filter + R"(","subject_transforms":[)" +
                   list + "]}");
  };
  CHECK(transformed(R"({"src":"a.*","dest":"b.$1"})").empty());
  CHECK(transformed(R"({"src":"a.*","dest":"b.$1"})", "a.b").starts_with("10144 "));
  CHECK(transformed(R"({"src":"a","dest":"$1"})") ==
        "10146 source transform: invalid mapping destination: wildcard index out of range in $1");
  CHECK(transformed(R"({"src":"a.*","dest":"b"},{"src":"a.>","dest":"c.>"})") ==
        "10147 source filters can not overlap");
  CHECK(sources(R"({"name":"S"})") == "10052 detected cycle");
  CHECK(sources(R"({"name":"A","external":{"api":"$JS.API"}})").starts_with("10021 "));
  CHECK(sources(R"({"name":"A"})", R"(,"metadata":{"frond.forward":"hub"})") ==
        "10052 a stream with sources can not be forwarded");

  Rig rig;
  CHECK(rig.create(R"({"name":"A","subjects":["a"],"sources":[{"name":"B"}]})").created);
  CHECK(rig.create(R"({"name":"B","sources":[{"name":"C","filter_subject":"c"}]})").created);
  CHECK(rig.create(R"({"name":"C","subjects":["x"],"sources":[{"name":"A","filter_subject":"y"}]})")
            .created);
  CHECK(rig.create(R"({"name":"D","subjects":["d"],"sources":[{"name":"E"}]})").created);
  CHECK(rig.create(R"({"name":"E","subjects":["e"],"sources":[{"name":"D"}]})").error.err_code ==
        10052);
}

TEST_CASE("the subjects of an origin are ones that a link can carry") {
  for (const char* bad : {"a b", "a\r\nPING\r\n", "a\n", "a..b", ".a", "a.", "a.*", ">", "a\tb"}) {
    INFO(bad);
    const std::string text = ordered_json(bad).dump();
    CHECK(mirror(external(bad)) == "10052 stream external api prefix " + text +
                                       " must be a valid subject without wildcards");
    CHECK(mirror(external("$JS.hub.API", bad)) == "10024 stream external delivery prefix " +
                                                      std::string(bad) +
                                                      " must not contain wildcards");
  }
  CHECK(mirror(external("$JS.API")) ==
        "10021 stream external api prefix $JS.API must not overlap with $JS.API");
  // A mirror's questions must not be acknowledgements of somebody's messages.
  CHECK(mirror(external("$JS.ACK.S.c.1.1.1.1.0")).starts_with("10021 "));
  CHECK(mirror(external("$JS.FC.S.c")).starts_with("10021 "));
  CHECK(mirror(external("$JS.API.CONSUMER")).starts_with("10021 "));
  CHECK(mirror(external("$FROND")).starts_with("10021 "));
  CHECK(mirror(external("$JS.ACKS.API")).empty());
  for (const char* bad : {"a b", "a\r\nPING", "a..b", "a.>.b"}) {
    INFO(bad);
    ordered_json origin = external("$JS.hub.API");
    origin["filter_subject"] = bad;
    CHECK(mirror(origin) == "10151 mirror transform source: malformed subject " + std::string(bad));
    origin.erase("external");
    CHECK(mirror(origin) == "10151 mirror transform source: malformed subject " + std::string(bad));
  }
}

TEST_CASE("a deliver prefix leaves room for what follows it") {
  CHECK(mirror(external("$JS.hub.API", tokens(254))).empty());
  CHECK(mirror(external("$JS.hub.API", tokens(255))).starts_with("10024 "));
  CHECK(mirror(external("$JS.hub.API", tokens(256))).starts_with("10024 "));
  CHECK(mirror(external(std::string(20'000, 'a'))).starts_with("10052 "));
  CHECK(mirror(external("api", std::string(20'000, 'a'))).starts_with("10052 "));
}

TEST_CASE("a forwarder's metadata is checked before it is kept") {
  CHECK(metadata({{"frond.forward", ""}}).empty());
  CHECK(metadata({{"frond.forward", "hub"}, {"frond.forward.window", "8"}}).empty());
  CHECK(metadata({{"frond", "x"}, {"frondx.y", "z"}, {"other", "a\r\nb"}}).empty());
  for (const char* bad : {"a.b", "a b", "hub\r\nPING", ">", "*", "a\tb", " "}) {
    INFO(bad);
    CHECK(metadata({{"frond.forward", bad}}) ==
          "10052 metadata frond.forward must be the name of a JetStream domain or empty");
  }
  for (const char* bad : {"", "0", "-1", "1 ", "x", "1e3", "01", "99999999999999999999"}) {
    INFO(bad);
    CHECK(metadata({{"frond.forward", "hub"}, {"frond.forward.window", bad}}) ==
          "10052 metadata frond.forward.window must be a positive number");
  }
  CHECK(metadata({{"frond.forward.window", "8"}}) ==
        "10052 metadata frond.forward.window needs frond.forward");
  CHECK(metadata({{"frond.else", "hub"}}) ==
        "10052 metadata \"frond.else\" not supported by this node");
  CHECK(refusal(
            {{"name", "M"}, {"mirror", {{"name", "O"}}}, {"metadata", {{"frond.forward", ""}}}}) ==
        "10052 a mirror can not be forwarded");
}

TEST_CASE("what a working copy says of itself is checked, and what it cannot be beside") {
  CHECK(metadata({{"frond.sync", ""}, {"frond.sync.preview", "yes"}}).empty());
  CHECK(metadata({{"frond.sync", "hub"}}) ==
        "10052 metadata frond.sync is a preview that may store a write twice: frond.sync.preview "
        "must say yes");
  CHECK(metadata({{"frond.sync", "hub"}, {"frond.sync.preview", "no"}}) ==
        "10052 metadata frond.sync.preview must be yes");
  for (const char* policy : {"hub-order", "hub-wins", "local-wins", "ask"}) {
    CHECK(metadata({{"frond.sync", "hub"},
                    {"frond.sync.stream", "OTHER"},
                    {"frond.sync.preview", "yes"},
                    {"frond.sync.conflict", policy}})
              .empty());
  }
  CHECK(metadata({{"frond.sync", "a.b"}}) ==
        "10052 metadata frond.sync must be the name of a JetStream domain or empty");
  CHECK(metadata({{"frond.sync", "hub"}, {"frond.sync.stream", "a b"}}) ==
        "10052 metadata frond.sync.stream must be a stream's name");
  CHECK(metadata({{"frond.sync", "hub"}, {"frond.sync.conflict", "mine"}}) ==
        "10052 metadata frond.sync.conflict must be hub-order, hub-wins, local-wins or ask");
  CHECK(metadata({{"frond.sync", "hub"}, {"frond.forward", "hub"}}) ==
        "10052 a stream can not be forwarded and synced both ways");
  const ordered_json sync = {{"frond.sync", "hub"}};
  CHECK(refusal({{"name", "M"}, {"mirror", {{"name", "O"}}}, {"metadata", sync}}) ==
        "10052 a mirror or a stream with sources can not be synced both ways");
  CHECK(refusal({{"name", "F"},
                 {"subjects", {"f.>"}},
                 {"discard", "new"},
                 {"discard_new_per_subject", true},
                 {"max_msgs_per_subject", 1},
                 {"metadata", sync}}) ==
        "10052 a stream that is synced both ways can not have discard new per subject");
}

TEST_CASE("an update is checked as a create is") {
  Rig rig;
  rig.make(R"({"name":"F","subjects":["f"]})");
  stream::ParsedStreamConfig parsed = stream::parse_stream_config(
      std::string_view(R"({"name":"F","subjects":["f"],"metadata":{"frond.forward":"a\r\nb"}})"));
  CHECK(rig.streams->update(std::string(parsed.config.name), std::move(parsed.config), rig.now)
            .error.err_code == 10052);
  CHECK(rig.streams->find("F")->config().metadata.count("frond.forward") == 0);
}

TEST_CASE("a config that an older build kept is served, and what it may not do is said") {
  Rig rig;
  rig.make(R"({"name":"M","mirror":{"name":"O","external":{"api":"$JS.hub.API","deliver":"DD"}}})");
  rig.make(R"({"name":"F","subjects":["f"],"metadata":{"frond.forward":"WW"}})");
  rig.make(R"({"name":"S","subjects":["good.subject"]})");
  rig.commit();
  const auto edit = [&](const std::string& path, const std::string& from, const std::string& to) {
    test::rewrite_plainly(rig.files.files, path, meta_start, from, to);
  };
  edit("streams/M/meta.json", "DD", tokens(255));
  edit("streams/F/meta.json", "WW", "a\\r\\nPING");
  edit("streams/S/meta.json", "good.subject", "bad..subject");
  const std::vector<stream::Quarantined> told = rig.open();
  std::vector<std::string> reasons;
  for (const stream::Quarantined& one : told) reasons.push_back(one.path + " " + one.reason);
  std::sort(reasons.begin(), reasons.end());
  REQUIRE(reasons.size() == 3);
  CHECK(reasons[0].starts_with("streams/F/meta.json sync is held back: metadata frond.forward"));
  CHECK(reasons[1].starts_with("streams/M/meta.json sync is held back: stream external delivery"));
  CHECK(reasons[2] == "streams/S/meta.json invalid subject");
  CHECK(rig.streams->find("M") != nullptr);
  CHECK(rig.streams->find("F") != nullptr);
  CHECK(rig.streams->find("S") == nullptr);
}

TEST_CASE("a placement is read as nats-server reads it, and forgiven in a file") {
  CHECK(refusal({{"name", "P"}, {"placement", {{"cluster", "c"}, {"tags", {"a", "b"}}}}}).empty());
  CHECK(refusal({{"name", "P"}, {"placement", ordered_json::object()}}).empty());
  CHECK(refusal({{"name", "P"}, {"placement", {{"preferred", "s"}}}}) ==
        "10052 preferred server not permitted in placement");
  std::string deep = "1";
  for (int i = 0; i < 61; ++i) deep = "{\"a\":" + deep + "}";
  const std::string nested = "{\"name\":\"P\",\"placement\":" + deep + "}";
  const stream::ParsedStreamConfig parsed = stream::parse_stream_config(std::string_view(nested));
  CHECK(parsed.error.description == "invalid JSON: json: unknown field \"a\"");

  Rig rig;
  rig.make(R"({"name":"P","subjects":["p"],"placement":{"cluster":"here"}})");
  rig.commit();
  test::rewrite_plainly(rig.files.files, "streams/P/meta.json", meta_start, R"({"cluster":"here"})",
                        deep);
  CHECK(rig.open().empty());
  REQUIRE(rig.streams->find("P") != nullptr);
  CHECK_FALSE(rig.streams->find("P")->config().placement);
}
