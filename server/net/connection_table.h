#pragma once
// The connections of the host by the engine's ids: which of them the engine knows, which have bytes
// to flush in this round of the loop, and which hub dials are under way. engine_host has one, on
// the loop's thread.

#include "server/net/connection.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace frond::server {

class ConnectionTable {
 public:
  /// An id for a connection that came from outside.
  ConnectionId next_id() { return ConnectionId{++last_id_}; }

  void add(const std::shared_ptr<Connection>& connection);
  /// The engine is told of it: from here on it hears what comes.
  void set_known(ConnectionId id);
  bool known(ConnectionId id) const;
  bool empty() const { return entries_.empty(); }
  void clear() { entries_.clear(); }

  /// The connection, to queue bytes on: it is flushed by the next flush(). Null when it is gone.
  Connection* to_send(ConnectionId id);
  void flush();
  void hold(ConnectionId id, bool hold);
  /// The engine has closed it: it may send what is queued and hears of nothing any more.
  void finish(ConnectionId id, std::string_view reason);
  /// It has closed. Nothing when the table had no such connection, else whether the engine waits to
  /// hear of that.
  std::optional<bool> remove(ConnectionId id);

  void dial_began(ConnectionId id) { dialling_.insert(number(id)); }
  bool dialling(ConnectionId id) const { return dialling_.contains(number(id)); }
  /// False when nobody waits for that dial any more.
  bool dial_ended(ConnectionId id) { return dialling_.erase(number(id)) > 0; }

  /// To be called once a second: the connections that have been stalled for more than `seconds`.
  std::vector<std::shared_ptr<Connection>> stalled_beyond(std::int64_t seconds);

 private:
  struct Entry {
    std::shared_ptr<Connection> connection;
    bool known = false;    ///< The engine has heard of it and not closed it.
    bool touched = false;  ///< Has bytes to flush in this round.
    int stalled_seconds = 0;
  };
  static std::uint64_t number(ConnectionId id) { return static_cast<std::uint64_t>(id); }

  std::unordered_map<std::uint64_t, Entry> entries_;
  std::unordered_set<std::uint64_t> dialling_;
  std::vector<std::uint64_t> touched_;
  std::uint64_t last_id_ = 0;
};

}  // namespace frond::server
