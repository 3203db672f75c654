#pragma once
// Every subscription of the node: a trie of patterns, and a cache of what literal subjects matched.
// A cache hit costs one hash of the subject; a change drops only what it may have changed. Part of
// Router, which alone hands out references to what is inside.
//
// During a delivery (between enter() and leave()) nothing that was handed out is destroyed: removed
// subscriptions are only marked, replaced results are kept aside until leave().

#include "route/sink.h"
#include "subject/trie.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace frond::route {

/// A subscription and where it is filed.
struct Entry : Subscription {
  bool removed = false;
  std::size_t sink_index = 0;    ///< In the list of its sink.
  std::size_t bucket_index = 0;  ///< In the list of its subject (and queue).
};

/// What one literal subject matched.
struct Match {
  struct Link {
    Sink* sink = nullptr;
    std::vector<Entry*> plain;
  };
  struct Group {
    std::string name;
    std::vector<Entry*> local;  ///< Clients and internal sinks.
    std::vector<Entry*> links;  ///< Leaves and the hub, each with a weight.
  };
  std::vector<Entry*> local;  ///< Plain subscriptions of clients and internal sinks.
  std::vector<Link> links;    ///< Links with plain interest, each once.
  std::vector<Group> groups;
  bool stored = false;  ///< One of the sinks stores it (Sink::stores).
  bool empty() const { return local.empty() && links.empty() && groups.empty(); }
};

class Subscriptions {
 public:
  Entry& add(Sink& sink, std::string_view subject, std::string_view queue, std::string_view sid,
             std::uint32_t weight, bool alone = false);
  /// Null when there is no such subscription (any more).
  Entry* find(SubscriptionId id);
  void remove(Entry& entry);
  /// The subscriptions of one sink, in no special order; remove() changes the list.
  const std::vector<Entry*>& of(const Sink& sink) const;
  std::size_t size() const { return entries_.size(); }

  /// From the cache, or matched now. Valid until the next call outside of enter() and leave().
  const Match& match(std::string_view subject);

  void enter() { delivering_ = true; }
  void leave();

 private:
  /// Members by the group's name.
  using Groups = std::map<std::string, std::vector<Entry*>, std::less<>>;
  /// The subscriptions of exactly one subject.
  struct Bucket {
    std::vector<Entry*> plain;
    Groups groups;
    bool empty() const { return plain.empty() && groups.empty(); }
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Cache = std::unordered_map<std::string, std::unique_ptr<Match>, Hash, std::equal_to<>>;

  std::unique_ptr<Match> find_matches(std::string_view subject);
  static void collect_links(const std::vector<Entry*>& plain, Match& match);
  static void collect_groups(std::vector<const Groups::value_type*>& parts, Match& match);
  std::vector<Entry*>& list_of(Bucket& bucket, const Entry& entry);
  void invalidate(std::string_view subject);
  void drop_cache();
  static std::size_t cost(std::string_view subject, const Match& match);

  std::uint64_t last_id_ = 0;
  subject::Trie<Bucket> trie_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Entry>> entries_;
  std::unordered_map<const Sink*, std::vector<Entry*>> by_sink_;
  Cache cache_;
  std::size_t cache_bytes_ = 0;
  bool delivering_ = false;
  std::vector<std::unique_ptr<Entry>> removed_entries_;
  std::vector<std::unique_ptr<Match>> replaced_matches_;
};

}  // namespace frond::route
