#pragma once
// Every bound of the engine, named with its unit, in one place (design law 6). Bounds that a user
// may set are in frond/config.h with the same defaults as nats-server.

#include <frond/types.h>

#include <cstddef>
#include <cstdint>

namespace frond::base {

// Client protocol.
inline constexpr std::size_t leaf_control_line_factor = 16;  // A leaf's line may be longer (LF-03).
inline constexpr std::size_t subject_tokens_max = 256;
inline constexpr std::size_t subscriptions_per_connection_max = 1'000'000;

// JetStream.
inline constexpr std::size_t name_bytes_max = 255;
inline constexpr std::size_t description_bytes_max = 4 * 1024;
inline constexpr std::size_t metadata_bytes_max = 128 * 1024;
inline constexpr std::size_t header_bytes_max = 64 * 1024;
inline constexpr std::size_t stream_names_page = 1024;
inline constexpr std::size_t stream_list_page = 256;
inline constexpr std::size_t subjects_page = 100'000;
inline constexpr std::size_t direct_get_subjects_max = 1024;
inline constexpr std::size_t api_waiting_max = 10'000;
inline constexpr std::size_t json_depth_max = 64;
inline constexpr Duration duplicate_window_default = std::chrono::minutes(2);
inline constexpr Duration duration_min = std::chrono::milliseconds(100);
inline constexpr Duration ack_wait_default = std::chrono::seconds(30);
inline constexpr std::int64_t ack_pending_default_max = 1000;
inline constexpr int pull_waiting_default_max = 512;
inline constexpr Duration ephemeral_inactive_default = std::chrono::seconds(5);

}  // namespace frond::base
