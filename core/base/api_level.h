#pragma once
// The JetStream API level this build speaks (VG-03): what nats-server 2.14, the version in
// frond/config.h, announces. Shown in INFO and in account info, compared with requests that need
// one.

namespace frond::base {

inline constexpr int jetstream_api_level = 4;

}  // namespace frond::base
