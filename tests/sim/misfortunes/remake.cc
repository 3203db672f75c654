#include "sim/misfortunes/remake.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace frond::sim {

using std::chrono::seconds;

namespace {
constexpr int kStreamNotFound = 10059;

bool confirmed(const std::optional<Delivered>& answer) {
  if (!answer || answer->status() != 0) return false;
  const auto json = nlohmann::json::parse(answer->payload, nullptr, false);
  if (!json.is_object()) return false;
  if (json.contains("error")) return json["error"].value("err_code", 0) == kStreamNotFound;
  return json.value("success", false);
}
}  // namespace

Remaker::Remaker(Node::Surroundings around, Client& client, std::string stream,
                 std::vector<Creator*> makers)
    : around_(around),
      client_(client),
      stream_(std::move(stream)),
      key_(client.node().name() + "/" + stream_),
      makers_(std::move(makers)) {}

void Remaker::start(Deed deed) {
  if (deed_ == Deed::none) deed_ = deed;
}

void Remaker::step() {
  if (making_ && std::ranges::all_of(makers_, [](const Creator* maker) { return maker->done(); })) {
    making_ = false;
    around_.checkers.history().gone(key_, false);
    // With no stream to take it here, what was published meanwhile went to the hub as it was.
    around_.checkers.history().copies_may_differ(key_);
  }
  if (deed_ == Deed::none || waiting_ || !client_.ready()) return;
  waiting_ = true;
  // From the question on the stream may be another; from the answer on it is.
  around_.checkers.in_limbo(key_, true, deed_ == Deed::purge);
  const std::string verb = deed_ == Deed::purge ? "PURGE." : "DELETE.";
  client_.request("$JS.API.STREAM." + verb + stream_, "", "", seconds(10),
                  [this](const std::optional<Delivered>& answer) {
                    waiting_ = false;
                    if (confirmed(answer)) done();
                  });
}

void Remaker::done() {
  around_.trace.event(key_, deed_ == Deed::purge ? "was purged" : "was deleted");
  around_.checkers.in_limbo(key_, false, deed_ == Deed::purge);
  if (std::exchange(deed_, Deed::none) == Deed::purge) return;
  making_ = true;
  around_.checkers.history().gone(key_, true);
  for (Creator* maker : makers_) maker->again();
}

void Remake::prepare() {
  for (const auto& place : scene_.places) {
    const std::vector<std::string> streams = place->is_device()
                                                 ? std::vector<std::string>{"OUT", "FEED"}
                                                 : std::vector<std::string>{"ALL", "FEED"};
    for (const std::string& stream : streams) {
      std::vector<Creator*> makers;
      for (const auto& other : scene_.places) {
        for (Creator* creator : other->creators) {
          if (creator->makes(place->name(), stream, other == place)) makers.push_back(creator);
        }
      }
      place->add(remakers_, scene_.around, *place->client, stream, std::move(makers));
    }
  }
}

bool Remake::lingers() const {
  return std::ranges::any_of(remakers_, [](const Remaker* remaker) { return remaker->busy(); });
}

void Remake::strike() {
  if (!everything_created()) return;
  Remaker& remaker = *scene_.fate.pick(remakers_);
  remaker.start(scene_.fate.chance(50) ? Remaker::Deed::remake : Remaker::Deed::purge);
}

}  // namespace frond::sim
