#pragma once
// Applications that delete a stream and make it anew under its name, or purge it, at either end of
// the sync. What was in it may be gone, at the other end too; what is published afterwards counts
// in full: a forwarder must not take the new stream for the old one, a mirror must follow.

#include "sim/misfortune.h"

#include <vector>

namespace frond::sim {

/// Deletes or purges one stream when told to, and keeps asking until the node has confirmed it.
class Remaker final : public Actor {
 public:
  enum class Deed : std::uint8_t { none, remake, purge };
  Remaker(Node::Surroundings around, Client& client, std::string stream,
          std::vector<Creator*> makers);
  void step() override;
  void start(Deed deed);
  bool busy() const { return deed_ != Deed::none || making_; }

 private:
  void done();

  Node::Surroundings around_;
  Client& client_;
  std::string stream_, key_;
  std::vector<Creator*> makers_;  ///< Of the stream and of its consumers.
  Deed deed_ = Deed::none;
  bool waiting_ = false;
  bool making_ = false;  ///< Deleted, and not made anew yet.
};

class Remake final : public Misfortune {
 public:
  using Misfortune::Misfortune;
  void prepare() override;
  void strike() override;
  bool lingers() const override;

 private:
  std::vector<Remaker*> remakers_;
};

}  // namespace frond::sim
