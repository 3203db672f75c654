#pragma once
// How streams, consumers, the API and sync send messages without knowing the router: the engine
// implements it over route::Router. Lives as long as the engine.

#include "base/message.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace frond::base {

/// How a message to some subject would fare now.
enum class Reach : std::uint8_t {
  nobody,  ///< Nobody is interested.
  full,    ///< Everyone interested has much still to read: who can wait should.
  ready,
};

class Outlet {
 public:
  virtual ~Outlet() = default;
  /// An answer, a delivery or an event: everyone interested in `target` gets it, and nobody takes
  /// it for a request, since `target` is often a subject that a user chose. `message.subject` may
  /// differ from it: a JetStream delivery is routed by its inbox and shows the stored subject.
  /// Called from inside a delivery it is queued and runs after it, so that per-publisher order
  /// holds (SU-07). Returns how many received it now (0 when queued).
  virtual std::size_t send(std::string_view target, const Message& message) = 0;
  /// A request of the node's own, to a subject that the node made: the same, but whoever serves
  /// requests there takes it. For an outlet that knows no requests both are one.
  virtual std::size_t ask(std::string_view target, const Message& message) {
    return send(target, message);
  }
  /// Whether anyone, here or beyond a link, would get what is sent to this literal subject.
  virtual bool has_interest(std::string_view subject) const = 0;
  /// The same, but a stream that would store it does not count: nobody reads there.
  virtual bool has_reader(std::string_view subject) const { return has_interest(subject); }
  /// As has_interest(), with regard to the progress of their connections.
  virtual Reach reach(std::string_view subject) const {
    return has_interest(subject) ? Reach::ready : Reach::nobody;
  }
};

}  // namespace frond::base
