#pragma once
// A host for one engine in a test: files in RAM, commits that wait until the test lets them
// through, entropy that counts, and clients that are strings. Lives for one test.

#include "support/fake_storage.h"

#include <frond/engine.h>

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace frond::test {

inline Config named(std::string name, std::string domain = {}) {
  Config config;
  config.name = std::move(name);
  config.domain = std::move(domain);
  return config;
}

inline ConnectionInfo client_info() {
  ConnectionInfo info;
  info.kind = ConnectionKind::client;
  info.trusted = true;
  info.address = "test";
  return info;
}

/// An engine, its files and what it said to each connection.
/// A PUB with its payload, as a client sends it.
inline std::string publish_line(std::string_view subject, std::string_view reply,
                                std::string_view body) {
  return "PUB " + std::string(subject) + " " + std::string(reply) + " " +
         std::to_string(body.size()) + "\r\n" + std::string(body) + "\r\n";
}

class TestNode {
 public:
  explicit TestNode(Config config = {}, bool appends = true)
      : config_(std::move(config)), files(appends) {
    start();
  }

  /// As after a crash: what was not committed is gone.
  void restart() {
    engine.reset();
    commits.clear();
    sent.clear();
    closed.clear();
    start();
  }

  /// A client that is connected and past its handshake.
  ConnectionId client(std::string_view options =
                          R"({"verbose":false,"headers":true,"no_responders":true,"protocol":1})") {
    const ConnectionId id{next_id_++};
    engine->connected(id, client_info(), both());
    say(id, "CONNECT " + std::string(options) + "\r\nPING\r\n");
    sent[id].clear();
    return id;
  }

  void say(ConnectionId id, std::string_view bytes) {
    engine->received(id, bytes, both());
    drain();
  }
  /// What the connection was told since the last call.
  std::string heard(ConnectionId id) { return std::exchange(sent[id], {}); }

  /// Lets the oldest commit through, or fails it.
  void commit(std::string_view error = {}) {
    const CommitStorage oldest = std::move(commits.front());
    commits.pop_front();
    if (error.empty()) files.apply(oldest);
    engine->stored(oldest.ticket, error, both());
    drain();
  }
  void commit_all() {
    while (!commits.empty()) commit();
  }
  /// Time passes, and the engine is called at each of its deadlines.
  void pass(Duration span) {
    const Instant until = now + span;
    while (engine->next_deadline() <= until) {
      now = std::max(now, engine->next_deadline());
      engine->tick(both());
      drain();
      commit_all();
      now += std::chrono::microseconds(1);
    }
    now = std::max(now, until);
  }

  /// One request on an inbox of its own; commits are let through.
  std::string request(ConnectionId id, std::string_view subject, std::string_view body) {
    const std::string inbox = "_INBOX.t." + std::to_string(++inbox_);
    say(id, "SUB " + inbox + " r\r\nUNSUB r 1\r\n" + publish_line(subject, inbox, body));
    commit_all();
    const std::string told = heard(id);
    const std::size_t line = told.find("\r\n");
    return line == std::string::npos ? told : told.substr(line + 2, told.size() - line - 4);
  }

  Now both() const { return {now, WallTime(now.time_since_epoch() + wall_ahead)}; }

  void drain() {
    // What is written makes room, and that may make more to write.
    while (!engine->outbox().empty()) {
      carry_out();
    }
  }

 private:
  void carry_out() {
    std::vector<std::pair<ConnectionId, std::size_t>> written;
    for (Output& output : engine->outbox().take()) {
      if (auto* send = std::get_if<SendBytes>(&output)) {
        sent[send->connection] += send->bytes;
        written.push_back({send->connection, send->bytes.size()});
      } else if (auto* close = std::get_if<CloseConnection>(&output)) {
        closed[close->connection] = close->reason;
      } else if (auto* commit = std::get_if<CommitStorage>(&output)) {
        commits.push_back(std::move(*commit));
      } else if (auto* dial = std::get_if<DialHub>(&output)) {
        dials.push_back(*dial);
      } else if (auto* reading = std::get_if<HoldReading>(&output)) {
        held[reading->connection] = reading->hold;
      } else {
        notices.push_back(std::get<Notice>(output));
      }
    }
    for (const auto& [id, bytes] : written) {
      if (!deaf.contains(id)) engine->sent(id, bytes, both());
    }
  }

  void start() {
    engine = std::make_unique<Engine>(config_, Host{files, entropy_, nullptr}, both());
    drain();
  }

  Config config_;
  TestEntropy entropy_{42};
  std::uint64_t next_id_ = 1;
  std::uint64_t inbox_ = 0;

 public:
  FakeStorage files;
  Instant now{std::chrono::seconds(1'800'000'000)};
  Duration wall_ahead{0};  ///< The wall clock, as far as a test sets it.
  std::unique_ptr<Engine> engine;
  std::map<ConnectionId, std::string> sent;
  std::map<ConnectionId, std::string> closed;
  std::map<ConnectionId, bool> held;
  std::set<ConnectionId> deaf;  ///< They read nothing.
  std::deque<CommitStorage> commits;
  std::vector<DialHub> dials;
  std::vector<Notice> notices;
};

}  // namespace frond::test
