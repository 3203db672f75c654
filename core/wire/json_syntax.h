#pragma once
// Says where and why a text is no JSON, in the words of nats-server 2.15 (Go's decoder), which
// clients see inside error 10025. Only read after the parser has refused a text; parse_json()
// (json_reader.h) is the one to call.

#include <string>
#include <string_view>

namespace frond::wire {

/// The first fault of `text`, such as "invalid character 'x' after object key at offset 6"; empty
/// when the text is one JSON value. Offsets count bytes up to and with the character.
std::string json_syntax_error(std::string_view text);

}  // namespace frond::wire
