#include "store/file_name.h"

#include "base/limits.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace frond::store {
namespace {

constexpr std::string_view hex = "0123456789ABCDEF";
constexpr std::size_t hash_digits = 16;
/// Stands in no encoded name, so that a shortened name is never the encoding of another.
constexpr char hash_mark = '~';
constexpr std::size_t beginning_bytes = base::file_name_bytes_max - hash_digits - 1;

/// FNV-1a. What is equal by chance is told apart by who is asked whether the name is taken.
std::uint64_t hash_of(std::string_view name) {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  return hash;
}

/// Windows keeps these for devices, with any extension and in any case.
bool reserved(std::string_view lower) {
  static constexpr std::array<std::string_view, 4> words{"con", "prn", "aux", "nul"};
  if (std::ranges::find(words, lower) != words.end()) return true;
  return lower.size() == 4 && (lower.starts_with("com") || lower.starts_with("lpt")) &&
         lower[3] >= '0' && lower[3] <= '9';
}

std::string with_hash(std::string_view encoded, std::uint64_t hash) {
  std::string out(encoded.substr(0, beginning_bytes));
  // Not in the middle of a percent-encoded byte.
  if (const std::size_t percent = out.rfind('%');
      percent != std::string::npos && percent + 3 > out.size()) {
    out.resize(percent);
  }
  out += hash_mark;
  for (std::size_t digit = hash_digits; digit-- > 0;) out += hex[(hash >> (4 * digit)) & 0xF];
  return out;
}

}  // namespace

std::string encoded_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_';
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += hex[byte >> 4];
    out += hex[byte & 0xF];
  }
  return out;
}

std::string folded(std::string_view file_name) {
  std::string out(file_name);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string choose_file_name(std::string_view name,
                             const std::function<bool(const std::string& folded)>& taken) {
  const std::string encoded = encoded_name(name);
  if (const std::string lower = folded(encoded);
      encoded.size() <= base::file_name_bytes_max && !reserved(lower) && !taken(lower)) {
    return encoded;
  }
  for (std::uint64_t hash = hash_of(name);; ++hash) {
    std::string candidate = with_hash(encoded, hash);
    if (!taken(folded(candidate))) return candidate;
  }
}

}  // namespace frond::store
