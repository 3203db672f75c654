#include "sim/guest.h"

#include <utility>

namespace frond::sim {

Guest::Guest(Node::Surroundings around, Client& client, std::vector<std::string> nodes)
    : around_(around), client_(client), nodes_(std::move(nodes)) {
  client_.subscribe("core.open.*", "", [](const Delivered&) {});
  // Wider than what it may hear, beside it, and in a queue group.
  for (const auto& [subject, queue] : {std::pair{"core.>", ""}, std::pair{"core.shared.*", ""},
                                       std::pair{"core.shared.*", "group"}}) {
    client_.subscribe(subject, queue, [this](const Delivered& message) {
      around_.checkers.fail('g', client_.name() + " heard what it may not: " + message.subject);
    });
  }
}

User Guest::rights() {
  User guest;
  guest.name = "guest";
  guest.password = "guest";
  guest.publish.allow = {"core.>"};
  guest.publish.deny = {"core.shared.*"};
  guest.subscribe.allow = {"core.open.*", "_INBOX.>"};
  return guest;
}

void Guest::step() {
  if (calm_ || !client_.ready()) return;
  Random& random = around_.random;
  if (random.chance(40)) {
    const std::string subject = "core.open." + std::to_string(random.below(3));
    return client_.publish(subject, "", "", subject + " " + std::to_string(count_++));
  }
  const std::string node = random.pick(nodes_);
  const std::vector<std::string> forbidden{"core.shared.0", "out." + node + ".0", "feed.1.0",
                                           "$KV.conf.k1", "$JS.API.STREAM.DELETE.KV_conf"};
  client_.publish(random.pick(forbidden), "", "", Checkers::forbidden);
}

}  // namespace frond::sim
