#pragma once
// The worker's options as one JSON document, turned into the engine's Config. The document comes
// from our own TypeScript (web/engine-worker/wasm_node.ts), which has checked it; a member that is
// missing keeps the engine's default.

#include <frond/config.h>

#include <optional>
#include <string_view>

namespace frond::wasm {

/// {"name","domain","hub":{"url","domain","user","password","token","jwt"},
///  "storage_bytes_max","memory_bytes_max"}
Config config_from_json(std::string_view text);
/// Its member "hub" alone; nothing when it is no object.
std::optional<HubConfig> hub_from_json(std::string_view text);

}  // namespace frond::wasm
