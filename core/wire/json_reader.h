#pragma once
// Checked reading of JSON requests. Core has no exceptions, so nobody touches a JSON value before
// its type is known: parse_json() bounds and parses a text, ObjectReader takes typed fields out of
// one object, remembers the first error in Go's words (clients see them inside 10025) and finds
// unknown fields, which nats-server's strict mode refuses. print_json() is the way back. Used by
// stream configs, consumer configs and the API; readers live for one request.

#include "base/limits.h"

#include <frond/types.h>

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace frond::wire {

using Json = nlohmann::ordered_json;

/// Parses `text` into `out`. Returns an empty string, or why it cannot be read in Go's words.
/// Deeper nesting than `depth_max` is an error; the node's own files are read with
/// base::json_stored_depth_max, so that what a request was let in with can be read back from
/// them. Blank text leaves `out` null, as Go's decoder does.
std::string parse_json(std::string_view text, Json& out,
                       std::size_t depth_max = base::json_depth_max);

/// Compact JSON as Go's encoder writes it: '<', '>' and '&' as \u003c, \u003e, \u0026, broken UTF-8
/// replaced.
std::string print_json(const Json& value);

/// Reads fields of one JSON object. A field that is absent or null leaves its target alone. Names
/// match without regard to case when no exact name is there, as in Go. All errors of nested readers
/// that share `error` end up in it; the first one stays.
class ObjectReader {
 public:
  /// `go_type` is the struct's name in Go's error texts, and the path of fields that leads from
  /// the outermost struct to this one: "CreateConsumerRequest.config". `value` and `error` outlive
  /// the reader. A `value` that is no object is an error, null is an empty object.
  ObjectReader(const Json& value, std::string_view go_type, std::string& error);
  /// Of what object() gave for `field`, and of one item of what array() gave: an item that is no
  /// object of `go_type` is an error too.
  ObjectReader(const ObjectReader& parent, std::string_view field, const Json& value);
  ObjectReader(const ObjectReader& parent, std::string_view field, std::size_t index,
               const Json& value, std::string_view go_type);

  void read(std::string_view name, std::string& out);
  void read(std::string_view name, bool& out);
  void read(std::string_view name, std::int32_t& out, std::string_view go_field_type = "int32");
  void read(std::string_view name, std::int64_t& out, std::string_view go_field_type = "int64");
  void read(std::string_view name, std::uint64_t& out);
  void read(std::string_view name, Duration& out);                 ///< Nanoseconds.
  void read(std::string_view name, std::optional<WallTime>& out);  ///< RFC 3339.
  void read(std::string_view name, std::vector<std::string>& out);
  void read(std::string_view name, std::vector<Duration>& out);
  void read(std::string_view name, std::map<std::string, std::string>& out);
  /// The field as an object or array to be read by the caller; null when absent or null.
  const Json* object(std::string_view name, std::string_view go_field_type);
  const Json* array(std::string_view name, std::string_view go_field_type);
  /// The field's JSON text, of whatever type it is ("null" too); empty when it is absent.
  std::string text_of(std::string_view name);
  /// What read_word() (json_words.h) says of a text that is none of its words.
  void refuse_word(std::string_view refusal, const std::string& text);
  /// Marks a field as known without reading it.
  void ignore(std::string_view name) { take(name); }
  /// Records an error unless there is one already.
  void fail(std::string text);

  /// Call last: any field not asked for is `json: unknown field "x"`.
  void finish();

 private:
  const Json* find(std::string_view name);
  const Json* take(std::string_view name);
  void mismatch(std::string_view name, const Json& found, std::string_view go_field_type);
  /// Of one item of a list, which Go's error names by its place.
  void mismatch(std::string_view name, std::size_t index, const Json& found,
                std::string_view go_type);
  template <class Integer>
  void read_integer(std::string_view name, Integer& out, std::string_view go_field_type);

  const Json* value_ = nullptr;
  std::string go_type_;
  std::string& error_;
  std::vector<std::string_view> known_;
};

}  // namespace frond::wire
