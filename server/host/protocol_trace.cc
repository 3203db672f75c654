#include "server/host/protocol_trace.h"

#include "server/conf/scalar.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace frond::server {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kConnect = "connect";
constexpr std::size_t kLineBytesMax = 64 * 1024;
constexpr std::size_t kShownBytesMax = 256;

std::string_view trimmed(std::string_view line) {
  const std::size_t from = std::min(line.find_first_not_of(" \t\r"), line.size());
  return line.substr(from);
}

/// Whether the line is a CONNECT, or may become one when more of it comes.
bool may_connect(std::string_view line) {
  const std::string word = conf_folded(trimmed(line).substr(0, kConnect.size()));
  return kConnect.starts_with(word);
}

bool is_secret(std::string_view key) {
  static constexpr std::array secret =
      std::to_array<std::string_view>({"pass", "auth_token", "jwt", "sig", "nkey", "proxy_sig"});
  return std::ranges::find(secret, conf_folded(key)) != secret.end();
}

}  // namespace

std::string redacted(std::string_view line) {
  const std::string_view text = trimmed(line);
  if (text.size() < kConnect.size() || !may_connect(text)) {
    return std::string(line);
  }
  const std::string verb(text.substr(0, kConnect.size()));
  Json options = Json::parse(text.substr(kConnect.size()), nullptr, false);
  if (!options.is_object()) {
    return verb + " [REDACTED]";  // Whatever it is, somebody meant it to be one.
  }
  for (auto it = options.begin(); it != options.end(); ++it) {
    if (is_secret(it.key())) {
      it.value() = "[REDACTED]";
    }
  }
  return verb + " " + options.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void ProtocolTrace::say(Direction direction, std::uint64_t connection, std::string_view bytes) {
  std::string& begun = begun_[{connection, direction}];
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    begun += bytes.substr(0, end);
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    const bool whole = end != std::string_view::npos;
    if (!whole && may_connect(begun)) {
      if (begun.size() > kLineBytesMax) {
        begun.resize(kLineBytesMax);  // Without its end it is shown as unreadable.
      }
      return;
    }
    if (!begun.empty() && begun.back() == '\r') {
      begun.pop_back();
    }
    if (!begun.empty()) {
      line(direction, connection, redacted(begun));
    }
    begun.clear();
  }
}

void ProtocolTrace::forget(std::uint64_t connection) {
  begun_.erase({connection, Direction::in});
  begun_.erase({connection, Direction::out});
}

void ProtocolTrace::line(Direction direction, std::uint64_t connection,
                         std::string_view text) const {
  std::string shown = "cid:" + std::to_string(connection) + " - " +
                      (direction == Direction::in ? "<<-" : "->>") + " [";
  for (const char c : text.substr(0, kShownBytesMax)) {
    shown += static_cast<unsigned char>(c) < 0x20 ? '.' : c;
  }
  log_.trace(shown + (text.size() > kShownBytesMax ? "...]" : "]"));
}

}  // namespace frond::server
