#pragma once
// Group commit. Stores, consumers and sync record their file operations here; at the end of each
// engine input the engine seals what has gathered into one CommitStorage, if none is in flight.
// Everything that arrives meanwhile shares the next one (design section 5). One per engine.

#include <frond/host.h>
#include <frond/output.h>
#include <frond/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace frond::store {

/// Who gathers changes in memory and turns them into file operations only when a commit is about to
/// leave, so that all records of a stream between two commits become one append or one small file.
class JournalClient {
 public:
  virtual ~JournalClient() = default;
  /// Record everything gathered so far; called by Journal::seal() when it was announced.
  virtual void before_seal() = 0;

 private:
  friend class Journal;
  bool announced_ = false;
};

class Journal {
 public:
  /// Replaces the file as a whole; a second write to the path before sealing replaces the first.
  void write(std::string path, std::string contents);
  /// Adds at the file's end; `offset` is where that is. Adjacent appends to a path are joined.
  void append(std::string_view path, std::uint64_t offset, std::string_view bytes);
  void remove(std::string path);
  /// Removes every file under `prefix`: those `files` shows, those the commit in flight creates and
  /// those recorded since.
  void remove_all(const StorageReader& files, std::string_view prefix);

  /// The client holds changes for the next commit, so many bytes more than before: seal() asks it
  /// for them. Several share a commit; those that hold nothing are not visited.
  void announce(JournalClient& client, std::uint64_t bytes = 0);
  /// The client is going away, with what it holds.
  void withdraw(JournalClient& client);

  /// The ticket that operations recorded until the next seal() will carry. What depends on an
  /// operation recorded (or announced) now waits for this ticket.
  Ticket open_ticket() const { return open_; }
  Ticket durable() const { return durable_; }
  bool is_durable(Ticket ticket) const { return ticket <= durable_; }
  bool pending() const { return !announced_.empty() || !operations_.empty(); }
  bool in_flight() const { return in_flight_; }
  /// What is not durable yet: announced, recorded, or on its way.
  std::uint64_t unsaved_bytes() const {
    return announced_bytes_ + recorded_bytes_ + in_flight_bytes_;
  }
  /// A file is of a later version of the format: nothing is written any more, as nobody here knows
  /// what would become of it.
  void found_newer(std::string_view path) {
    if (newer_.empty()) newer_ = path;
  }
  /// The first of them; empty when there is none.
  const std::string& newer_file() const { return newer_; }
  /// How many commits have failed. Who keeps in RAM what the files should hold compares it with the
  /// number it last saw.
  std::uint64_t failures() const { return failures_; }

  /// The next commit, when operations wait and none is in flight.
  std::optional<CommitStorage> seal();
  /// The commit in flight is durable.
  void completed(Ticket ticket);
  /// It failed: it and everything gathered since is dropped. Tickets up to the returned one are
  /// lost; the engine refuses their replies and reloads the streams from their files.
  Ticket failed(Ticket ticket);
  /// The path of the commit in flight that `error` names, as hosts do that know which file it was;
  /// else nothing. To be asked before failed().
  std::string blamed(std::string_view error) const;

 private:
  FileOperation* last_of(std::string_view path);

  std::vector<JournalClient*> announced_;  // In the order in which they came.
  std::uint64_t announced_bytes_ = 0;
  std::uint64_t recorded_bytes_ = 0;
  std::uint64_t in_flight_bytes_ = 0;
  std::vector<FileOperation> operations_;
  std::unordered_map<std::string, std::size_t>
      last_by_path_;  // Index of the path's last operation.
  std::unordered_set<std::string> in_flight_paths_;
  Ticket open_{1};
  Ticket durable_{0};
  std::uint64_t failures_ = 0;
  bool in_flight_ = false;
  std::string newer_;
};

}  // namespace frond::store
