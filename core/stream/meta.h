#pragma once
// meta.json of a stream: its config, when it was made and which incarnation it is; and where a
// stream's files are. The message blocks are store/'s, the consumers' files consumer/'s.

#include "stream/config.h"

#include <frond/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace frond::stream {

/// Each stream has a folder in it (store/file_name.h says how it is called).
inline constexpr std::string_view streams_directory = "streams/";
inline constexpr std::string_view meta_file_name = "/meta.json";

struct StreamMeta {
  StreamConfig config;
  WallTime created{};
  std::string identity;  ///< Random; differs when a stream is deleted and made again.
};

std::string print_meta(const StreamMeta& meta);
/// Nothing when it cannot be read; `reason` says why.
std::optional<StreamMeta> parse_meta(std::string_view json, std::string& reason);

}  // namespace frond::stream
