#pragma once
// The body of a PubAck (PB-01) as nats-server prints it, to the byte: clients parse it and tests
// compare it. Pure functions.

#include "stream/stream.h"

#include <string>
#include <string_view>

namespace frond::stream {

/// {"stream":"S","domain":"d","seq":1}, with `,"duplicate": true` for a duplicate; an error has
/// {"error":{...},"stream":"S","seq":0} and no domain.
std::string pub_ack_json(std::string_view stream, std::string_view domain,
                         const IngestResult& result);
std::string pub_ack_json(std::string_view stream, const ApiError& error);

}  // namespace frond::stream
