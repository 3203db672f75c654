#pragma once
// Text in double quotes as Go's %q writes it: how subjects stand in NATS's error texts (ER-07,
// ER-08), from which clients read them back.

#include <string>
#include <string_view>

namespace frond::wire {

/// Quotes and backslashes are escaped, control characters and broken UTF-8 become \n, \t, \x..;
/// all else stays.
std::string quoted(std::string_view text);

}  // namespace frond::wire
