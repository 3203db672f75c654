#pragma once
// What a connection has to say to its host: bytes, then perhaps a close. Sessions and leaf links
// append here while messages are delivered; after each input the engine visits the connections on
// the dirty list only, so that a message costs by its receivers and not by all connections. Here
// stands the one bound of everything that waits for a peer, whatever its kind and whatever it is.
// Owned by its session or link; the dirty list must outlive it.

#include "base/limits.h"

#include <frond/output.h>
#include <frond/types.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace frond::route {

class ConnectionOutput;

/// One of NATS's close reasons (CP-17).
inline constexpr std::string_view slow_consumer_reason = "Slow Consumer (Pending Bytes)";

/// The connections that have had something new since the last take(), each once, in that order.
class DirtyList {
 public:
  std::vector<ConnectionOutput*> take();
  bool empty() const { return marked_.empty(); }
  /// Hands over what they have to say; `ended(id)` behind each that says goodbye. False when there
  /// was nothing.
  template <class Ended>
  bool flush(Outbox& outbox, Ended&& ended);

 private:
  friend class ConnectionOutput;
  void mark(ConnectionOutput& output) { marked_.push_back(&output); }
  void forget(const ConnectionOutput& output) { std::erase(marked_, &output); }
  std::vector<ConnectionOutput*> marked_;
};

class ConnectionOutput {
 public:
  /// `pending_bytes_max` is max_pending: beyond it the peer is too slow.
  ConnectionOutput(ConnectionId id, DirtyList& dirty, std::uint64_t pending_bytes_max)
      : id_(id),
        dirty_(dirty),
        pending_bytes_max_(pending_bytes_max),
        paced_bytes_(std::clamp(pending_bytes_max / 4, base::paced_output_bytes_min,
                                base::paced_output_bytes_max)) {}
  ~ConnectionOutput() {
    if (marked_) {
      dirty_.forget(*this);
    }
  }
  ConnectionOutput(const ConnectionOutput&) = delete;
  ConnectionOutput& operator=(const ConnectionOutput&) = delete;

  ConnectionId id() const { return id_; }

  /// Lets `append(std::string&)` add what shall be sent; nothing is added any more when the
  /// connection is ending. One that lets more wait than it may is ended with nothing more sent: it
  /// would not read that either.
  template <class Append>
  void write(Append&& append) {
    if (closing_) {
      return;
    }
    mark();
    append(buffer_);
    if (pending_bytes() > pending_bytes_max_) [[unlikely]] {
      close(slow_consumer_reason, true);
    }
  }
  /// Ends the connection after what is in the buffer (or without it). The first reason stays; one
  /// of NATS's close reasons (CP-24).
  void close(std::string_view reason, bool discard_unsent = false) {
    if (discard_unsent) {
      buffer_.clear();
    }
    if (!closing_) {
      closing_ = true;
      close_reason_ = reason;
      mark();
    }
  }
  bool closing() const { return closing_; }
  const std::string& close_reason() const { return close_reason_; }
  bool too_slow() const { return closing_ && close_reason_ == slow_consumer_reason; }

  /// The engine takes the bytes to hand them to the host; may be empty.
  std::string take() {
    handed_over_ += buffer_.size();
    return std::exchange(buffer_, {});
  }
  /// How many bytes have been written to this connection in all.
  std::uint64_t written_to() const { return handed_over_ + buffer_.size(); }
  /// The host has written this many of them. True when there is room again that was not.
  bool sent(std::uint64_t bytes) {
    const bool full = !has_room();
    written_ += bytes;
    return full && has_room();
  }
  /// Bytes that have not been written yet, here or in the host (CP-17).
  std::uint64_t pending_bytes() const {
    return buffer_.size() + (handed_over_ > written_ ? handed_over_ - written_ : 0);
  }
  /// Whether who can wait should go on: long answers and deliveries come no faster than the peer
  /// reads, so that they never end its connection.
  bool has_room() const { return !closing_ && pending_bytes() < paced_bytes_; }

  /// Begins anew for another connection of the same link.
  void restart(ConnectionId id) {
    id_ = id;
    buffer_ = {};
    close_reason_.clear();
    handed_over_ = written_ = 0;
    closing_ = false;
  }

 private:
  friend class DirtyList;
  void mark() {
    if (!marked_) {
      marked_ = true;
      dirty_.mark(*this);
    }
  }

  ConnectionId id_;
  DirtyList& dirty_;
  std::uint64_t pending_bytes_max_;
  std::uint64_t paced_bytes_;
  std::string buffer_;
  std::string close_reason_;
  std::uint64_t handed_over_ = 0;
  std::uint64_t written_ = 0;
  bool marked_ = false;
  bool closing_ = false;
};

inline std::vector<ConnectionOutput*> DirtyList::take() {
  for (ConnectionOutput* output : marked_) {
    output->marked_ = false;
  }
  return std::exchange(marked_, {});
}

template <class Ended>
bool DirtyList::flush(Outbox& outbox, Ended&& ended) {
  const std::vector<ConnectionOutput*> outputs = take();
  for (ConnectionOutput* output : outputs) {
    const ConnectionId id = output->id();
    if (std::string bytes = output->take(); !bytes.empty()) {
      outbox.push(SendBytes{id, std::move(bytes)});
    }
    if (output->closing()) {
      outbox.push(CloseConnection{id, output->close_reason()});
      ended(id);
    }
  }
  return !outputs.empty();
}

}  // namespace frond::route
