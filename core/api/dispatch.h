#pragma once
// `$JS.API.>` and Frond's own (own_requests): takes a request, finds the family that answers it and
// sends the answer through the DurabilityGate. Stands beside the streams: the engine subscribes
// both (and `$JS.<domain>.API.>`, mapped to `$JS.API.>`) and calls handle(). Requests and answers
// are JSON; those of `$JS.API.>` byte for byte as nats-server's (nats-features 5). One per engine;
// one file per family of requests.

#include "api/long_answers.h"
#include "api/node_facts.h"
#include "base/message.h"
#include "base/outlet.h"
#include "consumer/consumers.h"
#include "query/indexes.h"
#include "store/durability_gate.h"
#include "stream/error.h"
#include "stream/streams.h"

#include <frond/host.h>
#include <frond/types.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace frond::api {

struct ApiConfig {
  std::string domain;       ///< JetStream domain; may be empty.
  std::string server_name;  ///< `cluster.leader` of infos.
  std::string version = "2.14.0";
  std::int64_t memory_bytes_max = -1;  ///< JA-01 limits; -1: none.
  std::int64_t storage_bytes_max = -1;
};

/// "api" of JA-01.
struct ApiStats {
  std::uint64_t total = 0;
  std::uint64_t errors = 0;
};

/// What the families work on; outlives the Api.
struct Services {
  stream::Streams& streams;
  consumer::Consumers& consumers;
  store::DurabilityGate& gate;
  base::Outlet& outlet;
  Entropy& entropy;
  const base::Clock& clock;
  NodeFacts& node;
};

/// Frond's own requests, as subjects to listen on: "$FROND.STATUS", "$FROND.QUERY.*", ...
std::vector<std::string> own_requests();

class Api {
 public:
  Api(Services services, ApiConfig config);

  /// `subject` is "$FROND...." or "$JS.API...." with any domain prefix already mapped away;
  /// `request.reply` is where the answer goes (without one only the effect happens).
  ///
  /// What one input brings is bounded in work, however many requests it holds: those beyond
  /// `base::api_turn_bytes_max` wait for the next turn, in the order in which they came.
  void handle(std::string_view subject, const base::Message& request, Instant now);
  /// The turn of the requests that wait; once in each input, before its work is finished.
  void take_turn(Instant now);

  /// Goes on with the answers that wait for their readers, and with indexes that are behind their
  /// stream; at the end of each input.
  void pump() {
    long_answers_.pump();
    indexing_ = indexes_.pump();
  }
  /// The indexes of the streams; the engine tells it of those.
  query::Indexes& indexes() { return indexes_; }
  /// Something they may have waited for has come: room, a commit, the end of a connection.
  void wake() { long_answers_.wake(); }
  Instant next_deadline() const {
    return long_answers_.more() || !waiting_.empty() || indexing_ ? Instant{} : kNever;
  }

  const ApiStats& stats() const { return stats_; }

 private:
  struct Waiting {
    std::string subject, reply, header, payload;
    std::size_t cost() const {
      return sizeof(Waiting) + subject.size() + reply.size() + header.size() + payload.size();
    }
  };
  void carry_out(std::string_view subject, const base::Message& request, Instant now);
  void keep(std::string_view subject, const base::Message& request, Instant now);

  Services services_;
  ApiConfig config_;
  ApiStats stats_;
  query::Indexes indexes_;
  bool indexing_ = false;
  LongAnswers long_answers_;  // Behind the indexes, which its queries look at.
  std::deque<Waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::size_t spent_ = 0;  ///< In this turn, bytes.
};

}  // namespace frond::api
