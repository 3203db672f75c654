#pragma once
// One engine and what it is lent, inside one Wasm instance. Each input is followed by a drain:
// the outputs are handed to the worker through boundary.h before the call returns. There is at
// most one WasmNode per instance; a trap ends the instance and with it the node.

#include <frond/engine.h>

#include <string>
#include <string_view>

#include "boundary.h"
#include "browser_entropy.h"
#include "imported_signer.h"
#include "mount_reader.h"

namespace frond::wasm {

class WasmNode {
 public:
  struct Options {
    Config config;
    std::string root;  ///< Mount point of the node's files.
    bool appends = false;
    bool persistent = false;
  };
  WasmNode(Options options, Now now);

  void accepted(Handle connection, const ConnectionInfo& info, Now now);
  void dialled(Handle connection, Now now);
  void received(Handle connection, std::string_view bytes, Now now);
  void sent(Handle connection, std::uint64_t bytes, Now now);
  void closed(Handle connection, std::string_view cause, Now now);
  void stored(Ticket ticket, std::string_view error, Now now);
  void tick(Now now);
  void network_hint(bool online, Now now);
  /// `json` as the member "hub" of the configuration (config_json.h).
  void change_hub(std::string_view json, Now now);
  void pause_link(Now now);
  void resume_link(Now now);
  void shutdown(Now now);

  const Engine& engine() const { return engine_; }
  /// What the engine could not read while it recovered, or is of a later version; then nothing that
  /// it wanted was carried out.
  std::string refusal() const;

 private:
  void drain();
  void carry_out(const SendBytes& output);
  void carry_out(const CloseConnection& output);
  void carry_out(const DialHub& output);
  void carry_out(const HoldReading& output);
  void carry_out(const CommitStorage& output);
  void carry_out(const Notice& output);
  void carry_out(const CheckSecret&) {}  // This host does not say that it could.

  MountReader reader_;
  BrowserEntropy entropy_;
  ImportedSigner signer_;
  Engine engine_;
};

}  // namespace frond::wasm
