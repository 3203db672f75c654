// What JavaScript may call: plain exports with numbers only. Bytes and texts that go in lie in a
// scratch buffer that the caller fills through HEAPU8, one after the other with their lengths as
// arguments; a text that comes out is the answer's length, and frond_answer() says where it lies.
// Each call brings both clocks in milliseconds: the monotonic one and, since the Unix epoch, the
// wall's (web/engine-worker/node_clock.ts). Handles and tickets are numbers.

#include <emscripten/em_macros.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>
#include <string>
#include <utility>

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

/// The text of the last answer; stays until the next one.
std::string answer;

std::size_t answered(std::string text) {
  answer = std::move(text);
  return answer.size();
}

}  // namespace
}  // namespace frond::wasm

extern "C" {

/// A buffer of at least `length` bytes; valid until the next call of this function.
EMSCRIPTEN_KEEPALIVE char* frond_scratch(std::size_t length) {
  using namespace frond::wasm;
  if (scratch == nullptr || length > scratch_capacity) {
    std::free(scratch);
    scratch = static_cast<char*>(std::malloc(length + 1));  // Nothing is lent a place as well.
    scratch_capacity = length;
    if (scratch == nullptr) std::abort();
  }
  return scratch;
}

EMSCRIPTEN_KEEPALIVE const char* frond_answer() { return frond::wasm::answer.data(); }

/// Scratch: the configuration, then the mount point of the node's files. Answers nothing, or what
/// could not be read or understood: then the node is not to be used.
EMSCRIPTEN_KEEPALIVE std::size_t frond_open(std::size_t config_length, std::size_t root_length,
                                            bool appends, bool persistent, double monotonic,
                                            double wall) {
  using namespace frond::wasm;
  the_node = std::make_unique<WasmNode>(
      WasmNode::Options{.config = config_from_json({scratch, config_length}),
                        .root = std::string(scratch + config_length, root_length),
                        .appends = appends,
                        .persistent = persistent},
      both(monotonic, wall));
  return answered(the_node->refusal());
}

/// A client of the page that owns the node. Scratch: its address.
EMSCRIPTEN_KEEPALIVE void frond_accept(std::uint32_t handle, std::size_t length, double monotonic,
                                       double wall) {
  using namespace frond::wasm;
  node().accepted(handle,
                  {.kind = frond::ConnectionKind::client,
                   .websocket = false,
                   .trusted = true,
                   .address = std::string(scratch, length)},
                  both(monotonic, wall));
}

/// `length` bytes of the scratch buffer have arrived from this connection.
EMSCRIPTEN_KEEPALIVE void frond_received(std::uint32_t handle, std::size_t length, double monotonic,
                                         double wall) {
  using namespace frond::wasm;
  node().received(handle, {scratch, length}, both(monotonic, wall));
}

/// Scratch: the cause.
EMSCRIPTEN_KEEPALIVE void frond_closed(std::uint32_t handle, std::size_t length, double monotonic,
                                       double wall) {
  using namespace frond::wasm;
  node().closed(handle, {scratch, length}, both(monotonic, wall));
}

/// Scratch: the error, empty when the commit is stored.
EMSCRIPTEN_KEEPALIVE void frond_stored(double ticket, std::size_t length, double monotonic,
                                       double wall) {
  using namespace frond::wasm;
  node().stored(frond::Ticket{static_cast<std::uint64_t>(ticket)}, {scratch, length},
                both(monotonic, wall));
}

EMSCRIPTEN_KEEPALIVE void frond_dialled(std::uint32_t handle, double monotonic, double wall) {
  using namespace frond::wasm;
  node().dialled(handle, both(monotonic, wall));
}

EMSCRIPTEN_KEEPALIVE void frond_network_hint(bool online, double monotonic, double wall) {
  using namespace frond::wasm;
  node().network_hint(online, both(monotonic, wall));
}

/// Scratch: the hub's settings as JSON (config_json.h).
EMSCRIPTEN_KEEPALIVE void frond_change_hub(std::size_t length, double monotonic, double wall) {
  using namespace frond::wasm;
  node().change_hub({scratch, length}, both(monotonic, wall));
}

EMSCRIPTEN_KEEPALIVE void frond_pause_link(double monotonic, double wall) {
  using namespace frond::wasm;
  node().pause_link(both(monotonic, wall));
}

EMSCRIPTEN_KEEPALIVE void frond_resume_link(double monotonic, double wall) {
  using namespace frond::wasm;
  node().resume_link(both(monotonic, wall));
}

EMSCRIPTEN_KEEPALIVE void frond_shutdown(double monotonic, double wall) {
  using namespace frond::wasm;
  node().shutdown(both(monotonic, wall));
}

/// Nothing waits to be stored or sent.
EMSCRIPTEN_KEEPALIVE bool frond_idle() { return frond::wasm::node().engine().idle(); }

/// Answers Engine::status_json().
EMSCRIPTEN_KEEPALIVE std::size_t frond_status() {
  using namespace frond::wasm;
  return answered(node().engine().status_json());
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
