// Rights with thousands of entries, as a peer may name them in its CONNECT or INFO: the same
// answers as a walk through the list, at the price of one look-up per message.
#include "leaf/link_rights.h"

#include "support/growth.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

namespace frond::leaf {

TEST_CASE("a list of rights costs a message the same however long it is") {
  CHECK(test::growth(
            [](std::size_t size) {
              auto rights = std::make_shared<LinkRights>("edge");
              SubjectRights lists;
              for (std::size_t i = 0; i < size; ++i) {
                lists.allow.push_back("a" + std::to_string(i) + ".>");
                lists.deny.push_back("*.d" + std::to_string(i));
              }
              rights->set_permissions(lists, lists);
              return [rights, size] {
                for (std::size_t i = 0; i < size; ++i) {
                  const std::string subject = "a" + std::to_string(i);
                  CHECK(rights->may_send(subject + ".x"));
                  CHECK_FALSE(rights->may_send(subject + ".d7"));
                  CHECK(rights->may_announce(subject + ".*", {}));
                }
              };
            },
            500) < test::growth_max);
}

TEST_CASE("an entry that is no subject allows nothing and denies nothing") {
  LinkRights rights("edge");
  rights.set_permissions(SubjectRights{.allow = {"a..b", " ", ""}, .deny = {}}, std::nullopt);
  CHECK_FALSE(rights.may_send("a.b"));
  rights.set_permissions(SubjectRights{.allow = {}, .deny = {"a..b", "", "b.>"}}, std::nullopt);
  CHECK(rights.may_send("a.b"));
  CHECK_FALSE(rights.may_send("b.c"));
}

}  // namespace frond::leaf
