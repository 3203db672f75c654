// A live query (`"live":true` in `$FROND.QUERY.<stream>`): messages with "changes", the first of
// them the rows that are there, "ready" in the last of those, then what changes. "reset" says that
// all is told anew. It ends when its asker unsubscribes.

#include "api/live_api.h"
#include "api/stream_answer.h"

#include "base/limits.h"
#include "query/live.h"
#include "stream/error_table.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace frond::api {
namespace {

class LiveAnswer final : public JsonAnswer {
 public:
  LiveAnswer(Call& call, stream::Stream& stream, std::unique_ptr<query::Query> query)
      : JsonAnswer(call, stream), live_(std::move(query), stream, call.long_answers.waker()) {}
  ~LiveAnswer() override {
    if (stream::Stream* const stream = find()) {
      live_.detach(*stream);
    }
  }

  Step step(base::Outlet& outlet, std::size_t& bytes) override {
    stream::Stream* const stream = find();
    if (stream == nullptr) {
      return fail(outlet, 10059);
    }
    const query::Live::Step step = live_.step(*stream, changes_, bytes);
    switch (step) {
      case query::Live::Step::more:
        return Step::sent;
      case query::Live::Step::batch:
      case query::Live::Step::ready:
        tell(outlet, step == query::Live::Step::ready, bytes);
        return Step::sent;
      case query::Live::Step::idle:
      case query::Live::Step::unreadable:
        return Step::wait;
      case query::Live::Step::too_large:
        return fail(outlet, 20003);
    }
    return Step::done;
  }
  void dropped(base::Outlet& outlet) override { fail(outlet, 20004); }
  std::size_t cost() const override { return sizeof(*this) + changes_.capacity() + live_.cost(); }

 private:
  void tell(base::Outlet& outlet, bool ready, std::size_t& bytes) {
    std::string text = live_.take_reset() ? R"("reset":true,)" : "";
    text.append(R"("changes":[)").append(changes_).append("]");
    if (ready) {
      text.append(R"(,"ready":true,"last_seq":)").append(std::to_string(live_.last().value));
    }
    text.push_back('}');
    changes_.clear();
    send(outlet, text, bytes);
  }

  query::Live live_;
  std::string changes_;
};

}  // namespace

void start_live(Call& call, stream::Stream& stream, std::unique_ptr<query::Query> query) {
  call.long_answers.start(std::make_unique<LiveAnswer>(call, stream, std::move(query)));
}

}  // namespace frond::api
