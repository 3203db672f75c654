// What JavaScript may call. Control calls go through Embind; calls that happen per message are
// plain exports with numbers only, their bytes lie in a scratch buffer that the caller fills
// through HEAPU8. Times are milliseconds since the Unix epoch, handles and tickets numbers.

#include <emscripten/bind.h>
#include <emscripten/em_macros.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>
#include <string>

#include "config_json.h"
#include "wasm_node.h"

namespace frond::wasm {
namespace {

constexpr double kNanosPerMilli = 1e6;

std::unique_ptr<WasmNode> the_node;
char* scratch = nullptr;
std::size_t scratch_capacity = 0;

// Whole milliseconds and the rest apart: a double cannot hold nanoseconds since 1970.
Instant instant(double millis) {
  const double whole = std::floor(millis);
  const auto rest = static_cast<std::int64_t>((millis - whole) * kNanosPerMilli);
  return Instant(std::chrono::milliseconds(static_cast<std::int64_t>(whole)) + Duration(rest));
}

WasmNode& node() {
  if (the_node == nullptr) std::abort();  // A call before open: a bug of ours, reported as a trap.
  return *the_node;
}

void open_node(const std::string& config, const std::string& root, bool appends, bool persistent,
               bool signs, double now) {
  the_node = std::make_unique<WasmNode>(WasmNode::Options{.config = config_from_json(config),
                                                          .root = root,
                                                          .appends = appends,
                                                          .persistent = persistent,
                                                          .signs = signs},
                                        instant(now));
}

void accept_connection(std::uint32_t handle, const std::string& address, bool websocket,
                       bool trusted, double now) {
  node().accepted(handle,
                  {.kind = ConnectionKind::client,
                   .websocket = websocket,
                   .trusted = trusted,
                   .address = address},
                  instant(now));
}

void connection_closed(std::uint32_t handle, const std::string& cause, double now) {
  node().closed(handle, cause, instant(now));
}

void commit_stored(double ticket, const std::string& error, double now) {
  node().stored(Ticket{static_cast<std::uint64_t>(ticket)}, error, instant(now));
}

void dialled(std::uint32_t handle, double now) { node().dialled(handle, instant(now)); }
void network_hint(bool online, double now) { node().network_hint(online, instant(now)); }
void pause_link(double now) { node().pause_link(instant(now)); }
void resume_link(double now) { node().resume_link(instant(now)); }
void shutdown(double now) { node().shutdown(instant(now)); }
bool idle() { return node().engine().idle(); }
std::string status_json() { return node().engine().status_json(); }

}  // namespace
}  // namespace frond::wasm

extern "C" {

/// A buffer of at least `length` bytes; valid until the next call of this function.
EMSCRIPTEN_KEEPALIVE char* frond_scratch(std::size_t length) {
  using namespace frond::wasm;
  if (length > scratch_capacity) {
    std::free(scratch);
    scratch = static_cast<char*>(std::malloc(length));
    scratch_capacity = length;
    if (scratch == nullptr) std::abort();
  }
  return scratch;
}

/// `length` bytes of the scratch buffer have arrived from this connection.
EMSCRIPTEN_KEEPALIVE void frond_received(std::uint32_t handle, std::size_t length, double now) {
  using namespace frond::wasm;
  node().received(handle, {scratch, length}, instant(now));
}

EMSCRIPTEN_KEEPALIVE void frond_sent(std::uint32_t handle, double bytes, double now) {
  using namespace frond::wasm;
  node().sent(handle, static_cast<std::uint64_t>(bytes), instant(now));
}

EMSCRIPTEN_KEEPALIVE void frond_tick(double now) {
  using namespace frond::wasm;
  node().tick(instant(now));
}

/// When frond_tick must be called next, rounded up to a millisecond; infinity when nothing waits.
EMSCRIPTEN_KEEPALIVE double frond_next_deadline() {
  using namespace frond::wasm;
  const frond::Instant deadline = node().engine().next_deadline();
  if (deadline == frond::kNever) return std::numeric_limits<double>::infinity();
  return std::ceil(static_cast<double>(deadline.time_since_epoch().count()) / kNanosPerMilli);
}

}  // extern "C"

EMSCRIPTEN_BINDINGS(frond) {
  using namespace frond::wasm;
  emscripten::function("open", &open_node);
  emscripten::function("accept", &accept_connection);
  emscripten::function("closed", &connection_closed);
  emscripten::function("stored", &commit_stored);
  emscripten::function("dialled", &dialled);
  emscripten::function("networkHint", &network_hint);
  emscripten::function("pauseLink", &pause_link);
  emscripten::function("resumeLink", &resume_link);
  emscripten::function("shutdown", &shutdown);
  emscripten::function("idle", &idle);
  emscripten::function("statusJson", &status_json);
}
