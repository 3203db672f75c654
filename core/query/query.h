#pragma once
// What `$FROND.QUERY.<stream>` asks for, read from its JSON: which documents, in which order, what
// of them, or what they come to. docs/query.md describes it field by field. Made for one request;
// holds the values of the document that is being looked at, so that it serves one scan at a time.

#include "query/fields.h"
#include "query/selector.h"
#include "wire/json_reader.h"

#include <frond/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace frond::query {

struct SortKey {
  std::size_t slot = 0;
  bool descending = false;
};

/// "sum", "avg", "min" or "max" of a field.
struct Aggregate {
  std::size_t name = 0;  ///< Of aggregate_names.
  std::size_t slot = 0;
};
inline constexpr const char* aggregate_names[] = {"sum", "avg", "min", "max"};

struct Query {
  Selector selector;
  std::string subject;  ///< Filter; empty for all.
  bool log = false;     ///< Every message, not only the last of each subject.
  StreamSeq up_to;      ///< As of this sequence; none: as of now.
  std::optional<WallTime> up_to_time;
  std::uint64_t limit = 0;  ///< 0: none.
  std::uint64_t skip = 0;
  std::string bookmark;  ///< The key behind which a page begins.
  bool projected = false;
  bool count = false;
  bool grouped = false;
  bool explain = false;
  bool live = false;

  Fields projection;
  Fields keys;  ///< What is sorted, grouped and summed up.
  std::vector<SortKey> sort;
  std::vector<std::size_t> group_by;
  std::vector<Aggregate> aggregates;
};

/// What is wrong with a request. `reading`: it is no JSON of this shape, in Go's words.
struct Fault {
  std::string reading;
  std::string meaning;
  explicit operator bool() const { return !reading.empty() || !meaning.empty(); }
};

Fault read_query(const wire::Json& body, Query& out);

}  // namespace frond::query
