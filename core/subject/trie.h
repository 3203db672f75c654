#pragma once
// Values by subject, found by matching. The router keeps its subscriptions here (stored patterns,
// asked with a literal), the store its counts per subject (stored literals, asked with a filter).
// A lookup costs by the depth of the subject and the branches that match, not by how many subjects
// are stored (SU-03). Order of visits depends only on the history of insertions, on every platform.
//
// Visitors are called as visit(Value&) or visit(subject, Value&) and may return false to stop.
// They must not change the trie.

#include "base/assert.h"
#include "base/limits.h"
#include "subject/tokens.h"
#include "subject/trie_level.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace frond::subject {

template <class Value>
class Trie {
 public:
  Trie() = default;
  ~Trie() { clear(); }
  Trie(Trie&& other) noexcept
      : root_(std::move(other.root_)), size_(std::exchange(other.size_, 0)) {}
  Trie& operator=(Trie&& other) noexcept {
    std::swap(root_, other.root_);
    std::swap(size_, other.size_);
    return *this;
  }
  Trie(const Trie&) = delete;
  Trie& operator=(const Trie&) = delete;

  /// How many subjects have a value.
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  void clear() {
    // By hand, because destructors that call each other would use a stack as deep as the trie.
    std::vector<std::unique_ptr<Level>> doomed;
    if (root_) {
      doomed.push_back(std::move(root_));
    }
    while (!doomed.empty()) {
      const std::unique_ptr<Level> level = std::move(doomed.back());
      doomed.pop_back();
      level->each_node([&doomed](Node& node) {
        if (node.next) {
          doomed.push_back(std::move(node.next));
        }
        return true;
      });
    }
    size_ = 0;
  }

  /// The value stored for exactly this subject, made by default when there is none. The subject is
  /// valid (subject/validity.h).
  Value& at(std::string_view subject) {
    std::unique_ptr<Level>* level = &root_;
    Node* node = nullptr;
    std::size_t depth = 0;
    for (TokenCursor cursor(subject); cursor.next(); level = &node->next) {
      FROND_ASSERT(!cursor.token().empty() && ++depth <= base::subject_tokens_max);
      if (!*level) {
        *level = std::make_unique<Level>();
      }
      node = &(*level)->get_or_add(cursor.token());
    }
    if (!node->value) {
      node->value.emplace();
      ++size_;
    }
    return *node->value;
  }

  /// The value stored for exactly this subject; null when there is none.
  Value* find(std::string_view subject) {
    const Level* level = root_.get();
    Node* node = nullptr;
    for (TokenCursor cursor(subject); cursor.next(); level = node->next.get()) {
      node = level == nullptr ? nullptr : level->get(cursor.token());
      if (node == nullptr) {
        return nullptr;
      }
    }
    return node->value ? &*node->value : nullptr;
  }
  const Value* find(std::string_view subject) const {
    return const_cast<Trie*>(this)->find(subject);
  }

  /// Removes exactly this subject and the branches that only it needed; false when not stored.
  bool erase(std::string_view subject) {
    struct Step {
      Level* level;
      std::string_view token;
    };
    std::vector<Step> path;
    Node* node = nullptr;
    Level* level = root_.get();
    for (TokenCursor cursor(subject); cursor.next(); level = node->next.get()) {
      node = level == nullptr ? nullptr : level->get(cursor.token());
      if (node == nullptr) {
        return false;
      }
      path.push_back({level, cursor.token()});
    }
    if (!node->value) {
      return false;
    }
    node->value.reset();
    --size_;
    while (!path.empty() && !path.back().level->get(path.back().token)->needed()) {
      path.back().level->remove(path.back().token);
      path.pop_back();
    }
    if (root_->empty()) {
      root_.reset();
    }
    return true;
  }

