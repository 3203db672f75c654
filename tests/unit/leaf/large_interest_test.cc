// A hub that announces very much, and names very much: each of its lines costs the same.
#include "link_world.h"
#include "support/growth.h"

#include <memory>

namespace frond::leaf {

TEST_CASE("no answer is looked for in all that the other side wants") {
  CHECK(test::growth(
            [](std::size_t size) {
              auto w = std::make_shared<Link>();
              std::string interest, messages;
              for (std::size_t i = 0; i < size; ++i) {
                interest += "LS+ w" + std::to_string(i) + ".*\r\n";
                messages += "LMSG nobody + none" + std::to_string(i) + ".x q 0\r\n\r\n";
              }
              w->online(interest);
              return [w, messages] {
                w->receive(messages);
                CHECK(w->said().empty());
              };
            },
            2000) < test::growth_max);
}

TEST_CASE("what comes behind the reply of a delivery is a subject, or the message is none") {
  Link w;
  w.online();
  w.router.subscribe(w.client, "in");
  const auto deliver = [&w](const std::string& subject) {
    w.client.got.clear();
    w.receive("LMSG in $JS.ACK.S.c.1.1.1.1.0.x@" + subject + " 1\r\nm\r\n");
    return w.client.got;
  };
  CHECK(deliver("orders.new").size() == 1);
  for (const char* bad : {"", ".", "a..b", "a.", ">", "a.*"}) {
    INFO(bad);
    CHECK(deliver(bad).empty());
  }
}

}  // namespace frond::leaf
