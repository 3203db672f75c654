#pragma once
// What is told of the link to the hub: its state, why it is not online, and who the hub is. Kept by
// hub_link; sync hears of its changes, node.status() and notices show it as JSON.

#include "base/clock.h"

#include <frond/types.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace frond::leaf {

enum class LinkState : std::uint8_t {
  none,        ///< No hub is configured.
  offline,     ///< Waiting for the next try.
  connecting,  ///< Dialled, or shaking hands.
  online,      ///< The hub's whole interest is known.
  refused,     ///< The hub does not want us (cause says why); tried again after a longer pause.
  paused,      ///< By the user, until resumed.
};
std::string_view link_state_name(LinkState state);

/// For node.status(): the state, why it is so, since when, and who the hub is.
struct LinkStatus {
  LinkState state = LinkState::none;
  /// Why there is no link, or what is wrong with it (link_cause.h); both empty when all is well.
  std::string code;
  std::string cause;
  /// When it came about that there is a link, or none, or that it is paused: tries change nothing.
  Instant since{};
  std::uint64_t attempts = 0;  ///< That have failed since there was a link.
  Instant next = kNever;       ///< When the next one is due.
  std::string url;
  std::string hub_id;  ///< Another one after each start of the hub; not part of the JSON.
  std::string hub_name;
  std::string hub_version;
  std::string hub_domain;
};

/// {"state","code"?,"cause"?,"since","attempts"?,"next"?,"url"?,"hub"?:{"name","version",
/// "domain"?}}: status and NoticeKind::link_state.
std::string link_status_json(const LinkStatus& status, const base::Clock& clock);

/// Told when the state changes; sync starts and stops here.
class LinkListener {
 public:
  virtual ~LinkListener() = default;
  virtual void on_link(const LinkStatus& status, Instant now) = 0;
};

}  // namespace frond::leaf
