#pragma once
// What a connection has to say to its host: bytes, then perhaps a close. Sessions and leaf links
// append here while messages are delivered; after each input the engine visits the connections on
// the dirty list only, so that a message costs by its receivers and not by all connections.
// Owned by its session or link; the dirty list must outlive it.

#include <frond/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace frond::route {

class ConnectionOutput;

/// The connections that have had something new since the last take(), each once, in that order.
class DirtyList {
 public:
  std::vector<ConnectionOutput*> take();
  bool empty() const { return marked_.empty(); }

 private:
  friend class ConnectionOutput;
  void mark(ConnectionOutput& output) { marked_.push_back(&output); }
  void forget(const ConnectionOutput& output) { std::erase(marked_, &output); }
  std::vector<ConnectionOutput*> marked_;
};

class ConnectionOutput {
 public:
  ConnectionOutput(ConnectionId id, DirtyList& dirty) : id_(id), dirty_(dirty) {}
  ~ConnectionOutput() {
    if (marked_) {
      dirty_.forget(*this);
    }
  }
  ConnectionOutput(const ConnectionOutput&) = delete;
  ConnectionOutput& operator=(const ConnectionOutput&) = delete;

  ConnectionId id() const { return id_; }

  /// Where to append what shall be sent.
  std::string& buffer() {
    mark();
    return buffer_;
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

  /// The engine takes the bytes to hand them to the host; may be empty.
  std::string take() {
    handed_over_ += buffer_.size();
    return std::exchange(buffer_, {});
  }
  /// The host has written this many of them.
  void sent(std::uint64_t bytes) { written_ += bytes; }
  /// Bytes that have not been written yet, here or in the host (CP-17).
  std::uint64_t pending_bytes() const {
    return buffer_.size() + (handed_over_ > written_ ? handed_over_ - written_ : 0);
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

}  // namespace frond::route
