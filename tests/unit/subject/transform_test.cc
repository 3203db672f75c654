// What nats-server 2.15.1 makes of subjects by the same transforms, and how it refuses others.

#include "subject/transform.h"

#include <catch2/catch.hpp>

namespace frond::subject {
namespace {

std::string made(std::string_view source, std::string_view destination, std::string_view subject) {
  Transform transform;
  CHECK(transform.read(source, destination).empty());
  return transform.apply(subject).value_or("no match");
}

TEST_CASE("subjects are rewritten") {
  CHECK(made("", "", "a.b") == "a.b");
  CHECK(made(">", ">", "a.b") == "a.b");
  CHECK(made("a.>", "", "a.b") == "a.b");
  CHECK(made("a", "b", "a") == "b");
  CHECK(made("a", "b", "c") == "no match");
  CHECK(made("orders.*.>", "eu.$1.>", "orders.7.x.y") == "eu.7.x.y");
  CHECK(made(">", "all.>", "a.b") == "all.a.b");
  CHECK(made("a.*.*", "b.{{wildcard(2)}}.{{ Wildcard( 1 ) }}", "a.1.2") == "b.2.1");
  CHECK(made("$KV.A.>", "$KV.B.>", "$KV.A.k") == "$KV.B.k");
  CHECK(made("*", "{{splitfromleft(1,3)}}", "12345") == "123.45");
  CHECK(made("*", "{{SplitFromRight(1,3)}}", "12345") == "12.345");
  CHECK(made("*", "{{SplitFromRight(1,9)}}", "12345") == "12345");
  CHECK(made("*", "{{slicefromleft(1,2)}}", "12345") == "12.34.5");
  CHECK(made("*", "{{SliceFromRight(1,2)}}", "12345") == "1.23.45");
  CHECK(made("*", "{{slicefromright(1,2)}}", "1234") == "12.34");
  CHECK(made("*", "{{split(1,-)}}", "-a-b--c-") == "a.b.c");
  CHECK(made("*", "{{left(1,2)}}.{{right(1,1)}}", "12345") == "12.5");
  CHECK(made("*.*", "p.{{partition(10,1,2)}}", "foo.bar") == "p.0");
  CHECK(made("*", "p.{{partition(10,1)}}.$1", "foo") == "p.3.foo");
  CHECK(made("foo.bar", "p.{{partition(3)}}", "foo.bar") == "p.2");
}

TEST_CASE("what is no transform is refused in nats-server's words") {
  const auto why = [](std::string_view source, std::string_view destination) {
    Transform transform;
    return transform.read(source, destination);
  };
  CHECK(why("a.*", "b.$2") ==
        "invalid mapping destination: wildcard index out of range in $2: [2]");
  CHECK(why("a.*", "b.$0") ==
        "invalid mapping destination: wildcard index out of range in $0: [0]");
  CHECK(why("a.>", "b") == "invalid subject");
  CHECK(why("a", "b.*") == "invalid subject");
  CHECK(why("a..b", "b") == "invalid subject");
  CHECK(why("a", "b..c") == "invalid mapping destination: invalid transform");
  CHECK(why("*", "{{split(1,\r\n)}}") == "invalid mapping destination: invalid transform");
  CHECK(why("a", "b c") == "invalid mapping destination: invalid transform");
  CHECK(why("*", "{{nonsense(1)}}") ==
        "invalid mapping destination: unknown function in {{nonsense(1)}}");
  CHECK(why("*", "{{split(1)}}") ==
        "invalid mapping destination: not enough arguments passed to the function in {{split(1)}}");
  CHECK(why("*", "{{wildcard(1,2)}}") ==
        "invalid mapping destination: too many arguments passed to the function in "
        "{{wildcard(1,2)}}");
  CHECK(why("*", "{{left(1,x)}}") ==
        "invalid mapping destination: function argument is invalid or in the wrong format in "
        "{{left(1,x)}}");
}

}  // namespace
}  // namespace frond::subject
