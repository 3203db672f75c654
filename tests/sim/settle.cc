// The end of a run: until the streams agree, then that they stay so.

#include "sim/world.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace frond::sim {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const std::string dead_letters = "OUT_REFUSED";

std::set<std::string> payloads_of(const std::vector<Stored>& messages) {
  std::set<std::string> payloads;
  for (const Stored& message : messages) payloads.insert(message.payload);
  return payloads;
}

}  // namespace

bool World::read_all(Streams& streams, std::string& error) {
  for (const auto& place : places_) {
    const bool device = place->is_device();
    std::vector<std::string> names =
        device ? std::vector<std::string>{"OUT", "FEED", "KV_conf", dead_letters}
               : std::vector<std::string>{"ALL", "FEED"};
    if (desks_.there()) names.emplace_back(Desks::stream);
    for (const std::string& name : names) {
      const std::string key = place->node->name() + "/" + name;
      bool done = false;
      place->reader->read(name, [&](std::vector<Stored> messages, std::string problem) {
        streams[key] = {std::move(messages), place->reader->mirror_stopped()};
        error = std::move(problem);
        done = true;
      });
      scheduler_.run_until(scheduler_.now() + minutes(2),
                           [&] { return done || checkers_.violation(); });
      if (name == dead_letters) {
        if (error.find("stream not found") != std::string::npos) error.clear();
      }
      if (!error.empty()) error = key + ": " + error;
      if (!done || !error.empty()) return false;
      if (name == dead_letters) continue;  // Nobody was promised what is in it.
      for (const Stored& message : streams[key].messages) checkers_.read(key, message);
    }
  }
  return true;
}

void World::falsify(Streams& streams) {
  if (lie_ == Lie::forward_swap && streams["hub/ALL"].messages.size() > 1) {
    std::vector<Stored>& all = streams["hub/ALL"].messages;
    std::swap(all[0].payload, all[all.size() - 1].payload);
  }
  if (lie_ == Lie::last_word_lost) {
    std::erase_if(streams["hub/ALL"].messages, [](const Stored& message) {
      return message.payload.find(Publisher::last_word_mark) != std::string::npos;
    });
  }
  if (lie_ == Lie::mirror_alter) {
    for (auto& [key, reading] : streams) {
      if (key.ends_with("/FEED") && key != "hub/FEED" && !reading.messages.empty()) {
        reading.messages.front().payload += "!";
      }
    }
  }
  if (lie_ == Lie::desk_astray) {
    for (auto& [key, reading] : streams) {
      if (key.ends_with("/DESK") && key != "hub/DESK" && !reading.messages.empty())
        reading.messages.back().payload += "!";
    }
  }
}

std::string World::compare(const Streams& streams) const {
  for (const auto& place : places_) {
    if (!place->is_device()) continue;
    const std::string& name = place->node->name();
    const Reading& mirror = streams.at(name + "/FEED");
    std::string wrong = checkers_.forwarded(name, streams.at(name + "/OUT").messages,
                                            streams.at("hub/ALL").messages);
    if (!wrong.empty()) return "b" + name + "/OUT: " + wrong;
    wrong = mirror.mirror_stopped
                ? checkers_.kept(name, mirror.messages)
                : checkers_.mirrored(name, mirror.messages, streams.at("hub/FEED").messages,
                                     place->feed);
    if (!wrong.empty()) return "c" + name + "/FEED: " + wrong;
    if (desks_.there()) {
      wrong = desks_.judge(name, streams, checkers_.history());
      if (!wrong.empty()) return "t" + name + "/DESK: " + wrong;
    }
  }
  for (const auto& place : places_) {
    for (const Puller* puller : place->pullers) {
      const std::string& consumer = puller->consumer_key();
      const std::string stream = consumer.substr(0, consumer.rfind('/'));
      const std::string wrong = checkers_.consumed(consumer, streams.at(stream).messages);
      if (!wrong.empty()) return "d" + wrong;
    }
  }
  return {};
}

/// "" when everything agrees, else the check's letter and what is wrong. What was acknowledged
/// must be there now; the rest may still be on its way.
std::string World::unsettled() {
  for (const auto& place : places_) {
    for (const Publisher* publisher : place->publishers) {
      if (!misfortunes_.empty() && !publisher->has_spoken()) {
        return "x" + place->name() + " acknowledges no publish any more";
      }
    }
  }
  Streams streams;
  std::string error;
  if (!read_all(streams, error)) return "x" + error;
  for (const auto& [key, reading] : streams) {
    std::size_t per_subject = key.ends_with("/KV_conf") ? 3 : 0;
    if (key.ends_with(Desks::stream)) per_subject = desks_.per_subject(!key.starts_with("hub/"));
    const std::string wrong = checkers_.stream_holds(key, reading.messages, per_subject);
    if (!wrong.empty()) checkers_.fail('a', wrong);
  }
  // A device that was frozen knows only the rights of before: what it refuses then, long after they
  // were given back, is among the dead letters or at the hub.
  for (const auto& place : places_) {
    if (!place->is_device() || !checkers_.history().differs_since("hub/ALL", 0)) continue;
    const std::set<std::string> there = payloads_of(streams.at("hub/ALL").messages);
    const std::set<std::string> refused =
        payloads_of(streams.at(place->node->name() + "/" + dead_letters).messages);
    std::erase_if(streams.at(place->node->name() + "/OUT").messages, [&](const Stored& message) {
      return refused.contains(message.payload) && !there.contains(message.payload);
    });
  }
  falsify(streams);
  return compare(streams);
}

void World::settle() {
  const Instant patience = scheduler_.now() + hours(2);
  std::string wrong = "x";
  Duration pause = seconds(10);
  while (!checkers_.violation()) {
    run_for(pause);
    wrong = unsettled();
    if (wrong.empty() || scheduler_.now() > patience) break;
    pause = std::min<Duration>(pause * 2, minutes(20));
  }
  if (!checkers_.violation() && wrong.empty()) {
    // Nothing may come late: a second copy, another delivery.
    run_for(seconds(100));
    wrong = unsettled();
  }
  if (!checkers_.violation() && !wrong.empty()) {
    for (const auto& place : places_) {
      trace_.event(place->node->name(), "status", place->node->status());
    }
    checkers_.fail(wrong.front(), wrong.substr(1));
  }
}

}  // namespace frond::sim
