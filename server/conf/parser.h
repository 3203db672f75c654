#pragma once
// Reader of the syntax of NATS configuration files: `key: value`, `key = value`, `key value`,
// `key { ... }`, arrays, comments with # and //, sizes such as 1K or 1MB, variables `$NAME` from
// the file or the environment, `include file`. It knows the form only, no key.

#include "server/conf/value.h"

#include <stdexcept>
#include <string>
#include <string_view>

namespace frond::server {

/// Says "file:line: what" about a file that cannot be used; its text is for the operator.
class ConfError : public std::runtime_error {
 public:
  /// About a file of which not even a line could be read.
  explicit ConfError(const std::string& what) : std::runtime_error(what) {}
  ConfError(std::string_view file, int line, std::string_view what)
      : std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": " +
                           std::string(what)) {}
};

/// Reads `text`; `file` is used in errors and as the base of relative includes.
/// Throws ConfError.
ConfMap parse_conf(std::string_view text, const std::string& file);

/// Reads a file. Throws ConfError, also when it cannot be read to its end.
ConfMap parse_conf_file(const std::string& file);

}  // namespace frond::server
