#include "server/conf/scalar.h"

#include <cctype>
#include <charconv>
#include <optional>

namespace frond::server {
namespace {

/// Factor of a size suffix: a bare letter counts in thousands, with b or i in 1024s, as NATS does.
std::optional<std::int64_t> size_factor(std::string_view suffix) {
  const std::string unit = conf_folded(suffix);
  static constexpr std::string_view letters = "kmgtpe";
  if (unit.empty()) {
    return 1;
  }
  const auto power = letters.find(unit[0]);
  const std::string_view rest = std::string_view(unit).substr(1);
  if (power == std::string_view::npos ||
      (!rest.empty() && rest != "b" && rest != "i" && rest != "ib")) {
    return std::nullopt;
  }
  std::int64_t factor = 1;
  for (std::size_t i = 0; i <= power; ++i) {
    factor *= rest.empty() ? 1000 : 1024;
  }
  return factor;
}

}  // namespace

ConfValue conf_scalar(std::string word, int line) {
  ConfValue value{word, word, line, false};
  const std::string folded = conf_folded(word);
  if (folded == "true" || folded == "yes" || folded == "on") {
    value.data = true;
    return value;
  }
  if (folded == "false" || folded == "no" || folded == "off") {
    value.data = false;
    return value;
  }
  std::int64_t number = 0;
  const char* end = word.data() + word.size();
  const auto [rest, error] = std::from_chars(word.data(), end, number);
  if (error != std::errc() || rest == word.data()) {
    return value;
  }
  const std::string_view tail(rest, static_cast<std::size_t>(end - rest));
  std::int64_t product = 0;
  if (const auto factor = size_factor(tail);
      factor && !__builtin_mul_overflow(number, *factor, &product)) {
    value.data = product;
    return value;
  }
  if (!tail.empty() && tail[0] == '.') {
    double real = 0;
    const auto [after, failed] = std::from_chars(word.data(), end, real);
    if (failed == std::errc() && after == end) {
      value.data = real;
    }
  }
  return value;
}

std::string conf_folded(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return out;
}

}  // namespace frond::server
