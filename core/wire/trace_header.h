#pragma once
// Message tracing as far as a node must know it that writes no trace events (TR-04): a message that
// asks to be traced but not delivered goes nowhere. Asked by sessions and links for every message
// with headers, before the router sees it.

#include <string_view>

namespace frond::wire {

/// Whether the block names a trace destination and says "Nats-Trace-Only".
bool is_trace_only(std::string_view block);

}  // namespace frond::wire
