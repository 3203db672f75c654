#pragma once
// A consumer's configuration to and from JSON: names, order, omitted empties and durations in
// nanoseconds exactly as nats-server writes them. Clients send it to create and compare what comes
// back; the file streams/<name>/consumers/<c>.json holds it as well.

#include "consumer/config.h"
#include "wire/json_reader.h"

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace frond::consumer {

/// Returns an empty string, or Go's words on what is wrong (for 10025).
std::string read_config(const wire::Json& value, ConsumerConfig& out);
wire::Json print_config(const ConsumerConfig& config);

}  // namespace frond::consumer
