#pragma once
// One level of a subject trie: the nodes below one node, found by the next token of a subject. Part
// of trie.h, which walks from level to level.

#include "subject/tokens.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace frond::subject {

template <class Value>
struct TrieLevel;

template <class Value>
struct TrieNode {
  std::string token;
  std::uint32_t hash = 0;
  std::unique_ptr<TrieLevel<Value>> next;
  std::optional<Value> value;
  bool needed() const { return value || (next && !next->empty()); }
};

/// The nodes below one node: an open hash table of literals, and the two wildcards beside it.
template <class Value>
struct TrieLevel {
  using Node = TrieNode<Value>;

  std::vector<std::unique_ptr<Node>> slots;  // Size is a power of two; at most 3/4 in use.
  std::size_t used = 0;
  std::unique_ptr<Node> star, rest;

  bool empty() const { return used == 0 && !star && !rest; }

  static std::uint32_t hash_of(std::string_view token) {
    std::uint32_t hash = 2166136261u;  // FNV-1a: tokens are short, and it is the same everywhere.
    for (const char c : token) {
      hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    }
    return hash ^ hash >> 15;
  }

  Node* get(std::string_view token) const {
    if (token == any_token) {
      return star.get();
    }
    return token == any_rest ? rest.get() : get_literal(token);
  }
  Node* get_literal(std::string_view token) const {
    if (used == 0) {
      return nullptr;
    }
    return slots[slot_of(token, hash_of(token))].get();
  }
  /// The slot that holds the token, or the free one where it would go.
  std::size_t slot_of(std::string_view token, std::uint32_t hash) const {
    const std::size_t mask = slots.size() - 1;
    std::size_t slot = hash & mask;
    while (slots[slot] && (slots[slot]->hash != hash || slots[slot]->token != token)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  Node& get_or_add(std::string_view token) {
    if (token == any_token || token == any_rest) {
      std::unique_ptr<Node>& wild = token == any_token ? star : rest;
      if (!wild) {
        wild = make(token, 0);
      }
      return *wild;
    }
    const std::uint32_t hash = hash_of(token);
    if (!slots.empty()) {
      if (const auto& found = slots[slot_of(token, hash)]) {
        return *found;
      }
    }
    if ((used + 1) * 4 > slots.size() * 3) {
      grow();
    }
    std::unique_ptr<Node>& slot = slots[slot_of(token, hash)];
    slot = make(token, hash);
    ++used;
    return *slot;
  }
  static std::unique_ptr<Node> make(std::string_view token, std::uint32_t hash) {
    auto node = std::make_unique<Node>();
    node->token = token;
    node->hash = hash;
    return node;
  }
  void grow() {
    std::vector<std::unique_ptr<Node>> old(slots.empty() ? 2 : slots.size() * 2);
    old.swap(slots);
    for (std::unique_ptr<Node>& node : old) {
      if (node) {
        const std::size_t slot = slot_of(node->token, node->hash);
        slots[slot] = std::move(node);
      }
    }
  }
  void remove(std::string_view token) {
    if (token == any_token) {
      star.reset();
    } else if (token == any_rest) {
      rest.reset();
    } else {
      remove_slot(slot_of(token, hash_of(token)));
    }
  }
  /// Closes the gap, so that no search ends too early at it.
  void remove_slot(std::size_t gap) {
    const std::size_t mask = slots.size() - 1;
    slots[gap].reset();
    --used;
    for (std::size_t i = (gap + 1) & mask; slots[i]; i = (i + 1) & mask) {
      const std::size_t home = slots[i]->hash & mask;
      if (((i - home) & mask) >= ((i - gap) & mask)) {
        slots[gap] = std::move(slots[i]);
        gap = i;
      }
    }
  }

  template <class Visit>
  bool each_node(Visit&& visit) const {
    for (const std::unique_ptr<Node>& node : slots) {
      if (node && !visit(*node)) {
        return false;
      }
    }
    return (!star || visit(*star)) && (!rest || visit(*rest));
  }
};

}  // namespace frond::subject
