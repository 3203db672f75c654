#pragma once
// What is published: a message, the subject to route it by and where it comes from. Made by whoever
// publishes for the length of one Router::publish().

#include "base/message.h"
#include "route/sink.h"

#include <span>
#include <string_view>

namespace frond::route {

/// A message and where it comes from.
struct Publication {
  const base::Message& message;
  std::string_view target;     ///< Subject to route by.
  const Sink* from = nullptr;  ///< Publisher; null for the engine itself.
  bool echo = true;            ///< False: not delivered to `from` (CP-07).
  /// The node itself answers, delivers or tells, to a subject that somebody else may have chosen:
  /// no sink that only takes requests gets it, and no link carries it to where the other side takes
  /// them (request_subjects.h).
  bool answer = false;
  /// From a link only: the queue groups the sender chose us to serve. Groups not listed get
  /// nothing; plain subscribers always do.
  std::span<const std::string_view> queues = {};
};

}  // namespace frond::route
