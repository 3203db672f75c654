#pragma once
// The disk of one simulated node. It knows what is durable and what is in the commit under way. A
// crash keeps, of the commit under way: with appends() a random prefix of its operations, the last
// append torn at any byte (whole files are replaced by rename, so they are never torn); without
// appends() all of it or nothing, as an IndexedDB transaction. The engine sees a commit's effects
// from its begin or only from its end, as the host likes (host.h allows both). Misfortunes can make
// it worse: bits flip, an older image takes the place of the files, a failed commit leaves a part
// of itself behind, some paths can never be written again.

#include "sim/lie.h"
#include "sim/random.h"

#include <frond/host.h>
#include <frond/output.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace frond::sim {

class SimStorage final : public StorageReader {
 public:
  using Files = std::map<std::string, std::string, std::less<>>;

  SimStorage(Random& random, bool appends, Lie lie)
      : random_(random), appends_(appends), lie_(lie) {}

  std::vector<FileInfo> list(std::string_view prefix) const override;
  std::optional<std::string> read(std::string_view path, std::uint64_t offset,
                                  std::uint64_t length) const override;
  bool appends() const override { return appends_; }
  bool persistent() const override { return true; }

  bool busy() const { return under_way_.has_value(); }
  /// Takes a commit; returns what is wrong with it (a broken contract of the engine), or "".
  std::string begin(CommitStorage commit);
  void finish();
  void fail();
  void crash();

  // Misfortunes. What is durable, while no process runs on it:
  const Files& image() const { return durable_; }
  void restore(Files image);
  void flip(const std::string& path, std::size_t at, unsigned bit);
  /// Whether a bit of this file was flipped.
  bool damaged(std::string_view path) const { return damaged_.contains(path); }
  /// Whether the text names a file that was damaged.
  bool names_damage(std::string_view text) const;
  /// Chance in percent that a failed commit leaves a part of itself behind.
  void keep_of_failed(unsigned percent) { keep_of_failed_percent_ = percent; }
  /// Every commit that touches a path with this prefix fails from now on.
  void refuse_for_ever(std::string prefix) { refused_.push_back(std::move(prefix)); }
  /// Whether the commit under way can be carried out at all.
  bool refused() const;

 private:
  std::string check(const FileOperation& operation, const Files& files) const;
  static void apply(Files& files, const FileOperation& operation);
  void revert(const FileOperation& operation);
  void keep_prefix();
  void lie_at_crash();

  Random& random_;
  bool appends_;
  Lie lie_;
  Files durable_;
  Files visible_;
  Files older_states_;  ///< First durable form of each consumer state (Lie::stale_consumer).
  Files deleted_;       ///< Of streams that were deleted (Lie::undelete).
  std::set<std::string, std::less<>> damaged_;
  std::vector<std::string> refused_;
  unsigned keep_of_failed_percent_ = 0;
  bool forgets_ = false;  ///< Lie::ack_early: from here to the next crash nothing is kept.
  std::optional<CommitStorage> under_way_;
};

}  // namespace frond::sim
