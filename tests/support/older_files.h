#pragma once
// Small files as the first builds of 0.1.0 left them: the text itself, in one copy, whatever it
// says. Tests of recovery put configs there that no build of today would have written.

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace frond::test {

/// Rewrites the file at `path`, whose text begins with `start`, with `to` in place of `from`.
template <class Files>
void rewrite_plainly(Files& files, const std::string& path, std::string_view start,
                     std::string_view from, std::string_view to) {
  std::string text = files.at(path);
  const std::size_t begin = text.find(start);
  const std::size_t at = text.find(from);
  if (begin == std::string::npos || at == std::string::npos) {
    throw std::logic_error("no such text in " + path);
  }
  text.replace(at, from.size(), to);
  files[path] = text.substr(begin);
  files.erase(path + ".2");
}

}  // namespace frond::test
