#pragma once
// Which documents a query wants: a Mango selector as CouchDB, PouchDB and RxDB know it, compiled
// from its JSON to one flat list of nodes that is run for each document. A node's children follow
// it up to its `end`. The fields it looks at are found in one pass over the document (fields.h),
// and then no text is looked at but theirs. Compiled once for a query; running it needs room of its
// own, so one selector serves one scan at a time.

#include "query/collation.h"
#include "query/fields.h"
#include "query/regex.h"
#include "wire/json_reader.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace frond::query {

/// The values of a field that a selector can let pass: keys from `first` on, below `end` (empty: no
/// bound).
struct KeyRange {
  std::string first;
  std::string end;
  bool point = false;  ///< One value.
};

class Selector {
 public:
  /// What is wrong with it; empty when it can be used.
  std::string compile(const wire::Json& selector);
  /// What is wrong with an item's: of $elemMatch and its like.
  std::string compile_item(const wire::Json& condition);

  /// Reads the fields and looks at them. `json` is false when the payload turned out to be none.
  bool matches(const stream::StoredMessage& message, bool& json);
  bool matches_item(const Value& item);
  /// Every condition is met by any document.
  bool takes_all() const { return nodes_.size() == 1; }
  /// What $regex has read since the last call, bytes of a small expression: it is slower than all
  /// else.
  std::size_t take_regex_bytes() { return std::exchange(regex_bytes_, 0); }

  /// The ranges in which the field must lie for the selector to match, as far as conditions that
  /// must all hold say so; false when they say nothing of it.
  bool ranges_of(std::string_view field, std::vector<KeyRange>& out) const;

 private:
  friend class SelectorCompiler;
  enum class Op : std::uint8_t {
    all,
    any,
    none,
    eq,
    ne,
    lt,
    lte,
    gt,
    gte,
    in,
    nin,
    exists,
    type,
    size,
    mod,
    regex,
    begins_with,
    has_all,
    some_item,
    each_item,
  };
  struct Node {
    Op op{};
    std::uint32_t slot = 0;
    std::uint32_t first = 0;  ///< Of its operands, or what stands for them (see SelectorCompiler).
    std::uint32_t count = 0;
    std::uint32_t end = 0;
  };

  bool run(std::uint32_t at);
  bool test(const Node& node, const Value& value);
  bool is_among(const Node& node, const Value& value);
  bool has_all(const Node& node, const Value& value);
  bool items_match(const Node& node, const Value& value);
  bool modulo_is(const Node& node, const Value& value) const;
  bool text_matches(const Node& node, const Value& value);
  bool append_ranges(const Node& node, std::vector<KeyRange>& out, bool& of_item) const;

  Fields fields_;
  std::vector<Node> nodes_;
  std::vector<Operand> operands_;
  std::vector<Regex> regexes_;
  std::vector<std::unique_ptr<Selector>> items_;
  std::string scratch_;
  std::size_t regex_bytes_ = 0;
};

}  // namespace frond::query
