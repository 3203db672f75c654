#include "leaf/refusal.h"

#include <algorithm>
#include <array>

namespace frond::leaf {

bool is_refusal(std::string_view cause) {
  if (cause.find("Authentication Timeout") != std::string_view::npos) {
    return false;  // A slow network, not a wrong password.
  }
  static constexpr std::array marks = {
      std::string_view("Authorization Violation"),
      std::string_view("Authentication"),
      std::string_view("Permissions Violation"),
      std::string_view("Loop detected"),
      std::string_view("same cluster name"),
      std::string_view("Cluster Names Identical"),
      std::string_view("minimum version required"),
      std::string_view("Credentials Revoked"),
      std::string_view("Incorrect Port"),
      std::string_view("maximum account active"),
      std::string_view("Wrong Port"),
  };
  return std::ranges::any_of(
      marks, [&](std::string_view mark) { return cause.find(mark) != std::string_view::npos; });
}

}  // namespace frond::leaf
