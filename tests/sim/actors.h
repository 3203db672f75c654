#pragma once
// The applications of the simulated world: each drives one client in steps, reports what it did and
// saw to the checkers, and can be told to calm down (no new work, finish what is open) when the
// world heals. How often they step is the world's business.

#include "sim/sim_client.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace frond::sim {

class Actor {
 public:
  virtual ~Actor() = default;
  /// One piece of work, when the client is connected.
  virtual void step() = 0;
  /// From now on only what is needed to settle.
  virtual void calm() { calm_ = true; }

 protected:
  bool calm_ = false;
};

/// Asks the API until the answer is no error: creates a stream or a consumer of a node.
class Creator final : public Actor {
 public:
  Creator(Client& client, std::string subject, std::string json);
  void step() override;
  bool done() const { return done_; }

 private:
  Client& client_;
  std::string subject_, json_;
  bool done_ = false, waiting_ = false;
};

/// Publishes to a stream, awaits PubAcks, repeats by message id what is unsure or acknowledged.
class Publisher final : public Actor {
 public:
  Publisher(Node::Surroundings around, Client& client, std::string stream, std::string prefix);
  void step() override;

 private:
  struct Sent {
    std::string subject, payload, id;
    std::optional<std::uint64_t> seq;
    Instant first_sent{};  ///< The earliest that it can have been stored.
  };
  void fresh();
  void repeat(Sent& sent);
  void send(std::size_t index);
  void answered(std::size_t index, bool again, const std::optional<Delivered>& answer);

  Node::Surroundings around_;
  Client& client_;
  std::string key_, prefix_;
  std::vector<Sent> sent_;
};

/// KV-like: every write expects the last sequence of its key, right or on purpose wrong.
class Swapper final : public Actor {
 public:
  Swapper(Node::Surroundings around, Client& client, std::string stream, std::string prefix);
  void step() override;

 private:
  void answered(const std::string& subject, const std::string& payload, std::uint64_t expected,
                const std::optional<Delivered>& answer);

  Node::Surroundings around_;
  Client& client_;
  std::string key_, prefix_;
  std::uint64_t count_ = 0;
  std::map<std::string, std::uint64_t> last_;  ///< By subject, as far as this client knows.
};

/// Pulls from a durable consumer with explicit acks: double acks, acks, naks or forgets.
class Puller final : public Actor {
 public:
  /// `api` is "$JS.API" or "$JS.<domain>.API"; `key` is "<node>/<stream>".
  Puller(Node::Surroundings around, Client& client, std::string key, std::string api,
         std::string stream, std::string consumer);
  void step() override;
  const std::string& consumer_key() const { return consumer_key_; }

 private:
  void take(const Delivered& message);
  void acknowledge(const std::string& reply, std::uint64_t seq);
  void end_pull();

  Node::Surroundings around_;
  Client& client_;
  std::string key_, consumer_key_, subject_;
  std::optional<Client::Sid> pull_;
  std::uint64_t pulls_ = 0;
  unsigned open_ = 0;  ///< Messages the pull under way may still bring.
};

/// Publishes core messages to the others and listens for its own, alone and in a queue group.
class Talker final : public Actor {
 public:
  Talker(Node::Surroundings around, Client& client, std::vector<std::string> others);
  void step() override;

 private:
  Node::Surroundings around_;
  Client& client_;
  std::vector<std::string> others_;
  std::uint64_t count_ = 0;
};

}  // namespace frond::sim
