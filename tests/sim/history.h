#pragma once
// What the model may no longer hold the world to. A stream's past can be undone from outside: a
// backup is restored, power is lost with relaxed durability, an application deletes or purges, a
// disk damages a record. Misfortunes say so here, and the checkers ask before they complain: of a
// message, whether it was offered before such a break. Everything offered after it counts in full.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace frond::sim {

class History {
 public:
  /// An application is about to publish this to "<node>/<stream>"; payloads are unique by their
  /// first word.
  void offered(const std::string& stream, std::string_view payload);
  /// There is no such stream from now on, until it is made anew: what is offered meanwhile goes
  /// past it to the hub, and when it is offered again it may arrive once more.
  void gone(const std::string& stream, bool is) {
    is ? void(gone_.insert(stream)) : void(gone_.erase(stream));
  }
  bool stray(const std::string& stream, std::string_view payload) const;
  /// What was offered to the stream until now may be gone, and its sequences may be used again.
  void broke(const std::string& stream) { broke_[stream] = ++clock_; }
  /// Moments to ask after: whether the stream broke later.
  std::uint64_t now() const { return clock_; }
  bool broke_since(const std::string& stream, std::uint64_t when) const {
    return at(broke_, stream) > when;
  }
  bool differs_since(const std::string& stream, std::uint64_t when) const {
    return at(differ_, stream) > when;
  }
  /// A copy of the stream may lack (the hub's, of what it refused) or keep (a mirror's, of what was
  /// purged) what was offered until now.
  void copies_may_differ(const std::string& stream) { differ_[stream] = ++clock_; }
  /// This one message of the stream has been damaged.
  void damaged(const std::string& stream, std::string_view payload);

  /// Whether it was offered to `source` before the last break of `stream`. They differ when
  /// `stream` holds copies of what was offered elsewhere.
  bool before_break(const std::string& stream, const std::string& source,
                    std::string_view payload) const;
  bool before_break(const std::string& stream, std::string_view payload) const {
    return before_break(stream, stream, payload);
  }
  bool may_differ(const std::string& stream, const std::string& source,
                  std::string_view payload) const;
  bool is_damaged(const std::string& stream, std::string_view payload) const;

 private:
  using Times = std::map<std::string, std::uint64_t, std::less<>>;
  std::uint64_t offered_at(const std::string& stream, std::string_view payload) const;
  static std::uint64_t at(const Times& times, const std::string& stream);

  std::uint64_t clock_ = 0;  ///< Counts what is reported here.
  std::map<std::string, Times> offered_;
  Times broke_, differ_;
  using Payloads = std::map<std::string, std::set<std::string, std::less<>>>;
  Payloads damaged_, stray_;
  std::set<std::string> gone_;
};

}  // namespace frond::sim
