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
  /// What it made has been deleted.
  void again() { done_ = false; }
  /// Whether it makes `stream` of the node of this name, or one of its consumers; `beside`: it is
  /// an application of that node itself.
  bool makes(const std::string& node, const std::string& stream, bool beside) const;

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
  /// When the world has healed: says one thing more, and repeats it until it is acknowledged.
  void say_last_word() { speaks_ = true; }
  bool has_spoken() const { return last_word_ && sent_[*last_word_].seq; }
  static constexpr std::string_view last_word_mark = "#last";

 private:
  struct Sent {
    std::string subject, payload, id;
    std::optional<std::uint64_t> seq;
    Instant first_sent{};  ///< The earliest that it can have been stored.
    /// What it expects to be the stream's last sequence, or another header that must be refused.
    std::optional<std::uint64_t> expects_last;
    std::string refused_header;
  };
  void fresh();
  void expect_something(Sent& sent);
  bool repeatable(const Sent& sent) const;
  void speak();
  void repeat(Sent& sent);
  void send(std::size_t index);
  void answered(std::size_t index, bool again, const std::optional<Delivered>& answer);

  Node::Surroundings around_;
  Client& client_;
  std::string key_, prefix_;
  std::vector<Sent> sent_;
  std::uint64_t last_seq_ = 0;  ///< The highest that was acknowledged to it.
  bool speaks_ = false;
  std::optional<std::size_t> last_word_;
};

/// KV-like: every write expects the last sequence of its key, right or on purpose wrong.
class Swapper final : public Actor {
 public:
  Swapper(Node::Surroundings around, Client& client, std::string stream, std::string prefix);
  void step() override;

 private:
  struct Swap {
    std::string subject, payload;
    std::uint64_t expected;                     ///< As the subject's last sequence,
    std::optional<std::uint64_t> expects_last;  ///< and as the stream's.
  };
  void answered(const Swap& swap, const std::optional<Delivered>& answer);

  Node::Surroundings around_;
  Client& client_;
  std::string key_, prefix_;
  std::uint64_t count_ = 0;
  std::map<std::string, std::uint64_t> last_;  ///< By subject, as far as this client knows.
  std::uint64_t last_seq_ = 0;                 ///< Of the stream.
};

/// Pulls from a durable consumer with explicit acks: double acks, acks, naks or forgets.
class Puller final : public Actor {
 public:
  /// `api` is "$JS.API" or "$JS.<domain>.API"; `key` is "<node>/<stream>". With `deliveries_max`
  /// the consumer gives a message up after so many.
  Puller(Node::Surroundings around, Client& client, std::string key, std::string api,
         std::string stream, std::string consumer, std::uint64_t deliveries_max = 0);
  void step() override;
  const std::string& consumer_key() const { return consumer_key_; }

 private:
  void take(const Delivered& message);
  void acknowledge(const std::string& reply, const Stored& message);
  void end_pull();
  bool within_bounds(const Delivered& message, std::uint64_t deliveries);

  Node::Surroundings around_;
  Client& client_;
  std::string key_, consumer_key_, subject_;
  std::uint64_t deliveries_max_;
  std::int64_t bytes_left_ = 0;  ///< What the pull under way may still bring, if it said so.
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
