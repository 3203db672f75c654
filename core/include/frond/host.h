#pragma once
// What a host lends to the engine for its lifetime: synchronous reads of its files, entropy,
// signatures and their check. Writes are not here, they are outputs (output.h), because only an
// output can be waited for. Each interface has a real, an in-memory and a faulty implementation.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace frond {

struct FileInfo {
  std::string path;  ///< Relative to the node's directory, '/' between parts.
  std::uint64_t size_bytes = 0;
};

/// Reads of what earlier commits made durable. Only called between commits' effects: the host
/// applies a commit's operations to what these functions see at the latest when it reports
/// Engine::stored, and a failed commit is not seen.
class StorageReader {
 public:
  virtual ~StorageReader() = default;
  /// All files whose path starts with `prefix`, sorted by path.
  virtual std::vector<FileInfo> list(std::string_view prefix) const = 0;
  /// Up to `length` bytes from `offset`; fewer at the end of the file; nothing when unreadable.
  virtual std::optional<std::string> read(std::string_view path, std::uint64_t offset,
                                          std::uint64_t length) const = 0;
  /// True when appending to a file costs only the appended bytes (a directory with fsync); false
  /// when each changed file is stored anew as a whole (IndexedDB through IDBFS).
  virtual bool appends() const = 0;
  /// False when nothing survives the process (private mode, memory); only shown in status.
  virtual bool persistent() const = 0;
};

/// Randomness for inboxes, ids, jitter and queue picks. Deterministic under simulation.
class Entropy {
 public:
  virtual ~Entropy() = default;
  virtual std::uint64_t next() = 0;
};

/// Signs the nonce of a hub's INFO with the user's nkey (AU-07). Absent without nkey or JWT.
class Signer {
 public:
  virtual ~Signer() = default;
  /// The public nkey ("U..."), sent when no JWT is configured. Empty: there is nothing to sign
  /// with.
  virtual std::string public_key() const = 0;
  /// Ed25519 signature of the nonce's bytes, base64url without padding.
  virtual std::string sign(std::string_view nonce) const = 0;
};

/// Checks the signatures of clients that connect with an nkey (AU-07). Absent: they are refused.
class Verifier {
 public:
  virtual ~Verifier() = default;
  /// Whether `signature` (raw bytes) is the one of `nonce` by the owner of this public nkey.
  virtual bool verify(std::string_view public_key, std::string_view nonce,
                      std::string_view signature) const = 0;
};

/// All that Engine needs; the references must outlive it.
struct Host {
  const StorageReader& files;
  Entropy& entropy;
  const Signer* signer = nullptr;
  const Verifier* verifier = nullptr;
  /// Answers CheckSecret. Without it nobody is let in whose secret is kept as a hash.
  bool checks_secrets = false;
};

}  // namespace frond
