#pragma once
// A JSON value as a view of the text it stands in, found without reading what is around it: queries
// touch a few fields of each document, so that making a tree of it would be most of their work.
// JsonScan moves over a text; it looks only at what it passes, and what is passed over is checked
// no further than is needed to find its end. Values live as long as their text.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace frond::query {

/// In the order in which values of different kinds are sorted, which is CouchDB's.
enum class Kind : std::uint8_t { missing, null, no, yes, number, string, array, object };

struct Value {
  Kind kind = Kind::missing;
  bool escaped = false;   ///< A string of a JSON text that has escapes.
  bool plain = false;     ///< A string that is no part of a JSON text: a subject, a header.
  std::string_view text;  ///< The JSON text; of a string what stands between the quotes.
};

/// A text that is no part of a JSON text.
inline Value plain_text(std::string_view text) {
  return {.kind = Kind::string, .escaped = false, .plain = true, .text = text};
}

/// What the number says, as JavaScript understands it.
double number_of(std::string_view text);
/// The characters of a string, in UTF-8.
void append_text(std::string& out, const Value& string);
/// The value as JSON; nothing for a missing one.
void append_json(std::string& out, const Value& value);

class JsonScan {
 public:
  explicit JsonScan(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

  /// The value that begins here; false where none does.
  bool value(Value& out);
  /// Enters the object or array that begins here.
  void enter() {
    ++at_;
    first_ = true;  // Of the innermost only: whoever comes back from it is behind an item.
  }
  /// The next name of an object, up to its value; false at the end, or when faulty().
  bool name(Value& out);
  /// Moves to the next item of an array.
  bool item();
  /// Behind the end of the object or array we are in.
  void leave();
  /// The kind of what begins here, as far as its first character tells.
  char peek();
  const char* at() const { return at_; }
  bool faulty() const { return faulty_; }
  /// Nothing but blanks is left.
  bool done();

 private:
  void blanks();
  bool fail();
  bool next(char closing);
  bool string(Value& out);
  void skip_nested(std::size_t depth);

  const char* at_;
  const char* end_;
  bool first_ = false;
  bool faulty_ = false;
};

}  // namespace frond::query
