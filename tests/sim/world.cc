#include "sim/world.h"

#include "base/assert.h"
#include "sim/guest.h"
#include "sim/misfortunes/deaf_api.h"

#include <array>
#include <string>
#include <utility>

namespace frond::sim {

namespace {
constexpr std::uint64_t crowd_every = 17;
constexpr std::uint64_t crowd = 5;

void replace_ids(std::string& bytes) {
  constexpr std::string_view id = "Nats-Msg-Id";
  for (std::size_t at = 0; (at = bytes.find(id, at)) != std::string::npos; at += id.size()) {
    bytes.replace(at, id.size(), "Nats-Msg-Xd");
  }
}
}  // namespace

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

World::World(std::uint64_t seed, Lie lie, bool print, std::string_view meets, bool desks)
    : seed_(seed),
      meets_(meets),
      lie_(lie),
      random_(seed),
      trace_(scheduler_, print),
      checkers_(trace_),
      fate_(seed ^ 0xFA7E),
      desks_(seed, desks) {}

Node::Surroundings World::around() { return {scheduler_, random_, trace_, checkers_, lie_}; }

Place& World::place_of(const Node& node) {
  for (const auto& place : places_) {
    if (place->node.get() == &node) return *place;
  }
  base::invariant_broken();
}

std::shared_ptr<Link> World::dial(Node& from) {
  Place& place = place_of(from);
  Node& hub = *places_.front()->node;
  if (!place.reachable || !hub.running()) return nullptr;
  if (healing_ && lie_ == Lie::no_way_back) return nullptr;
  Quality quality;
  quality.delay_min = milliseconds(2);
  quality.delay_max = milliseconds(random_.chance(20) ? 900 : 60);
  quality.split_percent = 25;
  auto link = std::make_shared<Link>(scheduler_, random_, trace_, from.name() + "-hub", quality);
  link->tamper(Side::left, [this, &place](std::string& bytes) {
    if (lie_ == Lie::forward_twice) replace_ids(bytes);
    lose_api(bytes, place.api_way, true);
  });
  link->tamper(Side::right,
               [&place](std::string& bytes) { lose_api(bytes, place.api_way, false); });
  hub.accept(link, ConnectionKind::leaf);
  place.hub_link = link;
  return link;
}

Place World::make_place(const std::string& name, bool device) {
  Place place;
  Config config;
  config.name = name;
  config.domain = name;
  if (device) {
    config.hub = HubConfig{};
    config.hub->url = "ws://hub/leafnode";
    config.hub->domain = "hub";
    config.hub->user = "leaf";
    config.hub->password = "secret";
  } else {
    User leaf;
    leaf.name = "leaf";
    leaf.password = "secret";
    config.leaf_users = {leaf};
  }
  User app;
  app.name = app.password = "app";
  User guest = Guest::rights();
  if (lie_ == Lie::guest_unbound) guest.publish = guest.subscribe = {};
  config.users = {app, guest};
  // A hub is a server on a directory; a device may also be a browser on IndexedDB.
  const bool appends = !device || random_.chance(40);
  place.node = std::make_unique<Node>(around(), std::move(config), appends,
                                      [this](Node& from) { return dial(from); });
  place.client = std::make_unique<Client>(around(), *place.node, name + "c1");
  place.second = std::make_unique<Client>(around(), *place.node, name + "c2");
  place.guest = std::make_unique<Client>(around(), *place.node, name + "guest", Client::As::guest);
  place.reader = std::make_unique<StreamReader>(around(), *place.client);
  return place;
}

void World::create(Place& place, Client& client, const std::string& subject, std::string json) {
  place.add(place.creators, client, subject, std::move(json));
}

void World::create_consumer(Place& place, Client& client, const std::string& api,
                            const std::string& stream, const std::string& name,
                            std::uint64_t deliveries_max) {
  const std::string limit =
      deliveries_max == 0 ? "" : R"("max_deliver":)" + std::to_string(deliveries_max) + ",";
  create(place, client, api + ".CONSUMER.CREATE." + stream + "." + name,
         R"({"stream_name":")" + stream + R"(","config":{"name":")" + name +
             R"(","durable_name":")" + name + R"(",)" + limit +
             R"("ack_policy":"explicit","deliver_policy":"all","replay_policy":"instant",)"
             R"("ack_wait":)" +
             std::to_string(random_.between(2, 20) * 1'000'000'000) + "}}");
}

void World::furnish_device(Place& place) {
  const std::string& name = place.node->name();
  Client& first = *place.client;
  Client& second = *place.second;
  const std::string api = "$JS.API.STREAM.CREATE.";
  // Small windows fill; by the seed's number, so that kept seeds go on meaning what they meant.
  const std::array<std::string, 3> windows{"", "4", "32"};
  const std::string window = hub_disk_fails_ ? "1" : windows.at(seed_ % windows.size());
  create(place, first, api + "OUT",
         R"({"name":"OUT","subjects":["out.)" + name + R"(.>"],"storage":"file",)" +
             R"("metadata":{"frond.forward":"hub")" +
             (window.empty() ? "}}" : R"(,"frond.forward.window":")" + window + R"("}})"));
  create(place, first, api + "KV_conf",
         R"({"name":"KV_conf","subjects":["$KV.conf.>"],"max_msgs_per_subject":3,)"
         R"("storage":"file","allow_direct":true,"deny_delete":true,"allow_rollup_hdrs":true})");
  place.feed = "feed." + std::to_string(random_.below(3)) + ".";
  create(place, first, api + "FEED",
         R"({"name":"FEED","storage":"file","mirror":{"name":"FEED","filter_subject":")" +
             place.feed + R"(>","external":{"api":"$JS.hub.API"}}})");
  place.add(place.publishers, around(), first, "OUT", "out." + name + ".");
  for (Client* client : {&first, &second}) {
    place.actors.push_back(std::make_unique<Swapper>(around(), *client, "KV_conf", "$KV.conf."));
  }
  for (const char* stream : {"OUT", "FEED"}) {
    create_consumer(place, second, "$JS.API", stream, "worker");
    place.add(place.pullers, around(), second, name + "/" + stream, "$JS.API", stream, "worker");
  }
  // One that gives up: what it has tried often enough it need not bring.
  constexpr std::uint64_t tries = 2;
  create_consumer(place, second, "$JS.API", "OUT", "limited", tries);
  place.actors.push_back(std::make_unique<Puller>(around(), second, name + "/OUT", "$JS.API", "OUT",
                                                  "limited", tries));
}

