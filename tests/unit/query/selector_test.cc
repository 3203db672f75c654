#include "query/selector.h"
#include "support/plain_selector.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

using namespace frond;
using namespace frond::query;

namespace {

stream::StoredMessage message_of(std::string_view payload) {
  return {.sequence = {7},
          .time = WallTime(std::chrono::milliseconds(1'700'000'000'123)),
          .subject = "$KV.shop.eu.tea",
          .header = "NATS/1.0\r\nKind: hot\r\n\r\n",
          .payload = payload};
}

std::string fault_of(std::string_view selector) {
  Selector compiled;
  return compiled.compile(wire::Json::parse(selector));
}

bool finds(std::string_view selector, std::string_view document) {
  Selector compiled;
  INFO(selector << " in " << document);
  REQUIRE(compiled.compile(wire::Json::parse(selector)) == "");
  bool json = false;
  return compiled.matches(message_of(document), json);
}

const std::string tea =
    R"( { "name":"tea \u00e4\"", "price" : 3.50,"tags":["hot","green",7],"size":{"w":2,"h":[1,{"x":5}]},)"
    R"("none":null,"on":true,"big":12345678901234567890,"a.b":1,"neg":-0.5e2,"names":[{"n":1},{"n":2}]})";

}  // namespace

TEST_CASE("each operator finds what it says") {
  for (const char* yes : {R"({})",
                          R"({"price":3.5})",
                          R"({"price":{"$eq":3.5}})",
                          R"({"price":{"$gt":3,"$lt":4}})",
                          R"({"price":{"$gte":3.5,"$lte":3.5}})",
                          R"({"price":{"$ne":3}})",
                          R"({"none":null})",
                          R"({"none":{"$exists":true}})",
                          R"({"nope":{"$exists":false}})",
                          R"({"nope":{"$ne":1}})",
                          R"({"price":{"$in":[1,3.5]}})",
                          R"({"tags":{"$in":["green"]}})",
                          R"({"price":{"$nin":[1,2]}})",
                          R"({"size.w":2})",
                          R"({"size":{"w":2}})",
                          R"({"size":{"w":{"$gt":1}}})",
                          R"({"size.h.1.x":5})",
                          R"({"tags.2":7})",
                          R"({"tags":{"$size":3}})",
                          R"({"tags":{"$all":[7,"hot"]}})",
                          R"({"tags":["hot","green",7]})",
                          R"({"tags":{"$elemMatch":{"$gt":6,"$lt":8}}})",
                          R"({"names":{"$elemMatch":{"n":2}}})",
                          R"({"names":{"$allMatch":{"n":{"$gt":0}}}})",
                          R"({"on":{"$type":"boolean"}})",
                          R"({"size":{"$type":"object"}})",
                          R"({"big":{"$mod":[2,0]}})",
                          R"({"neg":-50})",
                          R"({"neg":{"$mod":[7,-1]}})",
                          R"({"name":"tea ä\""})",
                          R"({"name":{"$beginsWith":"tea ä"}})",
                          R"({"name":{"$regex":"^t.a"}})",
                          R"({"a\\.b":1})",
                          R"({"size.h":[1,{"x":5}]})",
                          R"({"$or":[{"price":1},{"on":true}]})",
                          R"({"$nor":[{"price":1},{"on":false}]})",
                          R"({"$not":{"price":1}})",
                          R"({"price":{"$not":{"$gt":4}}})",
                          R"({"price":{"$or":[{"$lt":1},{"$gt":3}]}})",
                          R"({"$and":[{"price":3.5},{"on":true}]})",
                          R"({"price":{"$gt":null},"name":{"$gt":9}})",
                          R"({"size":{"$gt":[]}})",
                          R"({"$subject":"$KV.shop.eu.tea"})",
                          R"({"$tokens.2":"eu"})",
                          R"({"$key":"eu.tea"})",
                          R"({"$seq":{"$gte":7}})",
                          R"({"$headers.Kind":"hot"})",
                          R"({"$headers.None":{"$exists":false}})",
                          R"({"$tokens.9":{"$exists":false}})",
                          R"({"$time":{"$gt":"2023-11-14T22:13:20Z","$lt":1700000000124}})",
                          R"({"$value":{"$type":"object"}})"}) {
    CHECK(finds(yes, tea));
  }
  for (const char* no : {R"({"price":"3.5"})",
                         R"({"price":{"$lt":3.5}})",
                         R"({"nope":{"$lt":9}})",
                         R"({"nope":null})",
                         R"({"nope":{"$nin":[1]}})",
                         R"({"tags":"hot"})",
                         R"({"tags":{"$nin":["hot"]}})",
                         R"({"tags":{"$size":2}})",
                         R"({"tags":{"$all":["cold"]}})",
                         R"({"name":{"$size":3}})",
                         R"({"tags.3":7})",
                         R"({"tags.02":7})",
                         R"({"price":{"$mod":[2,1]}})",
                         R"({"size.w.x":1})",
                         R"({"name":{"$regex":"^ea"}})",
                         R"({"$or":[]})",
                         R"({"size":{}})",
                         R"({"names":{"$elemMatch":{"n":3}}})",
                         R"({"price":{"$elemMatch":{"$gt":1}}})",
                         R"({"$tokens.2":"us"})",
                         R"({"$headers.kind":"hot"})"}) {
    CHECK_FALSE(finds(no, tea));
  }
}

