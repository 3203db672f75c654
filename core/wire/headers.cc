#include "wire/headers.h"

namespace frond::wire {
namespace {

constexpr std::string_view crlf = "\r\n";

std::string_view first_line(std::string_view block) { return block.substr(0, block.find(crlf)); }

/// A client's block may end in the middle of a line.
void append_whole(std::string& out, const HeaderLine& line) {
  out.append(line.line);
  if (!line.line.ends_with(crlf)) {
    out.append(crlf);
  }
}

/// Copies the block without the lines for which `drop` is true.
template <class Drop>
void filter_lines(std::string& block, Drop drop) {
  bool found = false;
  for (HeaderCursor cursor(block); cursor.next() && !found;) {
    found = drop(cursor.line());
  }
  if (!found) {
    return;
  }
  std::string kept(first_line(block));
  kept.append(crlf);
  for (HeaderCursor cursor(block); cursor.next();) {
    if (!drop(cursor.line())) {
      append_whole(kept, cursor.line());
    }
  }
  if (kept == "NATS/1.0\r\n") {
    kept.clear();
  } else {
    kept.append(crlf);
  }
  block = std::move(kept);
}

void append_line(std::string& out, std::string_view key, std::string_view value) {
  out.append(key).append(": ").append(value).append(crlf);
}

}  // namespace

HeaderCursor::HeaderCursor(std::string_view block) : rest_(block) {
  const std::size_t end = block.find(crlf);
  rest_.remove_prefix(end == std::string_view::npos ? block.size() : end + crlf.size());
}

bool HeaderCursor::next() {
  while (!rest_.empty()) {
    const std::size_t end = rest_.find(crlf);
    const std::string_view text = rest_.substr(0, end);
    const std::size_t size = end == std::string_view::npos ? rest_.size() : end + crlf.size();
    line_.line = rest_.substr(0, size);
    rest_.remove_prefix(size);
    if (text.empty()) {
      rest_ = {};  // The end of the block; what a client put behind it is no header.
      return false;
    }
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) {
      continue;
    }
    line_.key = text.substr(0, colon);
    line_.value = text.substr(colon + 1);
    while (!line_.value.empty() && line_.value.front() == ' ') {
      line_.value.remove_prefix(1);
    }
    return true;
  }
  return false;
}

bool header_block_complete(std::string_view block) {
  const std::string_view line = first_line(block);
  return line.starts_with(header_version) &&
         (line.size() == header_version.size() || line[header_version.size()] == ' ') &&
         block.ends_with("\r\n\r\n");
}

std::optional<std::string_view> header_value(std::string_view block, std::string_view key) {
  for (HeaderCursor cursor(block); cursor.next();) {
    if (cursor.line().key == key) {
      return cursor.line().value;
    }
  }
  return std::nullopt;
}

void header_append(std::string& block, std::string_view key, std::string_view value) {
  if (block.empty()) {
    block.append(header_version).append(crlf);
  } else if (const std::size_t end = block.find("\r\n\r\n"); end != std::string::npos) {
    block.resize(end + crlf.size());
  } else if (!block.ends_with(crlf)) {
    block.append(crlf);
  }
  append_line(block, key, value);
  block.append(crlf);
}

void header_set(std::string& block, std::string_view key, std::string_view value) {
  bool found = false;
  std::string changed(first_line(block));
  changed.append(crlf);
  for (HeaderCursor cursor(block); cursor.next();) {
    if (cursor.line().key != key) {
      append_whole(changed, cursor.line());
    } else if (!found) {
      append_line(changed, key, value);
      found = true;
    }
  }
  if (!found) {
    header_append(block, key, value);
    return;
  }
  changed.append(crlf);
  block = std::move(changed);
}

void header_remove(std::string& block, std::string_view key) {
  filter_lines(block, [key](const HeaderLine& line) { return line.key == key; });
}

void header_remove_prefix(std::string& block, std::string_view prefix) {
  filter_lines(block, [prefix](const HeaderLine& line) { return line.key.starts_with(prefix); });
}

std::optional<HeaderStatus> header_status(std::string_view block) {
  std::string_view line = first_line(block);
  if (!line.starts_with(header_version)) {
    return std::nullopt;
  }
  line.remove_prefix(header_version.size());
  while (!line.empty() && line.front() == ' ') {
    line.remove_prefix(1);
  }
  if (line.empty()) {
    return std::nullopt;
  }
  HeaderStatus status;
  status.code = line.substr(0, 3);
  line.remove_prefix(status.code.size());
  while (!line.empty() && line.front() == ' ') {
    line.remove_prefix(1);
  }
  status.description = line;
  return status;
}

std::string header_block(std::string_view code, std::string_view description,
                         const HeaderFields& fields) {
  std::string block(header_version);
  if (!code.empty()) {
    block.append(" ").append(code);
    if (!description.empty()) {
      block.append(" ").append(description);
    }
  }
  block.append(crlf);
  for (const auto& [key, value] : fields) {
    append_line(block, key, value);
  }
  block.append(crlf);
  return block;
}

}  // namespace frond::wire
