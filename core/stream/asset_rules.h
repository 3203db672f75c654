#pragma once
// What nats-server asks of streams and of consumers alike: their names, and the metadata by which
// it tells versions apart (VG-04). Used by both config checks.

#include <cstddef>
#include <string_view>

namespace frond::stream {

/// Names stand in subjects and in protocol lines: no character that means something there, and none
/// that ends a word.
inline bool valid_asset_name(std::string_view name) {
  constexpr std::string_view barred(" \t\r\n\v\f.*>\\/\0", 12);
  return !name.empty() && name.find_first_of(barred) == std::string_view::npos;
}

template <class Metadata>
std::size_t metadata_bytes(const Metadata& metadata) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : metadata) {
    bytes += key.size() + value.size();
  }
  return bytes;
}

/// The API level a config needs: kept with it.
inline constexpr std::string_view required_level_key = "_nats.req.level";
/// Only answers carry these.
inline constexpr std::string_view server_version_key = "_nats.ver";
inline constexpr std::string_view server_level_key = "_nats.level";

}  // namespace frond::stream
