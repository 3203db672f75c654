// A live query (`"live":true` in `$FROND.QUERY.<stream>`): messages with "changes", the first of
// them the rows that are there, "ready" in the last of those, then what changes. "reset" says that
// all is told anew. It ends when its asker unsubscribes.

#include "api/live_api.h"

#include "base/limits.h"
#include "query/live.h"
#include "stream/error_table.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace frond::api {
namespace {

class LiveAnswer final : public LongAnswer {
 public:
  LiveAnswer(Call& call, stream::Stream& stream, std::unique_ptr<query::Query> query)
      : LongAnswer(std::string(call.request.reply)),
        streams_(call.services.streams),
        stream_(stream.config().name),
        identity_(stream.identity()),
        live_(std::move(query), stream, call.long_answers.waker()),
        head_(R"({"type":")" + std::string(call.schema).append(call.type) + "\",") {}
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
        send(outlet, step == query::Live::Step::ready, bytes);
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
  stream::Stream* find() {
    stream::Stream* const stream = streams_.find(stream_);
    return stream != nullptr && stream->identity() == identity_ ? stream : nullptr;
  }
  void send(base::Outlet& outlet, bool ready, std::size_t& bytes) {
    std::string text = head_;
    text.append(live_.take_reset() ? R"("reset":true,)" : "");
    text.append(R"("changes":[)").append(changes_).append("]");
    if (ready) {
      text.append(R"(,"ready":true,"last_seq":)").append(std::to_string(live_.last().value));
    }
    text.push_back('}');
    changes_.clear();
    bytes += text.size();
    outlet.send(target, {target, {}, {}, text});
  }
  Step fail(base::Outlet& outlet, std::uint16_t code) {
    const std::string text =
        head_ + "\"error\":" + wire::print_json(error_json(stream::api_error(code))) + "}";
    outlet.send(target, {target, {}, {}, text});
    return Step::done;
  }

  stream::Streams& streams_;
  const std::string stream_;
  const std::string identity_;
  query::Live live_;
  const std::string head_;
  std::string changes_;
};

}  // namespace

void start_live(Call& call, stream::Stream& stream, std::unique_ptr<query::Query> query) {
  call.long_answers.start(std::make_unique<LiveAnswer>(call, stream, std::move(query)));
}

}  // namespace frond::api
