#pragma once
// Whole files that people and their tools write and read: configurations, credentials, the process
// id. A file is there whole or there is an error that says why: half of one, or none where one was
// meant, would be taken for what it says. What the node stores is commit_executor's.

#include <string>
#include <string_view>

namespace frond::server {

struct TextFile {
  std::string text;
  std::string error;  ///< "open x.conf: no such file or directory", as Go says it; else empty.
};

/// All that stands there up to its end. Also of a pipe.
TextFile read_text_file(const std::string& path);

/// Replaces what stands there. Empty, or what went wrong.
std::string write_text_file(const std::string& path, std::string_view text);

}  // namespace frond::server
