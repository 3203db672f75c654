#include "wasm_node.h"

#include <type_traits>
#include <utility>
#include <variant>

namespace frond::wasm {

WasmNode::WasmNode(Options options, Instant now)
    : reader_(std::move(options.root), options.appends, options.persistent),
      engine_(
          std::move(options.config),
          Host{.files = reader_, .entropy = entropy_, .signer = options.signs ? &signer_ : nullptr},
          now) {
  drain();
}

void WasmNode::accepted(Handle connection, const ConnectionInfo& info, Instant now) {
  engine_.connected(id_of(connection), info, now);
  drain();
}

void WasmNode::dialled(Handle connection, Instant now) {
  ConnectionInfo info;
  info.kind = ConnectionKind::hub;
  info.websocket = true;
  engine_.connected(id_of(connection), info, now);
  drain();
}

void WasmNode::received(Handle connection, std::string_view bytes, Instant now) {
  engine_.received(id_of(connection), bytes, now);
  drain();
}

void WasmNode::sent(Handle connection, std::uint64_t bytes, Instant now) {
  engine_.sent(id_of(connection), bytes, now);
  drain();
}

void WasmNode::closed(Handle connection, std::string_view cause, Instant now) {
  const ConnectionId id = id_of(connection);
  forget(id);
  engine_.closed(id, cause, now);
  drain();
}

void WasmNode::stored(Ticket ticket, std::string_view error, Instant now) {
  engine_.stored(ticket, error, now);
  drain();
}

void WasmNode::tick(Instant now) {
  engine_.tick(now);
  drain();
}

void WasmNode::network_hint(bool online, Instant now) {
  engine_.network_hint(online, now);
  drain();
}

void WasmNode::pause_link(Instant now) {
  engine_.pause_link(now);
  drain();
}

void WasmNode::resume_link(Instant now) {
  engine_.resume_link(now);
  drain();
}

void WasmNode::shutdown(Instant now) {
  engine_.shutdown(now);
  drain();
}

ConnectionId WasmNode::id_of(Handle connection) const {
  if ((connection & kDialled) == 0) return ConnectionId{connection};
  const auto found = dialled_.find(connection);
  // A late event of a link that is gone: id 0 is no connection, the engine ignores it.
  return found == dialled_.end() ? ConnectionId{0} : found->second;
}

Handle WasmNode::handle_of(ConnectionId connection) const {
  const auto found = dialled_handles_.find(static_cast<std::uint64_t>(connection));
  return found == dialled_handles_.end() ? static_cast<Handle>(connection) : found->second;
}

void WasmNode::forget(ConnectionId connection) {
  const auto found = dialled_handles_.find(static_cast<std::uint64_t>(connection));
  if (found == dialled_handles_.end()) return;
  dialled_.erase(found->second);
  dialled_handles_.erase(found);
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
  const Handle handle = handle_of(output.connection);
  forget(output.connection);
  boundary_close(handle, output.reason);
}

void WasmNode::carry_out(const DialHub& output) {
  const Handle handle = kDialled | (++last_dialled_ & ~kDialled);
  dialled_[handle] = output.connection;
  dialled_handles_[static_cast<std::uint64_t>(output.connection)] = handle;
  boundary_dial(handle, output.url);
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
