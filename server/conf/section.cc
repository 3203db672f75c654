#include "server/conf/section.h"

#include "base/duration_text.h"
#include "server/conf/scalar.h"

#include <charconv>
#include <cstdlib>
#include <map>
#include <sstream>

namespace frond::server {
namespace {

constexpr std::int64_t kSecondsMax = 9'000'000'000;  // More nanoseconds do not fit.

std::string quoted(std::string_view key, std::string_view what) {
  return "\"" + std::string(key) + "\" " + std::string(what);
}

std::string first_name(const ConfNames& names, std::string key) {
  for (const std::string_view same : names) {
    std::istringstream words{std::string(same)};
    std::string first;
    words >> first;
    for (std::string other; words >> other;) {
      if (other == key) {
        return first;
      }
    }
  }
  return key;
}

}  // namespace

void ConfContext::warn(const ConfValue& at, std::string_view what) const {
  settings.warnings.push_back(file + ":" + std::to_string(at.line) + ": " + std::string(what));
}

std::string conf_text(const ConfContext& context, std::string_view key, const ConfValue& value) {
  if (const auto* text = std::get_if<std::string>(&value.data)) {
    return *text;
  }
  context.fail(value, quoted(key, "must be a string"));
}

bool conf_bool(const ConfContext& context, std::string_view key, const ConfValue& value) {
  if (const auto* flag = std::get_if<bool>(&value.data)) {
    return *flag;
  }
  context.fail(value, quoted(key, "must be true or false"));
}

std::int64_t conf_integer(const ConfContext& context, std::string_view key,
                          const ConfValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value.data)) {
    return *number;
  }
  context.fail(value, quoted(key, "must be a number"));
}

std::int64_t conf_number(const ConfContext& context, std::string_view key, const ConfValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value.data)) {
    return *number;
  }
  if (const auto* text = std::get_if<std::string>(&value.data)) {
    try {
      const ConfMap again = parse_conf("v: " + *text, context.file);
      if (const auto* number = std::get_if<std::int64_t>(&again.at(0).second.data)) {
        return *number;
      }
    } catch (const ConfError&) {  // Told below, with the right line.
    }
  }
  context.fail(value, quoted(key, "must be a number"));
}

std::chrono::nanoseconds conf_duration(const ConfContext& context, std::string_view key,
                                       const ConfValue& value) {
  const std::string& text = value.text;  // Of an unquoted one too: 2m looks like a size.
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc() && end == text.data() + text.size() && !text.empty() &&
      std::abs(seconds) <= kSecondsMax) {
    return std::chrono::seconds(seconds);
  }
  if (const auto found = base::duration_parse(text)) {
    return *found;
  }
  context.fail(value, quoted(key, "must be a duration such as \"2m\""));
}

const ConfMap& conf_map(const ConfContext& context, std::string_view key, const ConfValue& value) {
  if (const auto* map = std::get_if<ConfMap>(&value.data)) {
    return *map;
  }
  context.fail(value, quoted(key, "must be a block { ... }"));
}

const ConfArray& conf_array(const ConfContext& context, std::string_view key,
                            const ConfValue& value) {
  if (const auto* array = std::get_if<ConfArray>(&value.data)) {
    return *array;
  }
  context.fail(value, quoted(key, "must be an array [ ... ]"));
}

std::vector<std::string> conf_texts(const ConfContext& context, std::string_view key,
                                    const ConfValue& value) {
  std::vector<std::string> out;
  if (const auto* array = std::get_if<ConfArray>(&value.data)) {
    for (const ConfValue& element : *array) {
      out.push_back(conf_text(context, key, element));
    }
  } else {
    out.push_back(conf_text(context, key, value));
  }
  return out;
}

std::uint16_t conf_port(const ConfContext& context, std::string_view key, const ConfValue& value) {
  const std::int64_t port = conf_number(context, key, value);
  if (port < -1 || port > 65535) {
    context.fail(value, quoted(key, "must be a port"));
  }
  return port == -1 ? std::uint16_t{0} : static_cast<std::uint16_t>(port);
}

ListenAddress conf_listen(const ConfContext& context, std::string_view key, const ConfValue& value,
                          ListenAddress base) {
  if (std::holds_alternative<std::int64_t>(value.data)) {
    base.port = conf_port(context, key, value);
    return base;
  }
  const std::string text = conf_text(context, key, value);
  const auto colon = text.rfind(':');
  ConfValue port{std::int64_t{0}, {}, value.line, false};
  auto& number = std::get<std::int64_t>(port.data);
  const char* from = text.data() + (colon == std::string::npos ? 0 : colon + 1);
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(from, end, number);
  if (colon == std::string::npos || error != std::errc() || stop != end) {
    context.fail(value, quoted(key, "could not parse address string \"" + text + "\""));
  }
  std::string host = text.substr(0, colon);
  if (host.size() > 1 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  if (!host.empty()) {
    base.host = host;
  }
  base.port = conf_port(context, key, port);
  return base;
}

bool ListenKeys::read(const ConfContext& context, const std::string& key, const ConfValue& value) {
  if (key == "listen") {
    address = conf_listen(context, key, value, address);
    port_named = true;
  } else if (key == "host") {
    address.host = conf_text(context, key, value);
  } else if (key == "port") {
    address.port = conf_port(context, key, value);
    port_named = true;
  } else {
    return false;
  }
  return true;
}

void conf_once(const ConfContext& context, std::string_view key, const ConfValue& value) {
  if (value.again) {
    context.fail(value, quoted(key, "is given twice"));
  }
}

void conf_each_last(const ConfContext& context, const ConfMap& map, const ConfNames& names,
                    const ConfTake& known) {
  std::map<std::string, std::string> seen;  // As written, by first name.
  for (const auto& [key, value] : map) {
    const std::string name = first_name(names, conf_folded(key));
    const auto [before, fresh] = seen.emplace(name, key);
    if (!fresh) {
      context.fail(value, quoted(key, "is given twice: \"" + before->second + "\" is the same"));
    }
    if (!known(name, value) && !value.variable) {
      context.fail(value, "unknown field \"" + key + "\"");
    }
  }
}

void conf_each(const ConfContext& context, const ConfMap& map, const ConfNames& names,
               const ConfTake& known) {
  conf_each_last(context, map, names, [&](const std::string& key, const ConfValue& value) {
    if (!known(key, value)) {
      return false;
    }
    conf_once(context, key, value);
    return true;
  });
}

}  // namespace frond::server
