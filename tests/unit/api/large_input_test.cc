// Requests as large as they may be: each is answered in time that grows with its length, whatever
// its list is a list of.
#include "desk.h"
#include "support/growth.h"

#include <cstdio>
#include <functional>

using frond::desk::Desk;
using frond::test::growth;
using frond::test::growth_max;

namespace {

/// `size` texts of the form before N behind, as a JSON list.
std::string list(std::size_t size, const std::string& before, const std::string& behind = {}) {
  std::string out = "[";
  for (std::size_t i = 0; i < size; ++i) {
    out += (i == 0 ? "\"" : ",\"") + before + std::to_string(i) + behind + "\"";
  }
  return out + "]";
}

/// `size` fields "kN": value.
std::string fields(std::size_t size, const std::string& value) {
  std::string out = "{";
  for (std::size_t i = 0; i < size; ++i) {
    out += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":" + value;
  }
  return out + "}";
}

std::string consumer(const std::string& rest) {
  return R"({"stream_name":"S","config":{"durable_name":"c","ack_policy":"explicit",)" + rest +
         "}}";
}

struct Asked {
  std::string name, verb;
  std::function<std::string(std::size_t)> body;
  std::string answered = "";  // What the answer has in it.
};

std::string stream(const std::string& rest) { return R"({"name":"T",)" + rest + "}"; }

const std::vector<Asked>& asked() {
  static const std::vector<Asked> all = {
      {"subjects of a stream", "STREAM.CREATE.T",
       [](std::size_t n) { return stream("\"subjects\":" + list(n, "t.")); }, "did_create"},
      {"subjects with wildcards", "STREAM.CREATE.T",
       [](std::size_t n) { return stream("\"subjects\":" + list(n, "t.", ".*.>")); }, "did_create"},
      {"subjects with the wildcard in front", "STREAM.CREATE.T",
       [](std::size_t n) { return stream("\"subjects\":" + list(n, "*.")); }, "overlap"},
      {"the same subject again and again", "STREAM.CREATE.T",
       [](std::size_t n) {
         std::string out = "\"t\"";
         for (; n > 0; --n) out += ",\"t\"";
         return stream("\"subjects\":[" + out + "]");
       },
       "overlaps"},
      {"metadata of a stream", "STREAM.CREATE.T",
       [](std::size_t n) {
         return stream("\"metadata\":" + fields(std::min<std::size_t>(n, 15000), "\"\""));
       },
       "did_create"},
      {"transforms of a mirror", "STREAM.CREATE.T",
       [](std::size_t n) {
         std::string out = R"({"src":"a","dest":"b"})";
         for (; n > 0; --n) out += R"(,{"src":"a","dest":"b"})";
         return stream(R"("mirror":{"name":"S","subject_transforms":[)" + out + "]}");
       },
       "not supported"},
      {"unknown fields", "STREAM.CREATE.T",
       [](std::size_t n) { return "{\"name\":\"T\",\"x\":" + fields(n, "0") + "}"; },
       "unknown field"},
      {"fields of the request", "STREAM.CREATE.T", [](std::size_t n) { return fields(n, "0"); },
       "unknown field"},
      {"one field again and again", "STREAM.CREATE.T",
       [](std::size_t n) {
         std::string out = R"({"name":"T")";
         for (; n > 0; --n) out += R"(,"name":"T")";
         return out + "}";
       },
       "did_create"},
      {"filters of a consumer", "CONSUMER.CREATE.S.c",
       [](std::size_t n) { return consumer("\"filter_subjects\":" + list(n, "a.x")); }, "created"},
      {"filters with wildcards", "CONSUMER.CREATE.S.c",
       [](std::size_t n) { return consumer("\"filter_subjects\":" + list(n, "a.*.x")); },
       "created"},
      {"metadata of a consumer", "CONSUMER.CREATE.S.c",
       [](std::size_t n) {
         return consumer("\"metadata\":" + fields(std::min<std::size_t>(n, 15000), "\"\""));
       },
       "created"},
      {"back-off of a consumer", "CONSUMER.CREATE.S.c",
       [](std::size_t n) {
         std::string out = "1000000000";
         for (std::size_t i = 1; i < n; ++i) out += ",1000000000";
         return consumer("\"max_deliver\":-1,\"backoff\":[" + out + "]");
       },
       "created"},
      {"last ones of many subjects", "DIRECT.GET.S",
       [](std::size_t n) { return "{\"multi_last\":" + list(n, "b.") + "}"; }},
      {"last ones of many patterns", "DIRECT.GET.S",
       [](std::size_t n) { return "{\"multi_last\":" + list(n, "*.none") + "}"; }},
      {"last ones of many patterns as of then", "DIRECT.GET.S",
       [](std::size_t n) { return "{\"up_to_seq\":5,\"multi_last\":" + list(n, "*.none") + "}"; }},
      {"names by a subject that is long", "STREAM.NAMES",
       [](std::size_t n) {
         std::string subject = "a";
         for (; n > 0; --n) subject += ".*";
         return "{\"subject\":\"" + subject + "\"}";
       },
       "streams"},
      {"purge by a filter that is long", "STREAM.PURGE.S",
       [](std::size_t n) {
         std::string subject = "a";
         for (; n > 0; --n) subject += ".*";
         return "{\"filter\":\"" + subject + "\"}";
       },
       "purged"},
      {"what a pull says", "CONSUMER.MSG.NEXT.S.d",
       [](std::size_t n) { return "{\"batch\":1,\"no_wait\":true,\"x\":" + fields(n, "0") + "}"; }},
      {"what a get says", "STREAM.MSG.GET.S",
       [](std::size_t n) { return "{\"seq\":1,\"multi_last\":" + list(n, "a.") + "}"; }, "message"},
  };
  return all;
}

std::unique_ptr<Desk> desk_with_stream() {
  auto d = std::make_unique<Desk>();
  d->ask("STREAM.CREATE.S", R"({"name":"S","subjects":["a.>","b.*"],"allow_direct":true})");
  d->ask("CONSUMER.DURABLE.CREATE.S.d",
         R"({"stream_name":"S","config":{"durable_name":"d","ack_policy":"explicit"}})");
  for (int i = 0; i < 200; ++i) d->publish("a." + std::to_string(i), "x");
  return d;
}

}  // namespace

