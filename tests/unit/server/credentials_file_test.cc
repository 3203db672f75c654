#include "server/access/credentials_file.h"

#include <catch2/catch.hpp>

using frond::server::parse_credentials;

TEST_CASE("a credentials file holds a JWT and a seed") {
  const auto found = parse_credentials(
      "-----BEGIN NATS USER JWT-----\r\neyJ0.e30.sig\r\n------END NATS USER JWT------\r\n\r\n"
      "************************* IMPORTANT *************************\n"
      "NKEY Seed printed below can be used to sign and prove identity.\n\n"
      "-----BEGIN USER NKEY SEED-----\nSUAM\n------END USER NKEY SEED------\n\n***\n");
  REQUIRE(found);
  CHECK(found->jwt == "eyJ0.e30.sig");
  CHECK(found->nkey_seed == "SUAM");
}

TEST_CASE("what is none") {
  CHECK_FALSE(parse_credentials(""));
  CHECK_FALSE(parse_credentials("eyJ0.e30.sig"));
  CHECK_FALSE(
      parse_credentials("-----BEGIN NATS USER JWT-----\na\n------END NATS USER JWT------\n"));
  CHECK_FALSE(parse_credentials("-----BEGIN A-----\na\n---END---\n-----BEGIN B-----\nSU"));
}
