#include "query/names.h"

namespace frond::query {
namespace {

constexpr std::size_t slots_min = 16;

std::uint32_t hash_of(std::string_view name) {
  std::uint32_t hash = 0x811c9dc5;
  for (const char c : name) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193;
  }
  return hash ^ (hash >> 15);
}

}  // namespace

/// Where the name is, or would be.
std::size_t Names::slot_of(std::string_view name) const {
  std::size_t slot = hash_of(name) % slots_.size();
  while (slots_[slot] != 0 && names_[slots_[slot] - 1] != name) {
    slot = (slot + 1) % slots_.size();
  }
  return slot;
}

std::uint32_t Names::find(std::string_view name) const {
  const std::uint32_t found = slots_.empty() ? 0 : slots_[slot_of(name)];
  return found == 0 ? none : found - 1;
}

void Names::grow() {
  slots_.assign(slots_.empty() ? slots_min : slots_.size() * 2, 0);
  for (std::size_t i = 0; i < names_.size(); ++i) {
    slots_[slot_of(names_[i])] = static_cast<std::uint32_t>(i + 1);
  }
}

std::uint32_t Names::add(std::string_view name) {
  if (names_.size() * 2 >= slots_.size()) {
    grow();
  }
  std::uint32_t& slot = slots_[slot_of(name)];
  if (slot == 0) {
    names_.emplace_back(name);
    bytes_ += sizeof(std::string) + 2 * sizeof(slot) + name.size();
    slot = static_cast<std::uint32_t>(names_.size());
  }
  return slot - 1;
}

void Names::clear() {
  names_.clear();
  slots_.clear();
  bytes_ = 0;
}

}  // namespace frond::query