TEST_CASE("ten times as long a request takes ten times as long") {
  for (const Asked& one : asked()) {
    INFO(one.name);
    CHECK(growth(
              [&](std::size_t size) {
                return
                    [&one, d = std::shared_ptr<Desk>(desk_with_stream()), body = one.body(size)] {
                      d->outlet.sent.clear();
                      d->send(one.verb, body);
                      d->commit();
                      REQUIRE_FALSE(d->outlet.sent.empty());
                      CHECK(d->outlet.sent.back().payload.find(one.answered) != std::string::npos);
                    };
              },
              2000) < growth_max);
  }
}

TEST_CASE("what is stored does not make other requests slower than by its size") {
  // An update and a new stream beside one with many subjects.
  CHECK(growth(
            [](std::size_t size) {
              auto d = std::shared_ptr<Desk>(desk_with_stream());
              const std::string many = stream("\"subjects\":" + list(size, "t."));
              d->send("STREAM.CREATE.T", many);
              d->commit();
              return [d, many, size] {
                d->outlet.sent.clear();
                d->send("STREAM.UPDATE.T", many);
                d->send("STREAM.CREATE.U", R"({"name":"U","subjects":)" + list(size, "u.") + "}");
                d->send("STREAM.CREATE.V", R"({"name":"V","subjects":["t.7"]})");
                d->send("STREAM.NAMES", R"({"subject":"t.7"})");
                d->commit();
                REQUIRE(d->outlet.take("reply").size() == 4);
              };
            },
            2000) < growth_max);
}

TEST_CASE("a consumer with many filters reads in time that grows with what it passes over") {
  CHECK(growth(
            [](std::size_t size) {
              auto d = std::make_shared<Desk>();
              d->ask("STREAM.CREATE.S", R"({"name":"S","subjects":["a.>"]})");
              frond::stream::Stream* s = d->streams->find("S");
              for (std::size_t i = 0; i < size; ++i) {
                s->ingest({"a." + std::to_string(i), {}, {}, "x"}, d->now);
              }
              d->commit();
              d->send("CONSUMER.CREATE.S.c",
                      consumer("\"max_ack_pending\":-1,\"filter_subjects\":" + list(size, "a.")));
              d->commit();
              return [d, size] {
                d->outlet.sent.clear();
                d->send("CONSUMER.MSG.NEXT.S.c", std::to_string(size));
                while (d->outlet.sent.size() < size) d->consumers->pump(d->now);
                CHECK(d->outlet.sent.size() == size);
              };
            },
            500) < growth_max);
}

// Not run by itself: prints how long each of them takes, for notes and for whoever changes them.
TEST_CASE("a table of times by size", "[.table]") {
  for (const Asked& one : asked()) {
    std::printf("%-45s", one.name.c_str());
    for (const std::size_t size : {1u, 100u, 10'000u, 100'000u}) {
      const double seconds = frond::test::seconds_for(
          [&](std::size_t n) {
            return [&one, d = std::shared_ptr<Desk>(desk_with_stream()), body = one.body(n)] {
              d->send(one.verb, body);
              d->commit();
            };
          },
          size);
      std::printf(" %9.3f ms", seconds * 1e3);
    }
    std::printf("\n");
  }
}
