#pragma once
// What all sessions of a node share: its configuration and identity, and where messages and outputs
// go. The engine owns one; it outlives the sessions.

#include "route/connection_output.h"
#include "route/router.h"

#include <frond/config.h>
#include <frond/host.h>
#include <frond/output.h>

#include <string>
#include <vector>

namespace frond::session {

struct Node {
  const Config& config;
  route::Router& router;
  route::DirtyList& dirty;
  Entropy& entropy;
  std::string server_id;  ///< 56 characters, see base::random_server_id (IN-01).
  std::vector<std::string> connect_urls = {};     ///< Of TCP listeners (IN-04); may be empty.
  std::vector<std::string> ws_connect_urls = {};  ///< For clients that came by WebSocket.
  bool lame_duck = false;                         ///< Shown as ldm; see Session::announce.
  Outbox* checks = nullptr;  ///< Takes CheckSecret; null when the host does not answer it.
  const Verifier* verifier = nullptr;
  Instant now{};  ///< Of the input at work: deliveries bring no time of their own.
};

}  // namespace frond::session
