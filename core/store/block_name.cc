#include "store/block_name.h"

#include "base/limits.h"

#include <charconv>

namespace frond::store {
namespace {

constexpr std::string_view extension = ".blk";

}  // namespace

std::string print_block_name(const BlockName& name) {
  std::string text = std::to_string(name.number);
  if (name.generation > 0) text += '.' + std::to_string(name.generation);
  return text + std::string(extension);
}

std::optional<BlockName> parse_block_name(std::string_view text) {
  BlockName name;
  const char* const end = text.data() + text.size();
  auto result = std::from_chars(text.data(), end, name.number);
  if (result.ec != std::errc() || name.number == 0 || name.number > base::sequence_max) {
    return std::nullopt;
  }
  const std::string_view rest(result.ptr, static_cast<std::size_t>(end - result.ptr));
  if (rest.starts_with('.') && rest != extension) {
    result = std::from_chars(rest.data() + 1, end, name.generation);
    if (result.ec != std::errc()) return std::nullopt;
  }
  return print_block_name(name) == text ? std::optional(name) : std::nullopt;
}

}  // namespace frond::store