TEST_CASE("what is no selector is called so") {
  CHECK(fault_of("[]") == "a selector must be an object");
  CHECK(fault_of(R"({"$foo":1})") == "unknown operator \"$foo\"");
  CHECK(fault_of(R"({"a":{"$foo":1}})") == "unknown operator \"$foo\"");
  CHECK(fault_of(R"({"$or":{}})") == "no array: \"$or\"");
  CHECK(fault_of(R"({"a":{"$in":1}})") == "$in, $nin and $all take an array");
  CHECK(fault_of(R"({"a":{"$mod":[0,1]}})").starts_with("$mod takes a divisor"));
  CHECK(fault_of(R"({"a":{"$type":"date"}})").starts_with("$type takes null"));
  CHECK(fault_of(R"({"a":{"$regex":"(a"}})") == "$regex, missing ): \"(a\"");
  CHECK(fault_of(R"({"a":{"$size":-1}})") == "no natural number: \"$size\"");
  CHECK(fault_of(R"({"a":{"$exists":1}})") == "no boolean: \"$exists\"");
  CHECK(fault_of(R"({"$time":{"$gt":"yesterday"}})") == "no time: \"yesterday\"");
  CHECK(fault_of(R"({"a":{"$elemMatch":1}})") == R"(no object: "$elemMatch")");
  CHECK(fault_of(R"({"a":{"$allMatch":["x"]}})") == R"(no object: "$allMatch")");
  CHECK(fault_of(R"({"a":{"$elemMatch":{"$seq":1}}})") ==
        "a field of the message inside another field: \"$seq\"");
  std::string many = "{";
  for (int i = 0; i < 65; ++i) many += "\"f" + std::to_string(i) + "\":1,";
  many.back() = '}';
  CHECK(fault_of(many) == "too many fields");
  std::string long_list = R"({"$or":[)";
  for (int i = 0; i < 2000; ++i) long_list += "{\"a\":1},";
  long_list.back() = ']';
  CHECK(fault_of(long_list + "}") == "too many conditions");
}

TEST_CASE("payloads that are no JSON are told from those that do not match") {
  Selector selector;
  REQUIRE(selector.compile(wire::Json::parse(R"({"a":1})")) == "");
  bool json = true;
  for (const char* bad :
       {"", "hello", "{", "{\"a\"", "{\"a\":", "{\"a\":}", "{\"b\":\"x}", "{b:1}"}) {
    INFO(bad);
    CHECK_FALSE(selector.matches(message_of(bad), json));
    CHECK_FALSE(json);
  }
  for (const char* good : {"1", "\"a\"", "[]", "{}", "null", " {\"b\" : 1 } "}) {
    CHECK_FALSE(selector.matches(message_of(good), json));
    CHECK(json);
  }
  CHECK(finds(R"({"$value":{"$gt":41}})", "42"));
  CHECK(finds(R"({"$value":"a"})", "\"a\""));
}

TEST_CASE("keys are in the order of their values") {
  const std::vector<std::string> ascending{"null",
                                           "false",
                                           "true",
                                           "-1e300",
                                           "-2",
                                           "-1.5",
                                           "0",
                                           "1e-9",
                                           "2",
                                           "10",
                                           "1e300",
                                           R"("")",
                                           R"("\u0000")",
                                           R"("\u0000a")",
                                           R"("a")",
                                           R"("a\u0000")",
                                           R"("aa")",
                                           R"("b")",
                                           R"("ä")",
                                           R"("\ud83d\ude00")",
                                           "[]",
                                           "[1]",
                                           "[1,2]",
                                           R"([1,"a"])",
                                           "[2]",
                                           "[[]]",
                                           "{}",
                                           R"({"a":1})",
                                           R"({"a":1,"b":1})",
                                           R"({"a":2})",
                                           R"({"b":0})"};
  std::vector<std::string> keys;
  for (const std::string& text : ascending) {
    Value value;
    REQUIRE(JsonScan(text).value(value));
    append_key(keys.emplace_back(), value);
  }
  for (std::size_t i = 1; i < keys.size(); ++i) {
    INFO(ascending[i - 1] << " " << ascending[i]);
    CHECK(keys[i - 1] < keys[i]);
    CHECK_FALSE(keys[i].starts_with(keys[i - 1]));
    std::string a = keys[i - 1];
    std::string b = keys[i];
    invert(a, 0);
    invert(b, 0);
    CHECK(b < a);
  }
  Value one;
  Value other;
  REQUIRE(JsonScan(R"({"a":1,"b":2})").value(one));
  REQUIRE(JsonScan(R"({"b":2.0,"a":1})").value(other));
  std::string a;
  std::string b;
  append_key(a, one);
  append_key(b, other);
  CHECK(a == b);
}

namespace {

/// Small documents and selectors that meet often.
class Maker {
 public:
  explicit Maker(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t bound) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>(state_ >> 33) % bound;
  }
  test::PlainJson value(int depth) {
    switch (below(depth > 0 ? 9 : 6)) {
      case 0:
        return nullptr;
      case 1:
        return below(2) == 0;
      case 2:
        return static_cast<int>(below(5)) - 2;
      case 3:
        return static_cast<double>(below(8)) / 4;
      case 4:
      case 5:
        return std::vector<std::string>{"", "a", "ab", "b", "ä\"\n"}[below(5)];
      case 6:
      case 7: {
        auto array = test::PlainJson::array();
        for (std::size_t i = below(4); i > 0; --i) array.push_back(value(depth - 1));
        return array;
      }
      default:
        return document(depth - 1);
    }
  }
  test::PlainJson document(int depth) {
    auto object = test::PlainJson::object();
    for (std::size_t i = below(4); i > 0; --i) object[name()] = value(depth);
    return object;
  }
  test::PlainJson selector(int depth) {
    auto object = test::PlainJson::object();
    for (std::size_t i = below(3) + 1; i > 0; --i) {
      if (depth > 0 && below(4) == 0) {
        combine(object, depth, &Maker::selector);
      } else {
        object[path()] = condition(depth);
      }
    }
    return object;
  }

 private:
  std::string name() { return std::string(1, static_cast<char>('a' + below(3))); }
  std::string path() {
    const std::string first = name();
    const std::size_t kind = below(4);
    return kind == 0 ? first + "." + name() : kind == 1 ? first + ".0" : first;
  }
  void combine(test::PlainJson& object, int depth, test::PlainJson (Maker::*make)(int)) {
    const std::string name = std::vector<std::string>{"$and", "$or", "$nor", "$not"}[below(4)];
    if (name == "$not") {
      object[name] = (this->*make)(depth - 1);
      return;
    }
    auto list = test::PlainJson::array();
    for (std::size_t i = below(3); i > 0; --i) list.push_back((this->*make)(depth - 1));
    object[name] = list;
  }
  test::PlainJson condition(int depth) {
    if (below(5) == 0) return value(1);
    auto object = test::PlainJson::object();
    for (std::size_t i = below(2) + 1; i > 0; --i) {
      static const std::vector<std::string> names{
          "$eq",   "$ne",  "$lt",   "$lte",        "$gt",  "$gte",       "$in",       "$nin",
          "$type", "$mod", "$size", "$beginsWith", "$all", "$elemMatch", "$allMatch", "$exists"};
      const std::string name = names[below(names.size())];
      if (depth > 0 && below(8) == 0) {
        combine(object, depth, &Maker::condition);
      } else if (name == "$in" || name == "$nin" || name == "$all") {
        auto list = test::PlainJson::array();
        for (std::size_t k = below(4); k > 0; --k) list.push_back(value(1));
        object[name] = list;
      } else if (name == "$type") {
        object[name] = std::vector<std::string>{"null",   "boolean", "number",
                                                "string", "array",   "object"}[below(6)];
      } else if (name == "$mod") {
        object[name] = {static_cast<int>(below(3)) + 1, static_cast<int>(below(3))};
      } else if (name == "$size") {
        object[name] = below(4);
      } else if (name == "$beginsWith") {
        object[name] = below(2) == 0 ? "a" : "";
      } else if (name == "$exists") {
        object[name] = below(2) == 0;
      } else if (name == "$elemMatch" || name == "$allMatch") {
        wire::Json inner = depth > 0 ? condition(depth - 1) : wire::Json();
        if (depth > 0) object[name] = inner.is_object() ? inner : wire::Json{{"$eq", inner}};
      } else {
        object[name] = value(1);
      }
    }
    return object;
  }

  std::uint64_t state_;
};

}  // namespace

TEST_CASE("the engine finds what a plain filter over parsed documents finds") {
  std::size_t found = 0;
  std::size_t missed = 0;
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    Maker make(seed * 7919);
    const test::PlainJson selector = make.selector(2);
    Selector compiled;
    INFO("seed " << seed << ": " << selector.dump());
    REQUIRE(compiled.compile(wire::Json::parse(selector.dump())) == "");
    for (int i = 0; i < 10; ++i) {
      const test::PlainJson document = make.document(3);
      const std::string text = document.dump(i % 2 == 0 ? -1 : 1);
      INFO(text);
      bool json = false;
      const bool matched = compiled.matches(message_of(text), json);
      CHECK(json);
      CHECK(matched == test::plain_matches(selector, &document));
      ++(matched ? found : missed);
    }
  }
  CHECK(found > 2000);
  CHECK(missed > 3000);
}
