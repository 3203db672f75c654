#include "sync/crossings.h"

namespace frond::sync {

void Crossings::carry(const std::vector<std::string>& subjects) {
  for (const std::string& subject : subjects) {
    carried_.at(subject);
  }
}

bool Crossings::carries(std::string_view subject) const {
  return !carried_.match_literal(subject, [](const Carried&) { return false; });
}

}  // namespace frond::sync
