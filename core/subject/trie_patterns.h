#pragma once
// Questions about patterns that are asked with a pattern: which stored ones have a subject in
// common with it, which cover it whole. Configs are checked with them. Unlike a look-up with a
// literal, a search with wildcards on both sides can have to look at very much for nothing; it
// counts its steps and gives up at a bound. Functions on trie.h.

#include "subject/tokens.h"
#include "subject/trie.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace frond::subject {

enum class Search : std::uint8_t {
  ended,    ///< Everything that fits has been visited.
  stopped,  ///< A visitor returned false.
  gave_up,  ///< No steps were left.
};

namespace detail {

enum class Relation : std::uint8_t { overlaps, covers };

template <class Value, class Visit>
class PatternSearch {
 public:
  PatternSearch(Relation relation, std::string_view pattern, std::size_t& steps, Visit& visit)
      : relation_(relation), tokens_(pattern), steps_(steps), visit_(visit) {}

  Search run(const TrieLevel<Value>* root) {
    if (root == nullptr || tokens_.size() == 0) {
      return Search::ended;
    }
    waiting_.push_back({root, 0});
    while (!waiting_.empty()) {
      const Branch here = waiting_.back();
      waiting_.pop_back();
      if (!enter(here)) {
        return steps_ == 0 ? Search::gave_up : Search::stopped;
      }
    }
    return Search::ended;
  }

 private:
  struct Branch {
    const TrieLevel<Value>* level;
    std::size_t index;  // Of the token that the level's nodes meet.
  };

  bool enter(const Branch& here) {
    const bool covers = relation_ == Relation::covers;
    const std::string_view token = tokens_[here.index];
    const auto meet = [&](const TrieNode<Value>& node) { return this->meet(node, here.index); };
    if (here.level->rest && !visit_value(*here.level->rest)) {
      return false;
    }
    if (token == any_rest) {
      // Covered by another ">" only; it overlaps with whatever goes on below.
      return covers || here.level->each_node([&](const TrieNode<Value>& node) {
        return &node == here.level->rest.get() || meet(node);
      });
    }
    if (token == any_token && !covers) {
      return here.level->each_node([&](const TrieNode<Value>& node) {
        return &node == here.level->rest.get() || meet(node);
      });
    }
    const TrieNode<Value>* literal = here.level->get_literal(token);
    return (literal == nullptr || meet(*literal)) && (!here.level->star || meet(*here.level->star));
  }

  /// The node fits the token with this index.
  bool meet(const TrieNode<Value>& node, std::size_t index) {
    if (steps_ == 0 || --steps_ == 0) {
      return false;
    }
    const bool rest = tokens_[index] == any_rest;
    if ((rest || index + 1 == tokens_.size()) && !visit_value(node)) {
      return false;
    }
    if (node.next && (rest || index + 1 < tokens_.size())) {
      waiting_.push_back({node.next.get(), rest ? index : index + 1});
    }
    return true;
  }

  bool visit_value(const TrieNode<Value>& node) { return !node.value || visit_(*node.value); }

  Relation relation_;
  TokenList tokens_;
  std::size_t& steps_;
  Visit& visit_;
  std::vector<Branch> waiting_;
};

}  // namespace detail

/// Every stored pattern that has a literal subject in common with `pattern` (see overlap()):
/// visit(const Value&), which returns whether to go on. Takes from `steps` what it looks at.
template <class Value, class Visit>
Search visit_overlapping(const Trie<Value>& trie, std::string_view pattern, std::size_t& steps,
                         Visit&& visit) {
  return detail::PatternSearch<Value, Visit>(detail::Relation::overlaps, pattern, steps, visit)
      .run(trie.root());
}

/// Every stored pattern that matches all that `pattern` matches (see is_subset()), itself too.
template <class Value, class Visit>
Search visit_covering(const Trie<Value>& trie, std::string_view pattern, std::size_t& steps,
                      Visit&& visit) {
  return detail::PatternSearch<Value, Visit>(detail::Relation::covers, pattern, steps, visit)
      .run(trie.root());
}

}  // namespace frond::subject
