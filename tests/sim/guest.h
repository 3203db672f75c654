#pragma once
// A client with few rights, on every node: it does what it may and tries what it may not. What it
// publishes where it may not must never be seen anywhere (check g), nor may it hear anything there.

#include "sim/actors.h"

#include <frond/config.h>

#include <string>
#include <vector>

namespace frond::sim {

class Guest final : public Actor {
 public:
  Guest(Node::Surroundings around, Client& client, std::vector<std::string> nodes);
  void step() override;
  /// Who it is to the node, and what it may.
  static User rights();

 private:
  Node::Surroundings around_;
  Client& client_;
  std::vector<std::string> nodes_;
  std::uint64_t count_ = 0;
};

}  // namespace frond::sim
