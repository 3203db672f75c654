#pragma once
// meta.json of a stream: its config, when it was made and which incarnation it is; and where a
// stream's files are. The message blocks are store/'s, the consumers' files consumer/'s.

#include "stream/config.h"

#include <frond/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace frond::stream {

inline constexpr std::string_view streams_directory = "streams/";

/// "streams/<name>" without '/' at its end; characters that file systems mind are percent-encoded.
std::string stream_directory(std::string_view name);

struct StreamMeta {
  StreamConfig config;
  WallTime created{};
  std::string identity;  ///< Random; differs when a stream is deleted and made again.
};

std::string print_meta(const StreamMeta& meta);
/// Nothing when it cannot be read; `reason` says why.
std::optional<StreamMeta> parse_meta(std::string_view json, std::string& reason);

}  // namespace frond::stream
