#include "server/net/connection_table.h"

#include <utility>

namespace frond::server {

void ConnectionTable::add(const std::shared_ptr<Connection>& connection) {
  entries_[number(connection->id())].connection = connection;
}

void ConnectionTable::set_known(ConnectionId id) { entries_[number(id)].known = true; }

bool ConnectionTable::known(ConnectionId id) const {
  const auto found = entries_.find(number(id));
  return found != entries_.end() && found->second.known;
}

Connection* ConnectionTable::to_send(ConnectionId id) {
  const auto found = entries_.find(number(id));
  if (found == entries_.end()) {
    return nullptr;
  }
  if (!std::exchange(found->second.touched, true)) {
    touched_.push_back(number(id));
  }
  return found->second.connection.get();
}

void ConnectionTable::flush() {
  for (const std::uint64_t id : std::exchange(touched_, {})) {
    const auto found = entries_.find(id);
    if (found != entries_.end()) {
      found->second.touched = false;
      const auto keep = found->second.connection;
      keep->flush();
    }
  }
}

void ConnectionTable::hold(ConnectionId id, bool hold) {
  const auto found = entries_.find(number(id));
  if (found != entries_.end()) {
    const auto keep = found->second.connection;
    keep->hold(hold);
  }
}

void ConnectionTable::finish(ConnectionId id, std::string_view reason) {
  dialling_.erase(number(id));
  const auto found = entries_.find(number(id));
  if (found != entries_.end()) {
    found->second.known = false;
    const auto keep = found->second.connection;
    keep->finish(reason);
  }
}

std::optional<bool> ConnectionTable::remove(ConnectionId id) {
  const auto found = entries_.find(number(id));
  if (found == entries_.end()) {
    return std::nullopt;
  }
  const bool known = found->second.known;
  const bool dialled = dial_ended(id);
  entries_.erase(found);
  return known || dialled;
}

std::vector<std::shared_ptr<Connection>> ConnectionTable::stalled_beyond(std::int64_t seconds) {
  std::vector<std::shared_ptr<Connection>> slow;
  for (auto& [id, entry] : entries_) {
    entry.stalled_seconds = entry.connection->stalled() ? entry.stalled_seconds + 1 : 0;
    if (seconds > 0 && entry.stalled_seconds > seconds) {
      slow.push_back(entry.connection);
    }
  }
  return slow;
}

}  // namespace frond::server
