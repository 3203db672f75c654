// Many groups, many links: what one peer subscribes or names costs in proportion to its number.
#include "router_rig.h"
#include "support/growth.h"

#include <memory>

namespace frond::route {
namespace {

struct Crowd : Fixture {
  Recorder client;
  Recorder leaf{SinkKind::leaf};
  std::vector<std::string> names;
};

std::shared_ptr<Crowd> crowd(std::size_t groups) {
  auto crowd = std::make_shared<Crowd>();
  for (std::size_t i = 0; i < groups; ++i) crowd->names.push_back("q" + std::to_string(i));
  return crowd;
}

}  // namespace

TEST_CASE("thousands of queue groups on one subject come, match and go") {
  CHECK(test::growth(
            [](std::size_t size) {
              return [c = crowd(size)] {
                for (const std::string& name : c->names) c->router.subscribe(c->client, "a", name);
                for (const std::string& name : c->names) c->router.subscribe(c->leaf, "*", name);
                CHECK(c->publish("a") == c->names.size());
                c->router.remove_sink(c->client);
                CHECK(c->publish("a") == 1);
                c->router.remove_sink(c->leaf);
              };
            },
            1000) < test::growth_max);
}

TEST_CASE("a leaf may name thousands of groups in one line") {
  CHECK(test::growth(
            [](std::size_t size) {
              auto c = crowd(size);
              for (const std::string& name : c->names) c->router.subscribe(c->client, "a", name);
              return [c] {
                const std::vector<std::string_view> queues(c->names.begin(), c->names.end());
                CHECK(c->publish("a", "x", &c->leaf, true, queues) == c->names.size());
              };
            },
            1000) < test::growth_max);
}

TEST_CASE("thousands of links want one subject") {
  CHECK(test::growth(
            [](std::size_t size) {
              struct Links : Fixture {
                std::vector<std::unique_ptr<Recorder>> sinks;
              };
              auto links = std::make_shared<Links>();
              for (std::size_t i = 0; i < size; ++i) {
                links->sinks.push_back(std::make_unique<Recorder>(SinkKind::leaf));
                links->router.subscribe(*links->sinks.back(), "a");
                links->router.subscribe(*links->sinks.back(), "a", "q" + std::to_string(i));
              }
              return [links] { CHECK(links->publish("a") == links->sinks.size()); };
            },
            500) < test::growth_max);
}

}  // namespace frond::route
