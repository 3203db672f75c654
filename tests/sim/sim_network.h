#pragma once
// Connections of the simulated world. A Link is one TCP-like connection between two ends: bytes
// arrive in order, in pieces cut anywhere, after delays of their own; different links overtake each
// other. A link can be cut (each way loses a random tail of what is under way, at any byte) or fall
// silent (nothing arrives any more and nobody is told: a half-open socket). Links belong to those
// who hold them; an end that has let go gets no more calls.

#include "sim/random.h"
#include "sim/scheduler.h"
#include "sim/trace.h"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace frond::sim {

/// What one end of a link is told. Called from events only, never from inside Link's functions.
struct End {
  std::function<void()> opened;
  std::function<void(std::string_view)> bytes;
  std::function<void(std::uint64_t)> written;
  std::function<void(std::string_view)> closed;
};

struct Quality {
  Duration delay_min = std::chrono::microseconds(20);
  Duration delay_max = std::chrono::microseconds(400);
  unsigned split_percent = 10;  ///< Chance that a write arrives in pieces.
};

enum class Side : std::uint8_t { left = 0, right = 1 };

class Link : public std::enable_shared_from_this<Link> {
 public:
  Link(Scheduler& scheduler, Random& random, Trace& trace, std::string name, Quality quality);

  void attach(Side side, End end);
  /// Tells both ends that the connection stands, the right one (who accepted) first.
  void open(Duration delay);
  void write(Side from, std::string bytes);
  /// This end lets go; the other is told behind the bytes that are under way.
  void close(Side from, std::string_view cause);
  /// Both ways lose a random tail; both ends that still listen are told, each in its own time.
  void cut(std::string_view cause);
  void silence();
  /// The process of this end has died: it is not told anything any more.
  void abandon(Side side);

  /// Changes bytes on their way in one direction (lies only); the length must stay.
  void tamper(Side from, std::function<void(std::string&)> change);
  bool ended() const { return ended_; }

 private:
  struct Way {
    std::deque<std::string> flight;
    Instant last_due{};
    std::uint64_t bytes = 0;  ///< Under way.
  };
  void arrive(Side to);
  void tell_closed(Side side, Instant when, std::string cause);
  void truncate(Way& way);
  static Side other(Side side) { return side == Side::left ? Side::right : Side::left; }
  Way& toward(Side side) { return ways_[static_cast<std::size_t>(side)]; }
  End& end(Side side) { return ends_[static_cast<std::size_t>(side)]; }
  bool& listens(Side side) { return listens_[static_cast<std::size_t>(side)]; }

  Scheduler& scheduler_;
  Random& random_;
  Trace& trace_;
  std::string name_;
  Quality quality_;
  std::array<End, 2> ends_;
  std::array<bool, 2> listens_{true, true};
  std::array<Way, 2> ways_;  ///< By the side the bytes go to.
  std::array<std::function<void(std::string&)>, 2> tamper_;
  bool open_ = false;
  bool silent_ = false;
  bool ended_ = false;
};

}  // namespace frond::sim
