#pragma once
// A node of the simulated world with everything that stands around it: its applications, the client
// that reads its streams at the end, and its way to the hub. Made by World and alive as long.

#include "sim/actors.h"
#include "sim/sim_client.h"
#include "sim/sim_node.h"
#include "sim/stream_reader.h"

#include <memory>
#include <string>
#include <vector>

namespace frond::sim {

/// What a link to the hub does to requests of the node to the hub's API, and to their answers.
enum class ApiWay : std::uint8_t { open, requests_lost, answers_lost, refused };

struct Place {
  std::unique_ptr<Node> node;
  std::unique_ptr<Client> client, second, guest;
  std::unique_ptr<StreamReader> reader;
  std::vector<std::unique_ptr<Actor>> actors;
  std::vector<Creator*> creators;
  std::vector<Publisher*> publishers;
  std::vector<Puller*> pullers;
  std::shared_ptr<Link> hub_link;  ///< The latest dialled.
  bool reachable = true;           ///< Whether dials get through.
  ApiWay api_way = ApiWay::open;
  std::string feed;  ///< Devices: prefix of what the mirror takes.

  const std::string& name() const { return node->name(); }
  bool is_device() const { return !feed.empty(); }

  template <class Kind, class... Arguments>
  Kind& add(std::vector<Kind*>& list, Arguments&&... arguments) {
    auto actor = std::make_unique<Kind>(std::forward<Arguments>(arguments)...);
    list.push_back(actor.get());
    actors.push_back(std::move(actor));
    return *list.back();
  }
};

using Places = std::vector<std::unique_ptr<Place>>;

}  // namespace frond::sim
