#pragma once
// An outlet that remembers what left: the clients of consumers and of the API, who hear what a test
// lets them hear.

#include "base/outlet.h"
#include "subject/match.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace frond::test {

struct Sent {
  std::string target, subject, reply, header, payload;
};

class FakeOutlet final : public base::Outlet {
 public:
  static constexpr std::ptrdiff_t unbounded = std::numeric_limits<std::ptrdiff_t>::max();

  std::vector<Sent> sent;
  std::vector<std::string> interests{">"};
  std::vector<std::string> deaf{"$JS.API.>"};  // Nobody listens to these, whatever is said above.
  std::ptrdiff_t room = unbounded;             // So many messages may wait for each reader.

  std::size_t send(std::string_view target, const base::Message& m) override {
    sent.push_back({std::string(target), std::string(m.subject), std::string(m.reply),
                    std::string(m.header), std::string(m.payload)});
    return has_interest(target) ? 1 : 0;
  }
  bool has_interest(std::string_view subject) const override {
    const auto fits = [subject](const std::string& filter) {
      return subject::matches(filter, subject);
    };
    return std::ranges::any_of(interests, fits) && std::ranges::none_of(deaf, fits);
  }
  base::Reach reach(std::string_view subject) const override {
    if (!has_interest(subject)) return base::Reach::nobody;
    if (room == unbounded) return base::Reach::ready;
    const auto waiting = std::ranges::count(sent, subject, &Sent::target);
    return waiting < room ? base::Reach::ready : base::Reach::full;
  }

  std::vector<Sent> take() { return std::exchange(sent, {}); }
  /// What went to one subject; the rest is forgotten.
  std::vector<Sent> take(std::string_view target) {
    std::vector<Sent> out = take();
    std::erase_if(out, [target](const Sent& one) { return one.target != target; });
    return out;
  }
};

}  // namespace frond::test