void World::furnish_hub() {
  Place& hub = *places_.front();
  Client& first = *hub.client;
  const std::string api = "$JS.API.STREAM.CREATE.";
  create(hub, first, api + "ALL", R"({"name":"ALL","subjects":["out.>"],"storage":"file"})");
  create(hub, first, api + "FEED", R"({"name":"FEED","subjects":["feed.>"],"storage":"file"})");
  for (int i = 0; i < 3; ++i) {
    hub.add(hub.publishers, around(), first, "FEED", "feed." + std::to_string(i) + ".");
  }
  create_consumer(hub, *hub.second, "$JS.API", "ALL", "worker");
  hub.add(hub.pullers, around(), *hub.second, "hub/ALL", "$JS.API", "ALL", "worker");
  // An application beside the hub that works off a device's stream through the link.
  Node& device = *places_.back()->node;
  const std::string remote = "$JS." + device.domain() + ".API";
  create_consumer(hub, *hub.second, remote, "OUT", "remote");
  hub.add(hub.pullers, around(), *hub.second, device.name() + "/OUT", remote, "OUT", "remote");
}

void World::build() {
  hub_disk_fails_ = random_.chance(30);
  places_.push_back(std::make_unique<Place>(make_place("hub", false)));
  std::uint64_t devices = random_.between(1, 3);
  // Few devices meet more trouble each; now and then a crowd shares the hub. By the seed's number
  // and not by a draw, so that kept seeds go on meaning what they meant.
  const bool crowded = seed_ % crowd_every == 0;
  if (crowded) devices += crowd;
  for (std::uint64_t i = 1; i <= devices; ++i) {
    places_.push_back(std::make_unique<Place>(make_place("dev" + std::to_string(i), true)));
  }
  furnish_hub();
  if (crowded) furnish_namesake();
  std::vector<std::string> names;
  for (const auto& place : places_) names.push_back(place->node->name());
  for (const auto& place : places_) {
    if (place != places_.front()) furnish_device(*place);
    place->actors.push_back(std::make_unique<Talker>(around(), *place->second, names));
    place->actors.push_back(std::make_unique<Guest>(around(), *place->guest, names));
  }
  if (desks_.there()) {
    for (const auto& place : places_) desks_.furnish(*place, around());
  }
  misfortunes_ = misfortunes_of(seed_, meets_, {around(), places_, fate_, hub_disk_fails_});
  for (const auto& misfortune : misfortunes_) misfortune->prepare();
  for (const auto& place : places_) {
    place->node->start();
    place->client->connect();
    place->second->connect();
    place->guest->connect();
  }
}

/// An application on a device that works off the hub's stream, by a consumer of the same name on a
/// stream of the same name as the device has itself: their acks must not be mistaken.
void World::furnish_namesake() {
  Place& hub = *places_.front();
  Place& place = *places_.back();
  create_consumer(hub, *hub.second, "$JS.API", "FEED", "worker");
  place.add(place.pullers, around(), *place.second, "hub/FEED", "$JS.hub.API", "FEED", "worker");
}

void World::run_for(Duration duration) {
  scheduler_.run_until(scheduler_.now() + duration,
                       [this] { return checkers_.violation().has_value(); });
}

Outcome World::run() {
  build();
  trouble();
  heal();
  settle();
  return {checkers_.violation(), trace_.hash(), scheduler_.steps(), checkers_.acks()};
}

}  // namespace frond::sim
