#pragma once
// What of a subject crosses the link, decided here for all who ask. A synced subject has one way
// across: were what is published on it also routed to the hub by interest, or what comes down by
// interest also stored, every message would be there twice, and sent up again for ever. So of a
// subject that sync carries, neither a publish nor the stream's own interest leaves this node.
// Kept by Syncs; asked for every message on the link, and so ready beforehand.

#include "subject/trie.h"

#include <string>
#include <string_view>
#include <vector>

namespace frond::sync {

class Crossings {
 public:
  /// A way carries what is published on these.
  void carry(const std::vector<std::string>& subjects);
  void clear() { carried_.clear(); }

  /// A publish on this literal subject does not go up by interest.
  bool publish_stays(std::string_view subject) const { return carries(subject); }
  /// What came down by interest on this literal subject is not of local origin: the stream that
  /// captures it must not store it.
  bool keeps_out(std::string_view subject) const { return carries(subject); }
  /// The interest of a stream in this subject, which may have wildcards, is not announced. That of
  /// clients is.
  bool interest_stays(std::string_view subject) const { return carried_.find(subject) != nullptr; }

 private:
  struct Carried {};
  bool carries(std::string_view subject) const;

  subject::Trie<Carried> carried_;
};

}  // namespace frond::sync
