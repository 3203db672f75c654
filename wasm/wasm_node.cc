#include "wasm_node.h"

#include "config_json.h"

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace frond::wasm {
namespace {

// Both sides number connections within 32 bits: accepted ones below 2^31, dialled ones from there.
ConnectionId id_of(Handle connection) { return ConnectionId{connection}; }
Handle handle_of(ConnectionId connection) { return static_cast<Handle>(connection); }

}  // namespace

WasmNode::WasmNode(Options options, Now now)
    : reader_(std::move(options.root), options.appends, options.persistent),
      engine_(std::move(options.config),
              Host{.files = reader_, .entropy = entropy_, .signer = &signer_}, now) {
  if (refusal().empty()) drain();
}

std::string WasmNode::refusal() const {
  return reader_.failure().empty() ? engine_.refusal() : reader_.failure();
}

void WasmNode::accepted(Handle connection, const ConnectionInfo& info, Now now) {
  engine_.connected(id_of(connection), info, now);
  drain();
}

void WasmNode::dialled(Handle connection, Now now) {
  ConnectionInfo info;
  info.kind = ConnectionKind::hub;
  info.websocket = true;
  engine_.connected(id_of(connection), info, now);
  drain();
}

void WasmNode::received(Handle connection, std::string_view bytes, Now now) {
  engine_.received(id_of(connection), bytes, now);
  drain();
}

void WasmNode::sent(Handle connection, std::uint64_t bytes, Now now) {
  engine_.sent(id_of(connection), bytes, now);
  drain();
}

void WasmNode::closed(Handle connection, std::string_view cause, Now now) {
  engine_.closed(id_of(connection), cause, now);
  drain();
}

void WasmNode::stored(Ticket ticket, std::string_view error, Now now) {
  engine_.stored(ticket, error, now);
  drain();
}

void WasmNode::tick(Now now) {
  engine_.tick(now);
  drain();
}

void WasmNode::network_hint(bool online, Now now) {
  engine_.network_hint(online, now);
  drain();
}

void WasmNode::change_hub(std::string_view json, Now now) {
  if (const std::optional<HubConfig> hub = hub_from_json(json)) engine_.change_hub(*hub, now);
  drain();
}

void WasmNode::pause_link(Now now) {
  engine_.pause_link(now);
  drain();
}

void WasmNode::resume_link(Now now) {
  engine_.resume_link(now);
  drain();
}

void WasmNode::shutdown(Now now) {
  engine_.shutdown(now);
  drain();
}

void WasmNode::drain() {
  for (const Output& output : engine_.outbox().take()) {
    std::visit([this](const auto& value) { carry_out(value); }, output);
  }
}

void WasmNode::carry_out(const SendBytes& output) {
  boundary_send(handle_of(output.connection), output.bytes);
}

void WasmNode::carry_out(const CloseConnection& output) {
  boundary_close(handle_of(output.connection), output.reason);
}

void WasmNode::carry_out(const DialHub& output) {
  boundary_dial(handle_of(output.connection), output.url);
}

void WasmNode::carry_out(const HoldReading& output) {
  boundary_hold(handle_of(output.connection), output.hold);
}

void WasmNode::carry_out(const CommitStorage& output) {
  boundary_commit_begin(static_cast<double>(output.ticket));
  for (const FileOperation& operation : output.operations) {
    if (const auto* write = std::get_if<WriteFile>(&operation)) {
      boundary_commit_write(write->path, write->contents);
    } else if (const auto* append = std::get_if<AppendFile>(&operation)) {
      boundary_commit_append(append->path, static_cast<double>(append->offset), append->contents);
    } else if (const auto* remove = std::get_if<RemoveFile>(&operation)) {
      boundary_commit_remove(remove->path);
    }
  }
  boundary_commit_end();
}

void WasmNode::carry_out(const Notice& output) {
  boundary_notice(static_cast<std::uint32_t>(output.kind), output.text);
}

}  // namespace frond::wasm