  /// Every stored pattern that matches this literal subject: visit(Value&). A subject with an empty
  /// token matches nothing. False when a visitor stopped it.
  template <class Visit>
  bool match_literal(std::string_view subject, Visit&& visit) {
    if (!root_) {
      return true;
    }
    const TokenList tokens(subject);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (tokens[i].empty()) {
        return true;
      }
    }
    struct Branch {
      const Level* level;
      std::size_t index;
    };
    // Explicit, because a subject may be deeper than a Wasm stack.
    std::vector<Branch> waiting;
    Branch here{root_.get(), 0};
    for (;;) {
      if (here.level->rest && !call(visit, *here.level->rest->value)) {
        return false;
      }
      const bool last = here.index + 1 == tokens.size();
      Branch next{nullptr, here.index + 1};
      for (Node* node : {here.level->get_literal(tokens[here.index]), here.level->star.get()}) {
        if (node == nullptr) {
          continue;
        }
        if (last) {
          if (node->value && !call(visit, *node->value)) {
            return false;
          }
        } else if (node->next) {
          if (next.level != nullptr) {
            waiting.push_back(next);
          }
          next.level = node->next.get();
        }
      }
      if (next.level == nullptr) {
        if (waiting.empty()) {
          return true;
        }
        next = waiting.back();
        waiting.pop_back();
      }
      here = next;
    }
  }
  template <class Visit>
  bool match_literal(std::string_view subject, Visit&& visit) const {
    return const_cast<Trie*>(this)->match_literal(
        subject, [&visit](Value& value) { return call(visit, std::as_const(value)); });
  }

  /// Every stored subject that is matched by `filter` as a whole (see is_subset): visit(subject,
  /// Value&). `subject` is valid during the visit. False when a visitor stopped it.
  template <class Visit>
  bool match_filter(std::string_view filter, Visit&& visit) {
    const TokenList tokens(filter);
    std::string path;
    return root_ == nullptr || walk_filter(*root_, tokens, 0, path, visit);
  }
  template <class Visit>
  bool match_filter(std::string_view filter, Visit&& visit) const {
    return const_cast<Trie*>(this)->match_filter(
        filter, [&visit](std::string_view subject, Value& value) {
          return call(visit, subject, std::as_const(value));
        });
  }

  /// Where it begins, for trie_patterns.h; null when it is empty.
  const TrieLevel<Value>* root() const { return root_.get(); }

  /// Every stored subject: visit(subject, Value&).
  template <class Visit>
  bool each(Visit&& visit) {
    return match_filter(any_rest, visit);
  }
  template <class Visit>
  bool each(Visit&& visit) const {
    return match_filter(any_rest, visit);
  }

 private:
  using Level = TrieLevel<Value>;
  using Node = TrieNode<Value>;

  /// Calls a visitor that may return nothing (goes on) or a bool.
  template <class Visit, class... Arguments>
  static bool call(Visit& visit, Arguments&&... arguments) {
    if constexpr (std::is_void_v<std::invoke_result_t<Visit&, Arguments...>>) {
      visit(std::forward<Arguments>(arguments)...);
      return true;
    } else {
      return visit(std::forward<Arguments>(arguments)...);
    }
  }

  /// Recursion is as deep as the stored subjects, which at() bounds.
  template <class Visit>
  static bool walk_filter(Level& level, const TokenList& tokens, std::size_t index,
                          std::string& path, Visit& visit) {
    const std::string_view token = index < tokens.size() ? tokens[index] : any_rest;
    const bool all = token == any_rest;
    const bool last = index + 1 >= tokens.size();
    const auto enter = [&](Node& node) {
      if (&node == level.rest.get() && !all) {
        return true;  // "a.>" is wider than "a.*".
      }
      const std::size_t length = path.size();
      if (index > 0) {
        path.push_back(separator);
      }
      path += node.token;
      bool go_on = true;
      if ((all || last) && node.value) {
        go_on = call(visit, std::string_view(path), *node.value);
      }
      if (go_on && node.next && (all || !last)) {
        go_on = walk_filter(*node.next, tokens, index + 1, path, visit);
      }
      path.resize(length);
      return go_on;
    };
    if (all || token == any_token) {
      return level.each_node(enter);
    }
    Node* node = level.get_literal(token);
    return node == nullptr || enter(*node);
  }

  std::unique_ptr<Level> root_;
  std::size_t size_ = 0;
};

}  // namespace frond::subject
