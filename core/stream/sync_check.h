#pragma once
// What a config says about sync: the origin of a mirror and the metadata of the other ways. These
// texts become parts of subjects on the link, so all of them are checked before the config is kept.
// A part of check_config; asked again for configs read from files, which an older build may have
// kept unchecked.

#include "stream/config.h"
#include "stream/error.h"

#include <string_view>

namespace frond::stream {

/// Metadata that makes a stream a forwarder; the value is the hub's domain, which may be empty.
inline constexpr std::string_view forward_metadata = "frond.forward";
/// Metadata that makes a stream a working copy of the hub's (two-way sync); the value is as above.
inline constexpr std::string_view sync_metadata = "frond.sync";
/// The hub's stream, where it has another name.
inline constexpr std::string_view sync_stream_metadata = "frond.sync.stream";
/// Which of two values counts that were written without knowing of each other: one of these.
inline constexpr std::string_view sync_conflict_metadata = "frond.sync.conflict";
inline constexpr std::string_view sync_conflict_policies[] = {"hub-order", "hub-wins", "local-wins",
                                                              "ask"};
/// Two-way sync can still store a write twice (docs/sync.md): who wants it all the same says "yes".
inline constexpr std::string_view sync_preview_metadata = "frond.sync.preview";
/// The metadata whose value is the hub's domain.
inline constexpr std::string_view domain_metadata[] = {forward_metadata, sync_metadata};
/// The indexes of the stream's documents (query/indexes.h).
inline constexpr std::string_view index_metadata = "frond.index";
/// How many messages may be in flight: "1" .. limits' forward_window_messages.
inline constexpr std::string_view forward_window_metadata = "frond.forward.window";

/// The names and subjects of an origin; what depends on other streams is in mirror_check.
ApiError check_origin(const StreamSource& origin);

/// Everything of the config that sync works with.
ApiError check_sync(const StreamConfig& config);

}  // namespace frond::stream
