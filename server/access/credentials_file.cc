#include "server/access/credentials_file.h"

#include <algorithm>

namespace frond::server {
namespace {

std::string_view line_of(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) {
    line.remove_suffix(1);
  }
  return line;
}

/// The text of the next block, which `rest` is moved behind; empty when there is none.
std::string next_block(std::string_view& rest) {
  std::string text;
  bool inside = false;
  while (!rest.empty()) {
    const std::string_view line = line_of(rest);
    const bool mark = line.starts_with("---");
    if (inside && mark) {
      return text;
    }
    if (inside) {
      text += line;
    }
    inside = inside || (mark && line.find("BEGIN") != std::string_view::npos);
  }
  return {};
}

}  // namespace

std::optional<Credentials> parse_credentials(std::string_view text) {
  Credentials found;
  found.jwt = next_block(text);
  found.nkey_seed = next_block(text);
  return found.jwt.empty() || found.nkey_seed.empty() ? std::nullopt : std::optional(found);
}

}  // namespace frond::server
