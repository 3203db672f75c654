#include "store/state_file.h"

#include "base/limits.h"
#include "store/checksum.h"
#include "store/format.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace frond::store {
namespace {

constexpr std::string_view second_suffix = ".2";

std::string framed(std::uint64_t generation, std::string_view text) {
  std::string checked(sizeof(generation), '\0');
  std::memcpy(checked.data(), &generation, sizeof(generation));
  checked += text;
  const std::uint32_t checksum = crc32c(checked);
  std::string out(format::state_magic);
  out.append(reinterpret_cast<const char*>(&checksum), sizeof(checksum));
  return out + checked;
}

/// Generation and text; nothing when damaged.
std::optional<std::pair<std::uint64_t, std::string_view>> unframed(std::string_view bytes) {
  constexpr std::size_t checked_from = format::state_magic.size() + sizeof(std::uint32_t);
  std::uint64_t generation = 0;
  if (!bytes.starts_with(format::state_magic) || bytes.size() < checked_from + sizeof(generation)) {
    return std::nullopt;
  }
  std::uint32_t checksum = 0;
  std::memcpy(&checksum, bytes.data() + format::state_magic.size(), sizeof(checksum));
  std::memcpy(&generation, bytes.data() + checked_from, sizeof(generation));
  if (crc32c(bytes.substr(checked_from)) != checksum) return std::nullopt;
  if (generation == 0 || generation > base::sequence_max) return std::nullopt;  // Never written.
  return std::pair(generation, bytes.substr(checked_from + sizeof(generation)));
}

/// From version 2 on the checksum is of the magic as well: so a wrong bit in the digit does not
/// pass for a later version.
bool is_newer(std::string_view bytes) {
  constexpr std::size_t digit = format::state_magic.size() - 1;
  constexpr std::size_t checked_from = format::state_magic.size() + sizeof(std::uint32_t);
  if (bytes.size() < checked_from || !bytes.starts_with(format::state_magic.substr(0, digit)) ||
      bytes[digit] <= format::state_magic[digit]) {
    return false;
  }
  std::uint32_t checksum = 0;
  std::memcpy(&checksum, bytes.data() + format::state_magic.size(), sizeof(checksum));
  std::string checked(bytes.substr(0, format::state_magic.size()));
  checked += bytes.substr(checked_from);
  return crc32c(checked) == checksum;
}

}  // namespace

StateFile::StateFile(Journal& journal, const StorageReader& files, std::string path,
                     std::string_view plain_start)
    : journal_(journal),
      files_(files),
      path_(std::move(path)),
      plain_start_(plain_start),
      failures_seen_(journal.failures()) {}

std::string_view StateFile::owner_of(std::string_view file) {
  return file.ends_with(second_suffix) ? file.substr(0, file.size() - second_suffix.size()) : file;
}

/// Odd generations lie in the first file, even ones in the second: so a save never touches the copy
/// before it, and a copy that turns up in the wrong place is found out.
std::string StateFile::path_of(std::uint64_t generation) const {
  return generation % 2 == 1 ? path_ : path_ + std::string(second_suffix);
}

StateFile::Slot StateFile::read_slot(std::size_t number,
                                     const std::vector<FileInfo>& listed) const {
  Slot slot;
  const std::string path = path_of(number);
  const auto at = std::ranges::lower_bound(listed, path, {}, &FileInfo::path);
  // A file that is there and cannot be read is damaged, not absent.
  slot.there = at != listed.end() && at->path == path;
  if (!slot.there) return slot;
  std::optional<std::string> bytes = files_.read(path, 0, at->size_bytes);
  if (!bytes) return slot;
  if (const auto copy = unframed(*bytes); copy && copy->first % 2 == number % 2) {
    slot.generation = copy->first;
    slot.text = copy->second;
  } else if (number == 1 && !plain_start_.empty() && bytes->starts_with(plain_start_)) {
    slot.generation = 1;
    slot.text = *std::move(bytes);
  } else if (is_newer(*bytes)) {
    journal_.found_newer(path);
  }
  return slot;
}

StateFile::Copy StateFile::load() { return load(files_.list(path_)); }

StateFile::Copy StateFile::load(const std::vector<FileInfo>& listed) {
  Slot newest = read_slot(1, listed);
  Slot other = read_slot(2, listed);
  failures_seen_ = journal_.failures();
  saved_in_.reset();
  if (other.generation > newest.generation) std::swap(newest, other);
  generation_ = newest.generation;
  debris_ = generation_ == 0 && (newest.there || other.there);
  if (debris_) return {Condition::lost, {}, 0, {}};
  if (generation_ == 0) return {};
  // Generation n stands beside n - 1, and the first stands alone. Anything else tells of a copy
  // that is gone, and nobody knows which.
  const bool first_alone = generation_ == 1 && !other.there;
  const bool whole = first_alone || (other.generation != 0 && other.generation == generation_ - 1);
  return {.condition = whole ? Condition::whole : Condition::stale,
          .text = std::move(newest.text),
          .generation = generation_,
          .older = std::move(other.text)};
}

/// A commit that failed may have held the last save, and a host may have carried out a part of it:
/// only the files know now which copy is the newest.
void StateFile::read_again_after_failure() {
  if (failures_seen_ != journal_.failures()) load();
}

void StateFile::begin_save(std::uint64_t copies) {
  read_again_after_failure();
  if (debris_) remove();
  // The commit before the open one is durable when the open one is carried out: so the copy of a
  // save that is still in the air is a predecessor like any other.
  if (saved_in_ != journal_.open_ticket()) generation_ += copies;
  saved_in_ = journal_.open_ticket();
}

void StateFile::save(std::string_view text) {
  begin_save(1);
  journal_.write(path_of(generation_), framed(generation_, text));
}

void StateFile::save_twice(std::string_view text) {
  begin_save(2);
  // The older copy first: where a crash keeps a part of a commit, one of them is whole throughout.
  for (const std::uint64_t generation : {generation_ - 1, generation_}) {
    journal_.write(path_of(generation), framed(generation, text));
  }
}

void StateFile::remove() {
  read_again_after_failure();
  if (generation_ == 0 && !debris_) return;
  journal_.remove(path_of(1));
  journal_.remove(path_of(2));
  generation_ = 0;
  debris_ = false;
  saved_in_.reset();
}

std::string_view complaint(StateFile::Condition condition) {
  switch (condition) {
    case StateFile::Condition::stale:
      return "a copy is damaged or missing; what the other one says is used";
    case StateFile::Condition::lost:
      return "both copies are damaged";
    default:
      return {};
  }
}

}  // namespace frond::store
