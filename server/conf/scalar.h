#pragma once
// What an unquoted word of a NATS configuration file means: a boolean, a number, a size such as 1K
// or 1MB, else plain text. Used by conf/parser; folding is also how keys are compared.

#include "server/conf/value.h"

#include <string>
#include <string_view>

namespace frond::server {

ConfValue conf_scalar(std::string word, int line);

/// `text` in lower case: keys and words mean the same however they are written.
std::string conf_folded(std::string_view text);

}  // namespace frond::server
