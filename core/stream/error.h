#pragma once
// A JetStream API error as clients see it: {"code","err_code","description"}. The table of all
// codes and texts (nats-features 18, byte-exact) is in stream/error_table; layers above use the
// same type.

#include <cstdint>
#include <string>

namespace frond::stream {

struct ApiError {
  int code = 0;                ///< HTTP-like: 400, 404, 500, 503.
  std::uint16_t err_code = 0;  ///< 10002 ... 10227, Frond's from 20000 on; 0: no error.
  std::string description;

  explicit operator bool() const { return err_code != 0; }
};

}  // namespace frond::stream
