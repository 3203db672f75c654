#pragma once
// The JavaScript side of the boundary: what the Wasm host asks of the worker around it. Each
// function copies or reads its bytes during the call and never calls back into the node; the
// worker queues what needs more time (web/engine-worker/host.ts implements all of them on
// Module.frondHost). Pointer and length cross as numbers, the cheapest form there is.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace frond::wasm {

/// A connection as JavaScript numbers it: ids of the engine are 64 bits wide, a handle is 32.
using Handle = std::uint32_t;

void boundary_send(Handle connection, std::string_view bytes);
void boundary_close(Handle connection, std::string_view reason);
void boundary_dial(Handle connection, std::string_view url);
void boundary_hold(Handle connection, bool hold);
void boundary_notice(std::uint32_t kind, std::string_view text);

/// A commit is begun, filled in order and ended; only then does the worker start to store it.
void boundary_commit_begin(double ticket);
void boundary_commit_write(std::string_view path, std::string_view contents);
void boundary_commit_append(std::string_view path, double offset, std::string_view contents);
void boundary_commit_remove(std::string_view path);
void boundary_commit_end();

/// The user's public nkey, and a base64url signature; empty when the worker cannot give one.
std::string boundary_public_key();
std::string boundary_sign(std::string_view nonce);

}  // namespace frond::wasm
