#pragma once
// Header blocks (HD-01, HD-02): "NATS/1.0[ status[ description]]" CRLF, "Key: value" CRLF lines, an
// empty line. Keys are compared by case, as nats-server does; lines that are not asked for are kept
// as they are, byte for byte. Functions on views; what is built is owned by the caller.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace frond::wire {

inline constexpr std::string_view header_version = "NATS/1.0";

/// One "Key: value" line; the value without the blanks before it.
struct HeaderLine {
  std::string_view key;
  std::string_view value;
  std::string_view line;  ///< The whole line with its CRLF.
};

/// Walks over the lines of a block behind its first one. Lines without ':' are skipped.
class HeaderCursor {
 public:
  explicit HeaderCursor(std::string_view block);
  bool next();
  const HeaderLine& line() const { return line_; }

 private:
  std::string_view rest_;
  HeaderLine line_;
};

/// Whether this is a complete block: first line and end are as HD-01 says. (Servers pass on blocks
/// of clients unread; only what looks into one asks.)
bool header_block_complete(std::string_view block);

/// Value of the first line with exactly this key; may be empty. Nothing when there is none.
std::optional<std::string_view> header_value(std::string_view block, std::string_view key);

/// "Key: value" appended to a block, which is begun when `block` is empty.
void header_append(std::string& block, std::string_view key, std::string_view value);
/// Replaces the first line with this key where it stands, drops further ones, or appends it.
void header_set(std::string& block, std::string_view key, std::string_view value);
/// Drops all lines with this key. A block that has neither a status nor lines left becomes empty.
void header_remove(std::string& block, std::string_view key);
/// Drops all lines whose key starts with `prefix` ("Nats-Expected-").
void header_remove_prefix(std::string& block, std::string_view prefix);

/// The status in the first line, e.g. {"503", ""} or {"408", "Request Timeout"}; nothing when the
/// block has none.
struct HeaderStatus {
  std::string_view code;
  std::string_view description;
};
std::optional<HeaderStatus> header_status(std::string_view block);

using HeaderFields = std::vector<std::pair<std::string_view, std::string_view>>;
/// "NATS/1.0 404 No Messages\r\n<fields>\r\n" (HD-03); a block without status for an empty code.
std::string header_block(std::string_view code, std::string_view description,
                         const HeaderFields& fields = {});

}  // namespace frond::wire
