#pragma once
// Every API error this node can answer, by its err_code: the HTTP-like code and the text.
// JetStream's (nats-features 18) are byte-exact because clients compare them; from 20000 on they
// are Frond's own. Streams, consumers and the API take
// their ApiError values from here.

#include "stream/error.h"

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace frond::stream {

/// The error of this code; `values` fill the {placeholders} of its text from left to right. A code
/// that is not in the table is a broken invariant.
ApiError api_error(std::uint16_t err_code, std::initializer_list<std::string_view> values = {});

}  // namespace frond::stream
