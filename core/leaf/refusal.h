#pragma once
// Tells a hub that does not want us from a network that fails, by what was said at the end of a
// connection. Used by hub_link to plan its next try.

#include <string_view>

namespace frond::leaf {

/// Close reasons and -ERR texts after which the hub will say the same again: a long pause, and the
/// app is told why (LF-05). Hosts report close reasons as they got them.
bool is_refusal(std::string_view cause);

}  // namespace frond::leaf
