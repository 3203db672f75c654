// The server's configuration file as anyone may write it: it is read, or refused with an error that
// names the file and a line of it.
#include "input.h"
#include "server/conf/parser.h"
#include "server/conf/settings.h"
#include "server/conf/settings_file.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

namespace {

using frond::fuzz::must;

constexpr std::string_view file = "x.conf";

/// `include` would have the fuzzer read this machine's files.
bool includes(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return lower.find("include") != std::string::npos;
}

/// "x.conf:<line>: <what>"
void check_error(std::string_view error, std::string_view text) {
  must(error.starts_with(file) && error.substr(file.size()).starts_with(':'), "it names the file");
  error.remove_prefix(file.size() + 1);
  std::size_t line = 0;
  const auto [end, status] = std::from_chars(error.data(), error.data() + error.size(), line);
  must(status == std::errc(), "it names a line");
  const std::string_view what(end, static_cast<std::size_t>(error.data() + error.size() - end));
  must(what.starts_with(": ") && what.size() > 2, "it says what is wrong");
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  must(line >= 1 && line <= lines, "the line is one of the file's");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace frond::server;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (includes(text)) return 0;
  const std::string name(file);
  try {
    const ConfMap conf = parse_conf(text, name);
    Settings settings;
    apply_conf(conf, name, settings);
  } catch (const ConfError& error) {
    check_error(error.what(), text);
  }
  return 0;
}
