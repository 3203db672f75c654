#include "route/request_subjects.h"

#include <cstddef>

namespace frond::route {
namespace {

constexpr std::string_view jetstream = "$JS.";

}  // namespace

bool is_api_subject(std::string_view subject) {
  if (subject.starts_with("$FROND.")) {
    return true;
  }
  if (!subject.starts_with(jetstream)) {
    return false;
  }
  subject.remove_prefix(jetstream.size());
  if (subject.starts_with("API.")) {
    return true;
  }
  const std::size_t domain = subject.find('.');
  return domain != std::string_view::npos && subject.substr(domain).starts_with(".API.");
}

bool is_request_subject(std::string_view subject) {
  return subject.starts_with("$JS.ACK.") || subject.starts_with("$JS.FC.") ||
         is_api_subject(subject);
}

}  // namespace frond::route
