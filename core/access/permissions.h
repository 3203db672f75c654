#pragma once
// What one user may publish and subscribe to (SU-14): allow and deny lists with wildcards; a
// subscribe entry may be limited to a queue group ("orders.> workers"). Sessions ask on every
// publish, subscribe and, when a wildcard subscription meets a deny, every delivery. Made when a
// user is authenticated, lives as long as the session.

#include "subject/trie.h"

#include <frond/config.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace frond::access {

class Permissions {
 public:
  /// No restrictions.
  Permissions() = default;
  explicit Permissions(const User& user);

  bool may_publish(std::string_view subject) const;
  /// `queue` is empty for a plain subscription.
  bool may_subscribe(std::string_view subject, std::string_view queue) const;
  /// Whether messages of this permitted subscription must pass may_deliver() one by one.
  bool filters_deliveries(std::string_view subject, std::string_view queue) const;
  bool may_deliver(std::string_view subject, std::string_view queue) const;

 private:
  /// What a subscribe list says of one subject: plain, and which queue groups.
  struct Scope {
    bool plain = false;
    std::vector<std::string> queues;
  };
  struct Right {};
  using Publish = subject::Trie<Right>;
  using Subscribe = subject::Trie<Scope>;

  static bool scope_has(const Subscribe& list, std::string_view subject, std::string_view queue,
                        bool allow);
  static Subscribe subscribe_list(const std::vector<std::string>& entries);

  // An allow list that is given but holds nothing valid allows nothing; absent, it allows all.
  std::optional<Publish> publish_allow_;
  Publish publish_deny_;
  std::optional<Subscribe> subscribe_allow_;
  Subscribe subscribe_deny_;
  std::vector<std::string> subscribe_deny_subjects_;
};

}  // namespace frond::access
