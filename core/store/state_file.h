#pragma once
// A small file that is written whole, again and again, and must not be lost to one bad sector: the
// state of a consumer, a forwarder or a mirror, the config of a stream or consumer. Two files take
// turns, `path` and `path` + ".2"; each carries a generation number and a CRC-32C. So one write a
// save leaves the copy before it as it is, and whatever becomes of the newest copy, its
// predecessor can be read. Between those owners and the Journal; lives as long as its owner.
//
// What owners must do with what load() says:
// - whole: nothing.
// - stale: what they get may be older than what was last saved, by one save or, after a restored
//   backup, by more. A fact in it ("acknowledged up to 7") still holds; that it is the newest one
//   does not. Whatever a newer copy might have said is in doubt and has to be looked up or done
//   again, never assumed.
// - lost: there was something and nothing of it is left. Not the same as absent: everything is in
//   doubt.

#include "store/journal.h"

#include <frond/host.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace frond::store {

class StateFile {
 public:
  enum class Condition : std::uint8_t {
    absent,  ///< Neither file is there: never saved, or removed.
    whole,   ///< The newest copy.
    stale,   ///< A copy, but another one is damaged or missing that may have been newer.
    lost,    ///< Files are there, and none of them can be read.
  };
  struct Copy {
    Condition condition = Condition::absent;
    std::string text;              ///< Empty unless whole or stale.
    std::uint64_t generation = 0;  ///< Grows by one with each save; 0 unless whole or stale.
    std::string older;             ///< The copy before it, when that can be read.
  };

  /// Nothing is read yet; a fresh one takes it that no file is there. A file that begins with
  /// `plain_start` is the text itself, as the first builds of 0.1.0 wrote it: generation 1.
  StateFile(Journal& journal, const StorageReader& files, std::string path,
            std::string_view plain_start);

  /// Reads both files, once, before the first save.
  Copy load();
  /// The same for who has listed a folder with many of them already (sorted by path).
  Copy load(const std::vector<FileInfo>& listed);
  /// Records one write; saves that share a commit share a write.
  void save(std::string_view text);
  /// Writes both copies in one commit: for what is seldom written and must not be a step behind
  /// when one of them is damaged, as a config.
  void save_twice(std::string_view text);
  /// Records the removal of what is there.
  void remove();

  const std::string& path() const { return path_; }
  /// The path of the state file that keeps one of its copies at `file`: the same, or without ".2".
  static std::string_view owner_of(std::string_view file);

 private:
  struct Slot {
    bool there = false;
    std::uint64_t generation = 0;  // 0: damaged or not there.
    std::string text;
  };
  std::string path_of(std::uint64_t generation) const;
  Slot read_slot(std::size_t number, const std::vector<FileInfo>& listed) const;
  void read_again_after_failure();
  void begin_save(std::uint64_t copies);

  Journal& journal_;
  const StorageReader& files_;
  const std::string path_;
  const std::string_view plain_start_;
  std::uint64_t generation_ = 0;     // Of the last save, or of the newest whole copy.
  bool debris_ = false;              // Files are there, none of them whole.
  std::optional<Ticket> saved_in_;   // The commit that the last save is in.
  std::uint64_t failures_seen_ = 0;  // Of the journal, when the above was last known to be so.
};

/// "state may be older than what was last saved" and the like, for a report; empty when all is
/// well.
std::string_view complaint(StateFile::Condition condition);

}  // namespace frond::store
