#pragma once
// Rewrites subjects: "orders.*.>" to "eu.$1.>", with nats-server's functions ({{wildcard(1)}},
// {{partition(10,1)}}, {{split(1,-)}}, ...; not {{random(n)}}). Made from a config that was checked
// by it; used by sync for what comes from a source.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace frond::subject {

class Transform {
 public:
  /// An empty source is ">", an empty destination leaves subjects as they are. Says in
  /// nats-server's words what is wrong with them; empty when nothing is.
  std::string read(std::string_view source, std::string_view destination);

  /// The new subject; nothing when the source does not match.
  std::optional<std::string> apply(std::string_view subject) const;

 private:
  enum class Function : unsigned char {
    wildcard,
    partition,
    split,
    split_from_left,
    split_from_right,
    slice_from_left,
    slice_from_right,
    left,
    right,
    none,  // The text as it is.
  };
  struct Part {
    Function function = Function::none;
    std::string text;  // Of none; of split the delimiter.
    int number = 0;    // A length, or how many partitions.
    std::vector<std::size_t> tokens;
  };
  std::string read_token(std::string_view token, Part& part, std::size_t wildcards) const;
  std::string read_function(std::string_view token, Part& part) const;
  void write(const Part& part, const std::vector<std::string_view>& tokens, std::string& out) const;

  std::string source_;
  std::vector<Part> parts_;  // Empty: subjects stay as they are.
  std::size_t fixed_ = 0;    // Tokens of the source in front of ">".
  bool rest_ = false;        // Both end with ">".
};

}  // namespace frond::subject
