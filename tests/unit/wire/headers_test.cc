#include "wire/headers.h"

#include <catch2/catch.hpp>

using namespace frond::wire;

namespace {
const std::string block =
    "NATS/1.0\r\nNats-Msg-Id: id-1\r\nx:  two  \r\nX: upper\r\nEmpty:\r\nx: again\r\n\r\n";
}

TEST_CASE("headers: values by exact key") {
  CHECK(header_value(block, "Nats-Msg-Id") == "id-1");
  CHECK(header_value(block, "x") == "two  ");
  CHECK(header_value(block, "X") == "upper");
  CHECK(header_value(block, "Empty") == "");
  CHECK_FALSE(header_value(block, "nats-msg-id"));
  CHECK_FALSE(header_value(block, "Msg-Id"));
  CHECK_FALSE(header_value(block, "Nats-Msg"));
  CHECK_FALSE(header_value("", "x"));
  CHECK_FALSE(header_value("NATS/1.0\r\n\r\n", "x"));
  CHECK_FALSE(header_value("NATS/1.0 x: 1\r\n\r\n", "NATS/1.0 x"));
  CHECK(header_value("NATS/1.0\r\nA: x: y\r\n\r\n", "A") == "x: y");
}

TEST_CASE("headers: what is not asked for stays as it is") {
  std::string changed = block;
  header_set(changed, "x", "new");
  CHECK(changed == "NATS/1.0\r\nNats-Msg-Id: id-1\r\nx: new\r\nX: upper\r\nEmpty:\r\n\r\n");
  header_set(changed, "Other", "1");
  CHECK(changed ==
        "NATS/1.0\r\nNats-Msg-Id: id-1\r\nx: new\r\nX: upper\r\nEmpty:\r\nOther: 1\r\n\r\n");
  header_remove(changed, "x");
  CHECK(changed == "NATS/1.0\r\nNats-Msg-Id: id-1\r\nX: upper\r\nEmpty:\r\nOther: 1\r\n\r\n");
  header_remove(changed, "unknown");
  header_remove_prefix(changed, "Nats-");
  CHECK(changed == "NATS/1.0\r\nX: upper\r\nEmpty:\r\nOther: 1\r\n\r\n");
  header_remove(changed, "X");
  header_remove(changed, "Empty");
  header_remove(changed, "Other");
  CHECK(changed.empty());
}

TEST_CASE("headers: a block is begun when there is none, a status is kept") {
  std::string begun;
  header_append(begun, "A", "1");
  CHECK(begun == "NATS/1.0\r\nA: 1\r\n\r\n");
  header_append(begun, "A", "2");
  CHECK(begun == "NATS/1.0\r\nA: 1\r\nA: 2\r\n\r\n");
  std::string status = "NATS/1.0 100 Idle\r\nA: 1\r\n\r\n";
  header_remove(status, "A");
  CHECK(status == "NATS/1.0 100 Idle\r\n\r\n");
  std::string set;
  header_set(set, "A", "1");
  CHECK(set == "NATS/1.0\r\nA: 1\r\n\r\n");
}

TEST_CASE("headers: statuses") {
  CHECK(header_block("503", "") == "NATS/1.0 503\r\n\r\n");
  CHECK(header_block("408", "Request Timeout", {{"Nats-Pending-Messages", "1"}}) ==
        "NATS/1.0 408 Request Timeout\r\nNats-Pending-Messages: 1\r\n\r\n");
  CHECK(header_block("", "", {{"A", "b"}}) == "NATS/1.0\r\nA: b\r\n\r\n");
  const auto status = header_status("NATS/1.0 408 Request Timeout\r\n\r\n");
  REQUIRE(status);
  CHECK(status->code == "408");
  CHECK(status->description == "Request Timeout");
  CHECK(header_status("NATS/1.0 503\r\n\r\n")->code == "503");
  CHECK(header_status("NATS/1.0 503\r\n\r\n")->description.empty());
  CHECK_FALSE(header_status("NATS/1.0\r\nA: b\r\n\r\n"));
  CHECK_FALSE(header_status("HTTP/1.1 200 OK\r\n\r\n"));
}

TEST_CASE("headers: malformed blocks") {
  CHECK(header_block_complete(block));
  CHECK(header_block_complete("NATS/1.0 503\r\n\r\n"));
  CHECK(header_block_complete("NATS/1.0\r\n\r\n"));
  for (const char* text :
       {"", "NATS/1.0", "NATS/1.0\r\n", "NATS/1.0x\r\n\r\n", "X\r\n\r\n", "NATS/1.0\r\nA: b\r\n"}) {
    CAPTURE(text);
    CHECK_FALSE(header_block_complete(text));
  }
  CHECK(header_value("NATS/1.0\r\nA: b", "A") == "b");
  CHECK_FALSE(header_value("NATS/1.0\r\nA\r\n\r\n", "A"));
  std::string odd = "NATS/1.0\r\nA: 1";
  header_append(odd, "B", "2");
  CHECK(odd == "NATS/1.0\r\nA: 1\r\nB: 2\r\n\r\n");
  odd = "NATS/1.0\r\nA: 1\r\nB: 2";
  header_remove(odd, "A");
  CHECK(odd == "NATS/1.0\r\nB: 2\r\n\r\n");
  odd = "NATS/1.0\r\nA: 1\r\nB: 2";
  header_set(odd, "A", "3");
  CHECK(odd == "NATS/1.0\r\nA: 3\r\nB: 2\r\n\r\n");
}

TEST_CASE("headers: what stands behind the empty line is no header") {
  std::string block_and_more = "NATS/1.0\r\nA: 1\r\n\r\nB: 2";
  CHECK_FALSE(header_value(block_and_more, "B"));
  header_append(block_and_more, "C", "3");
  CHECK(block_and_more == "NATS/1.0\r\nA: 1\r\nC: 3\r\n\r\n");
}

TEST_CASE("headers: an odd block as long as an empty one is not empty") {
  std::string odd = "NAT\r\nB: 2\r\nA:t\r\n\r\n";
  header_remove(odd, "B");
  CHECK(odd == "NAT\r\nA:t\r\n\r\n");
}
