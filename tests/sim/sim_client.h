#pragma once
// A small NATS client of the simulated world: speaks the protocol's text through Engine::received,
// reconnects for ever to its node, resubscribes, and matches answers to requests. It is not the
// system under test; what it sees of the protocol that a client must never see (a second answer to
// one request, an unknown sid, -ERR) it reports to the checkers.

#include "sim/sim_node.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace frond::sim {

struct Delivered {
  std::string subject, reply, header, payload;
  /// Status of the header line ("NATS/1.0 404 ..."), 0 when there is none.
  int status() const;
};

class Client {
 public:
  using Handler = std::function<void(const Delivered&)>;
  /// The answer, or nothing: timed out or disconnected, so the outcome is unknown.
  using Answer = std::function<void(const std::optional<Delivered>&)>;
  enum class Sid : std::uint64_t {};

  enum class As : std::uint8_t { app, guest };
  Client(Node::Surroundings around, Node& node, std::string name, As as = As::app);

  Node& node() { return node_; }
  const std::string& name() const { return name_; }
  bool ready() const { return ready_; }
  /// Starts connecting, and keeps at it.
  void connect();
  void drop();

  /// A subject that no one else has, for a subscription of its own.
  std::string fresh_inbox() { return "_INBOX." + name_ + "s" + std::to_string(next_sid_); }
  /// Kept over reconnects until unsubscribed.
  Sid subscribe(std::string subject, std::string queue, Handler handler);
  void unsubscribe(Sid sid);
  void publish(std::string_view subject, std::string_view reply, std::string_view header,
               std::string_view payload);
  /// One answer is expected; another one within the connection's life is a violation (check e).
  void request(std::string_view subject, std::string_view header, std::string_view payload,
               Duration timeout, Answer answer);

 private:
  struct Subscription {
    std::string subject, queue;
    Handler handler;
  };
  struct Pending {
    std::string subject;
    Answer answer;  ///< Empty once answered or timed out.
    unsigned answers;
  };

  void retry(Duration delay);
  void opened();
  void received(std::string_view bytes);
  bool take_line();
  bool take_message(std::string_view line, std::size_t line_end);
  void dispatch(std::uint64_t sid, const Delivered& message);
  void answered(const Delivered& message);
  void lost(std::string_view cause);
  void send(std::string bytes);

  Node::Surroundings around_;
  Node& node_;
  std::string name_;
  As as_;
  std::shared_ptr<Link> link_;
  std::uint64_t connection_ = 0;  ///< Counts connections; events of an earlier one are void.
  bool wanted_ = false;
  bool ready_ = false;
  std::string buffer_;
  std::size_t taken_ = 0;       // Of the buffer; erased once for all that came together.
  std::uint64_t next_sid_ = 2;  ///< 1 is the inbox.
  std::uint64_t next_request_ = 1;
  std::map<std::uint64_t, Subscription> subscriptions_;
  std::map<std::uint64_t, Pending> pending_;
};

/// "NATS/1.0\r\nkey: value\r\n\r\n"; keys and values in turn.
std::string header_block(std::initializer_list<std::pair<std::string_view, std::string>> fields);

}  // namespace frond::sim
