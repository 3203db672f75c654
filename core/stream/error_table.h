#pragma once
// Every JetStream API error this node can answer, by its err_code (nats-features 18): the HTTP-like
// code and the text, byte-exact because clients compare them. Streams, consumers and the API take
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
