#include "wire/trace_header.h"

#include "wire/headers.h"

#include <algorithm>
#include <array>
#include <string>

namespace frond::wire {
namespace {

constexpr std::string_view trace_disabled = "trace disabled";
constexpr std::array<std::string_view, 3> yes = {"1", "true", "on"};

}  // namespace

bool is_trace_only(std::string_view block) {
  const auto only = header_value(block, "Nats-Trace-Only");
  if (!only) {
    return false;
  }
  const auto destination = header_value(block, "Nats-Trace-Dest");
  if (!destination || destination->empty() || *destination == trace_disabled) {
    return false;
  }
  std::string said(*only);
  std::ranges::transform(said, said.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return std::ranges::find(yes, said) != yes.end();
}

}  // namespace frond::wire
