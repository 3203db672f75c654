#pragma once
// What may cross a link. A stock server trusts its other end to keep JetStream's own subjects and
// the subjects it has no permission for to itself (leafnode-protocol 8 and 9): one wrong LMSG
// closes the link, and a leaked $JS.API or $KV write changes the wrong side. Pure rules, asked by
// leaf_session for every message and every announcement; one per link.

#include "subject/trie.h"

#include <frond/config.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace frond::leaf {

/// Subjects with which a node of this domain is reachable as a JetStream domain, the nine of
/// leafnode-protocol 9: "$JS.<domain>.API.INFO", "...STREAM.>" and so on.
std::vector<std::string> domain_api_subjects(std::string_view domain);

/// What of `$FROND.>` others may ask a node of this domain, as `$FROND.<domain>.<one of these>`.
inline constexpr std::array<std::string_view, 2> domain_queries{"QUERY.*", "INDEX.INFO.*"};

class LinkRights {
 public:
  /// `own_domain` may be empty.
  explicit LinkRights(std::string own_domain) : own_domain_(std::move(own_domain)) {}

  /// From the hub's second INFO, or from our config for a leaf: what we may send to the other side
  /// and what may be subscribed there on our behalf. Absent means everything.
  void set_permissions(const std::optional<SubjectRights>& send,
                       const std::optional<SubjectRights>& listen);

  /// A message to this literal subject may leave.
  bool may_send(std::string_view subject) const;
  /// As may_send without the JetStream denies: for the forwarder's own publishes.
  bool permits_send(std::string_view subject) const;
  /// A literal subject may be subscribed, by the permissions alone.
  bool permits_listen(std::string_view subject, std::string_view queue) const;
  /// A message from the other side on this literal subject is taken. JetStream's own subjects are
  /// not: each side denies them, and a peer that sends them would reach the wrong API.
  bool may_receive(std::string_view subject) const;
  /// This (possibly wildcard) subject may be announced with LS+. A literal one must be permitted; a
  /// wildcard one need only overlap, the other side filters (leafnode-protocol 8).
  bool may_announce(std::string_view subject, std::string_view queue) const;

 private:
  /// What a list says of one subject.
  struct Scope {
    bool plain = false;
    std::vector<std::string> queues;
    bool applies(std::string_view queue) const;
  };
  using List = subject::Trie<Scope>;
  /// One direction's lists, made ready for a question per message: a peer's CONNECT or INFO may
  /// name thousands of subjects.
  struct Lists {
    explicit Lists(const SubjectRights& rights);
    static List list(const std::vector<std::string>& entries);
    bool allow_literal(std::string_view subject, std::string_view queue) const;
    bool allow_wildcard(std::string_view subject, std::string_view queue) const;

    bool allows_all;
    List allow, deny;
  };

  std::string own_domain_;
  std::optional<Lists> send_;
  std::optional<Lists> listen_;
};

}  // namespace frond::leaf
