#pragma once
// Reads a whole stream as any client would: STREAM.INFO, then an ephemeral pull consumer without
// acks until it has brought what INFO promised. Used by the final checks. One reading at a time.

#include "sim/checkers.h"
#include "sim/sim_client.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace frond::sim {

class StreamReader {
 public:
  /// Messages in the order of delivery, or why they could not be read.
  using Done = std::function<void(std::vector<Stored> messages, std::string error)>;

  StreamReader(Node::Surroundings around, Client& client) : around_(around), client_(client) {}
  void read(std::string stream, Done done);
  /// Whether the stream read last is a mirror that says it has stopped for good (10225): its origin
  /// is not the one that it has copied.
  bool mirror_stopped() const { return mirror_stopped_; }

 private:
  void begin();
  void with_info(const std::optional<Delivered>& answer);
  void with_consumer(const std::optional<Delivered>& answer);
  void take(const Delivered& message);
  void end(std::string error);

  Node::Surroundings around_;
  Client& client_;
  std::string stream_;
  Done done_;
  std::uint64_t readings_ = 0;
  std::uint64_t expected_ = 0;
  bool mirror_stopped_ = false;
  bool short_before_ = false;  ///< There were fewer messages than the stream had said, once.
  std::optional<Client::Sid> inbox_;
  std::vector<Stored> messages_;
  std::int64_t last_time_ = 0;
};

}  // namespace frond::sim
