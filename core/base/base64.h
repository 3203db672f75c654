#pragma once
// Base 64 in its two alphabets (RFC 4648): the standard one with padding for JSON bodies (message
// data in JS.API.STREAM.MSG.GET), the URL one for nonces, signatures and object names.

#include <optional>
#include <string>
#include <string_view>

namespace frond::base {

/// Alphabet with + and /, padded with '='.
std::string base64_encode(std::string_view bytes);
/// Alphabet with - and _; padded only when asked (object store names are, signatures are not).
std::string base64url_encode(std::string_view bytes, bool padded = false);

/// Reads either alphabet, with or without padding; nothing when a character or the length is wrong.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace frond::base
