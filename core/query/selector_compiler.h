#pragma once
// Reads a selector's JSON into the nodes of a Selector (selector.h). Lives for one compile().

#include "query/selector.h"

#include <string>
#include <string_view>
#include <vector>

namespace frond::query {

class SelectorCompiler {
 public:
  using Op = Selector::Op;
  using Path = std::vector<std::string>;

  explicit SelectorCompiler(Selector& target, bool of_item) : target_(target), of_item_(of_item) {}
  /// Fields and combinations of selectors, all of which must hold.
  void selector(const wire::Json& given, const Path& below);
  /// What is asked of one field.
  void condition(const wire::Json& given, const Path& path);
  std::string take_fault() { return std::move(fault_); }

 private:
  void fail(std::string_view what, std::string_view name = {});
  std::uint32_t open(Op op);
  void close(std::uint32_t node);
  void combination(std::string_view name, const wire::Json& given, const Path& path,
                   bool of_condition);
  void field(const std::string& name, const wire::Json& given, const Path& below);
  void operation(std::string_view name, const wire::Json& given, const Path& path);
  Selector::Node* add(Op op, const Path& path);
  std::uint32_t operand(const wire::Json& given, const Path& path);
  void list(Op op, const wire::Json& given, const Path& path);
  void type(const wire::Json& given, const Path& path);
  void modulo(const wire::Json& given, const Path& path);
  void regex(const wire::Json& given, const Path& path);
  void items(Op op, const wire::Json& given, const Path& path);

  Selector& target_;
  const bool of_item_;
  std::string fault_;
};

}  // namespace frond::query
