// What JavaScript may call. Control calls go through Embind; calls that happen per message are
// plain exports with numbers only, their bytes lie in a scratch buffer that the caller fills
// through HEAPU8. Each call brings both clocks in milliseconds: the monotonic one and, since the
// Unix epoch, the wall's (web/engine-worker/node_clock.ts). Handles and tickets are numbers.

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
Duration nanos(double millis) {
  constexpr double most = 1e12;  // Decades; and what is no number is none.
  const double sane = millis > -most && millis < 4 * most ? millis : 0;
  const double whole = std::floor(sane);
  const auto rest = static_cast<std::int64_t>((sane - whole) * kNanosPerMilli);
  return std::chrono::milliseconds(static_cast<std::int64_t>(whole)) + Duration(rest);
}

Now both(double monotonic, double wall) {
  return {.monotonic = Instant(nanos(monotonic)), .wall = WallTime(nanos(wall))};
}

WasmNode& node() {
  if (the_node == nullptr) std::abort();  // A call before open: a bug of ours, reported as a trap.
  return *the_node;
}

/// Empty, or what could not be read: then the node is not to be used.
std::string open_node(const std::string& config, const std::string& root, bool appends,
                      bool persistent, double monotonic, double wall) {
  the_node = std::make_unique<WasmNode>(WasmNode::Options{.config = config_from_json(config),
                                                          .root = root,
                                                          .appends = appends,
                                                          .persistent = persistent},
                                        both(monotonic, wall));
  return the_node->read_failure();
}

void accept_connection(std::uint32_t handle, const std::string& address, bool websocket,
                       bool trusted, double monotonic, double wall) {
  node().accepted(handle,
                  {.kind = ConnectionKind::client,
                   .websocket = websocket,
                   .trusted = trusted,
                   .address = address},
                  both(monotonic, wall));
}

void connection_closed(std::uint32_t handle, const std::string& cause, double monotonic,
                       double wall) {
  node().closed(handle, cause, both(monotonic, wall));
}

void commit_stored(double ticket, const std::string& error, double monotonic, double wall) {
  node().stored(Ticket{static_cast<std::uint64_t>(ticket)}, error, both(monotonic, wall));
}

void dialled(std::uint32_t handle, double monotonic, double wall) {
  node().dialled(handle, both(monotonic, wall));
}
void network_hint(bool online, double monotonic, double wall) {
  node().network_hint(online, both(monotonic, wall));
}
void change_hub(const std::string& hub, double monotonic, double wall) {
  node().change_hub(hub, both(monotonic, wall));
}
void pause_link(double monotonic, double wall) { node().pause_link(both(monotonic, wall)); }
void resume_link(double monotonic, double wall) { node().resume_link(both(monotonic, wall)); }
void shutdown(double monotonic, double wall) { node().shutdown(both(monotonic, wall)); }
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
EMSCRIPTEN_KEEPALIVE void frond_received(std::uint32_t handle, std::size_t length, double monotonic,
                                         double wall) {
  using namespace frond::wasm;
  node().received(handle, {scratch, length}, both(monotonic, wall));
}

EMSCRIPTEN_KEEPALIVE void frond_sent(std::uint32_t handle, double bytes, double monotonic,
                                     double wall) {
  using namespace frond::wasm;
  node().sent(handle, static_cast<std::uint64_t>(bytes), both(monotonic, wall));
}

EMSCRIPTEN_KEEPALIVE void frond_tick(double monotonic, double wall) {
  using namespace frond::wasm;
  node().tick(both(monotonic, wall));
}

/// When frond_tick must be called next by the monotonic clock, rounded up to a millisecond;
/// infinity when nothing waits.
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
  emscripten::function("changeHub", &change_hub);
  emscripten::function("pauseLink", &pause_link);
  emscripten::function("resumeLink", &resume_link);
  emscripten::function("shutdown", &shutdown);
  emscripten::function("idle", &idle);
  emscripten::function("statusJson", &status_json);
}
