#include "base/time_text.h"
#include "base/duration_text.h"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using frond::Duration;
using frond::WallTime;
using frond::base::duration_format;
using frond::base::duration_parse;
using frond::base::rfc3339_format;
using frond::base::rfc3339_parse;

namespace {
WallTime at(std::int64_t nanoseconds) { return WallTime(Duration(nanoseconds)); }
}  // namespace

TEST_CASE("RFC 3339: trailing zeros are cut as Go cuts them") {
  CHECK(rfc3339_format(at(0)) == "1970-01-01T00:00:00Z");
  CHECK(rfc3339_format(at(1)) == "1970-01-01T00:00:00.000000001Z");
  CHECK(rfc3339_format(at(1795423718818299759)) == "2026-11-23T08:48:38.818299759Z");
  CHECK(rfc3339_format(at(1795423718800000000)) == "2026-11-23T08:48:38.8Z");
  CHECK(rfc3339_format(at(-1)) == "1969-12-31T23:59:59.999999999Z");
  CHECK(rfc3339_format(at(951782400'000000000)) == "2000-02-29T00:00:00Z");
  CHECK(rfc3339_format(WallTime::min()) == "0001-01-01T00:00:00Z");
}

TEST_CASE("RFC 3339: reads offsets and any number of digits") {
  CHECK(rfc3339_parse("1970-01-01T00:00:00Z") == at(0));
  CHECK(rfc3339_parse("2026-11-23T08:48:38.818299759Z") == at(1795423718818299759));
  CHECK(rfc3339_parse("2026-11-23T09:48:38.8+01:00") == at(1795423718800000000));
  CHECK(rfc3339_parse("2026-11-23T03:18:38.8-05:30") == at(1795423718800000000));
  CHECK(rfc3339_parse("1970-01-01T00:00:00.0000000019999Z") == at(1));
  CHECK(rfc3339_parse("0001-01-01T00:00:00Z") == WallTime::min());
  CHECK(rfc3339_parse("9999-12-31T23:59:59Z") == WallTime::max());
}

TEST_CASE("RFC 3339: what is written can be read") {
  for (std::int64_t n : {0LL, 1LL, 999'999'999LL, 1795423718818299759LL, -1LL, -62'135'596'800LL,
                         9'223'372'034'999'999'999LL, -9'223'372'034'999'999'999LL}) {
    CAPTURE(n);
    CHECK(rfc3339_parse(rfc3339_format(at(n))) == at(n));
  }
}

TEST_CASE("RFC 3339: malformed text is refused") {
  for (const char* text :
       {"", "2026", "2026-11-23", "2026-11-23T09:28:38", "2026-11-23 09:28:38Z",
        "2026-13-23T09:28:38Z", "2026-02-29T09:28:38Z", "2026-11-23T24:00:00Z",
        "2026-11-23T09:60:00Z", "2026-11-23T09:28:60Z", "2026-11-23T09:28:38.Z",
        "2026-11-23T09:28:38Zx", "2026-11-23T09:28:38+1:00", "2026-11-23T09:28:38+25:00",
        "26-11-23T09:28:38Z", "2026-1a-23T09:28:38Z", "2026-11-23T09:28:38+01:0"}) {
    CAPTURE(text);
    CHECK_FALSE(rfc3339_parse(text).has_value());
  }
}

TEST_CASE("durations print as Go prints them") {
  CHECK(duration_format(0ns) == "0s");
  CHECK(duration_format(1ns) == "1ns");
  CHECK(duration_format(1100ns) == "1.1\xC2\xB5s");
  CHECK(duration_format(2200us) == "2.2ms");
  CHECK(duration_format(3300ms) == "3.3s");
  CHECK(duration_format(4min + 5s) == "4m5s");
  CHECK(duration_format(4min + 5001ms) == "4m5.001s");
  CHECK(duration_format(5h + 6min + 7001ms) == "5h6m7.001s");
  CHECK(duration_format(2min) == "2m0s");
  CHECK(duration_format(1h + 500ms) == "1h0m0.5s");
  CHECK(duration_format(8min + 1ns) == "8m0.000000001s");
  CHECK(duration_format(-1500ms) == "-1.5s");
  CHECK(duration_format(Duration::max()) == "2562047h47m16.854775807s");
  CHECK(duration_format(Duration::min()) == "-2562047h47m16.854775808s");
}

TEST_CASE("durations are read as Go reads them") {
  CHECK(duration_parse("0") == 0ns);
  CHECK(duration_parse("5s") == 5s);
  CHECK(duration_parse("+5s") == 5s);
  CHECK(duration_parse("-5s") == -5s);
  CHECK(duration_parse("-0") == 0ns);
  CHECK(duration_parse("5.0s") == 5s);
  CHECK(duration_parse("5.6s") == 5600ms);
  CHECK(duration_parse("5.s") == 5s);
  CHECK(duration_parse(".5s") == 500ms);
  CHECK(duration_parse("1.00400s") == 1004ms);
  CHECK(duration_parse("10ns") == 10ns);
  CHECK(duration_parse("11us") == 11us);
  CHECK(duration_parse("12\xC2\xB5s") == 12us);
  CHECK(duration_parse("12\xCE\xBCs") == 12us);
  CHECK(duration_parse("3h30m") == 3h + 30min);
  CHECK(duration_parse("-2m3.4s") == -123400ms);
  CHECK(duration_parse("39h9m14.425s") == 39h + 9min + 14425ms);
  CHECK(duration_parse("52763797000ns") == 52763797000ns);
  CHECK(duration_parse("0.3333333333333333333h") == 20min);
  CHECK(duration_parse("9007199254740993ns") == Duration(9007199254740993));
  CHECK(duration_parse("9223372036854775807ns") == Duration::max());
  CHECK(duration_parse("-9223372036854775808ns") == Duration::min());
  CHECK(duration_parse(duration_format(Duration::max())) == Duration::max());
}

TEST_CASE("malformed or overlong durations are refused") {
  for (const char* text : {"", "3", "-", "s", ".", "-.", ".s", "+.s", "1d", "1 s", "s1", "1s 2s",
                           "5..s", "3000000h", "9223372036854775808ns", "9223372036854775.808us",
                           "9223372036854ms775us808ns", "-9223372036854775809ns", "\xff\xff"}) {
    CAPTURE(text);
    CHECK_FALSE(duration_parse(text).has_value());
  }
}
