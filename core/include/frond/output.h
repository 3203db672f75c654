#pragma once
// Everything the engine can ask of its host, as values. Each input call of Engine (engine.h) leaves
// outputs in the engine's Outbox; the host drains them after every input and carries them out.
// Values own their bytes, so a host may keep them as long as it likes.

#include <frond/types.h>

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace frond {

/// Bytes for the other end of a connection, in order. The host reports progress with Engine::sent.
struct SendBytes {
  ConnectionId connection{};
  std::string bytes;
};

/// Close this connection after everything already handed over for it has been written. The engine
/// has forgotten the connection; the host need not (but may) answer with Engine::closed.
struct CloseConnection {
  ConnectionId connection{};
  std::string reason;  ///< One of NATS's close reasons (CP-24), for logs and connz.
};

/// Open a WebSocket (or TCP, by the URL's scheme) to the hub under this connection id. The host
/// answers with Engine::connected or Engine::closed for that id.
struct DialHub {
  ConnectionId connection{};
  std::string url;
};

/// Stop reading from this connection, or go on: what it sends comes faster than the disk takes it.
/// Bytes may still be sent to it. A host that cannot stop keeps what comes, up to a bound of its
/// own. A close ends a hold.
struct HoldReading {
  ConnectionId connection{};
  bool hold = false;
};

/// Replace the file as a whole; creates it and its directories.
struct WriteFile {
  std::string path;
  std::string contents;
};
/// Write `contents` at `offset`, which is at most the file's length; the file ends behind it.
/// Only asked of hosts whose StorageReader::appends() is true.
struct AppendFile {
  std::string path;
  std::uint64_t offset = 0;
  std::string contents;
};
/// Remove the file; a missing file is fine.
struct RemoveFile {
  std::string path;
};
using FileOperation = std::variant<WriteFile, AppendFile, RemoveFile>;

/// Make these operations durable, in order, then call Engine::stored with the ticket. At most one
/// commit is in flight. After a failure the host leaves the files as they were before the commit as
/// far as it can, and the engine reloads the streams concerned from the log.
struct CommitStorage {
  Ticket ticket{};
  std::vector<FileOperation> operations;
};

enum class NoticeKind : std::uint8_t {
  link_state,         ///< text: JSON {"state","cause"?,"since","hub"?}
  storage_failed,     ///< text: what failed; publishes of that commit were refused
  block_quarantined,  ///< text: path and reason; the rest of the stream is served
  log,                ///< text: a line for the operator's log
};
/// Something the host may show; nothing depends on its being carried out.
struct Notice {
  NoticeKind kind{};
  std::string text;
};

/// Find out whether `secret` is what this bcrypt hash was made of, which takes long, and answer
/// with Engine::secret_checked. One at a time for each connection; only asked of a Host that
/// checks_secrets.
struct CheckSecret {
  ConnectionId connection{};
  std::string hash;
  std::string secret;
};

using Output = std::variant<SendBytes, CloseConnection, DialHub, HoldReading, CommitStorage, Notice,
                            CheckSecret>;

/// The list the engine fills and the host empties. Reused from call to call.
class Outbox {
 public:
  void push(Output output) { outputs_.push_back(std::move(output)); }
  bool empty() const { return outputs_.empty(); }
  /// Takes all outputs; the outbox is empty afterwards.
  std::vector<Output> take() { return std::exchange(outputs_, {}); }

 private:
  std::vector<Output> outputs_;
};

}  // namespace frond
