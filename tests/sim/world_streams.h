#pragma once
// The streams of a world as they are read for the final checks.

#include "sim/checkers.h"

#include <map>
#include <string>
#include <vector>

namespace frond::sim {

struct Reading {
  std::vector<Stored> messages;
  bool mirror_stopped = false;
};
/// By "<node>/<stream>".
using Streams = std::map<std::string, Reading>;

}  // namespace frond::sim
