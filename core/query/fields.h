#pragma once
// The fields that a query looks at, by name, and their values in one document, found in one pass
// over its text. "a.b" is a path into the JSON payload ("a.0" the first item of an array, "a\\.b" a
// name with a dot); names with '$' are what the message has beside its payload. A query makes one
// of these for its selector, one for what it sorts and groups by, and one for a projection.

#include "query/value.h"
#include "stream/stream.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace frond::query {

/// "a.b" as {"a", "b"}.
std::vector<std::string> split_path(std::string_view path);
/// $subject, $tokens.<n>, $seq, $time, $key, $headers.<name> and $value.
bool is_pseudo_field(std::string_view name);

class Fields {
 public:
  /// The slot of the field's value; the same for the same name. Nothing when there are too many.
  static constexpr std::size_t none = ~std::size_t{0};
  std::size_t add(std::string_view name);
  /// A path below `prefix`; no path at all is the whole value.
  std::size_t add_path(const std::vector<std::string>& path);

  std::size_t size() const { return names_.size(); }
  const std::string& name(std::size_t slot) const { return names_[slot]; }
  const Value& operator[](std::size_t slot) const { return values_[slot]; }

  /// False when the payload turned out to be no JSON; what lies behind the last field of interest
  /// is not looked at. The values live until the next call, and as long as the message.
  bool read(const stream::StoredMessage& message);
  /// The same for the fields of a value alone.
  bool read(const Value& root);
  /// {"a":{"b":...},"$seq":...} of what was read and is there.
  void print(std::string& out) const;

 private:
  struct Step {
    std::string name;
    std::size_t slot = none;
    std::uint32_t child = 0;
    std::uint32_t sibling = 0;
    std::uint32_t children = 0;
  };
  struct Pseudo {
    std::uint8_t kind = 0;
    std::size_t slot = 0;
    std::string argument;
  };
  std::size_t new_slot(std::string name);
  bool walk(const Step& step, JsonScan& scan, bool root);
  bool walk_object(const Step& step, JsonScan& scan, bool root);
  bool walk_array(const Step& step, JsonScan& scan);
  const Step* child_of(const Step& step, const Value& name, std::uint64_t& bit) const;
  void read_pseudo(const Pseudo& pseudo, const stream::StoredMessage& message);
  bool print_step(std::string& out, const Step& step) const;

  std::vector<Step> steps_ = std::vector<Step>(1);
  std::vector<Pseudo> pseudos_;
  std::vector<std::string> names_;
  std::vector<Value> values_;
  std::vector<std::string> numbers_;  // Texts of $seq and $time.
  bool json_ = false;                 // Some field lies in the payload.
};

}  // namespace frond::query
