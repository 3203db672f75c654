#pragma once
// A working copy that each device keeps of one stream of the hub (two-way sync), and the
// applications that write into it at all ends. In every other world; which policy and how many
// messages of a subject are kept at either end also goes by the seed's number.

#include "sim/place.h"
#include "sim/world_streams.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace frond::sim {

/// Writes values of a few subjects, the same ones everywhere, and does not look.
class Editor final : public Actor {
 public:
  /// Writes only once `maker` has made the stream.
  Editor(Node::Surroundings around, Client& client, const Creator& maker);
  void step() override;
  /// By subject the latest write, if the node has acknowledged it.
  const std::map<std::string, std::string>& kept() const { return kept_; }

 private:
  Node::Surroundings around_;
  Client& client_;
  const Creator& maker_;
  std::uint64_t count_ = 0;
  std::map<std::string, std::string> latest_, kept_;
};

class Desks {
 public:
  /// None unless they are wanted: two-way sync is a preview, whose known faults they find.
  Desks(std::uint64_t seed, bool wanted);
  bool there() const { return there_; }
  /// The stream, its editor, and where the policy asks for one the application that merges.
  void furnish(Place& place, Node::Surroundings around);
  /// How many messages of a subject the stream keeps; 0: all.
  std::size_t per_subject(bool device) const { return device ? device_keeps_ : hub_keeps_; }
  /// Check t of one device: "" or what is wrong.
  std::string judge(const std::string& device, const Streams& streams,
                    const History& history) const;

  static constexpr std::string_view stream = "DESK";

 private:
  std::string doubled(const std::string& key, const Streams& streams, const History& history) const;
  std::string lost(const std::string& device, const Streams& streams, const History& history) const;

  bool there_;
  std::string_view policy_;
  std::size_t hub_keeps_, device_keeps_;
  std::map<std::string, const Editor*> editors_;  ///< By place.
};

}  // namespace frond::sim
