#pragma once
// Long answers about one stream: they find it again for each step, as it may be deleted meanwhile,
// and one that was made anew under its name is another stream. Bases of the batches of direct gets
// (direct_batch) and of the queries (query_api, live_api), which speak JSON.

#include "api/call.h"
#include "api/long_answers.h"
#include "stream/error_table.h"
#include "stream/streams.h"
#include "wire/json_reader.h"

#include <nlohmann/json.hpp>
#include <string>

namespace frond::api {

class StreamAnswer : public LongAnswer {
 protected:
  StreamAnswer(const Call& call, const stream::Stream& stream)
      : LongAnswer(std::string(call.request.reply)),
        streams_(call.services.streams),
        stream_(stream.config().name),
        identity_(stream.identity()) {}

  /// Null when it is gone.
  stream::Stream* find() const {
    stream::Stream* const stream = streams_.find(stream_);
    return stream != nullptr && stream->identity() == identity_ ? stream : nullptr;
  }
  const std::string& stream_name() const { return stream_; }

 private:
  stream::Streams& streams_;
  const std::string stream_;
  const std::string identity_;
};

/// One that answers with JSON objects, each with the call's type.
class JsonAnswer : public StreamAnswer {
 protected:
  JsonAnswer(const Call& call, const stream::Stream& stream)
      : StreamAnswer(call, stream),
        head_(R"({"type":")" + std::string(call.schema).append(call.type) + "\",") {}

  /// `fields` are the other members and the closing brace.
  void send(base::Outlet& outlet, std::string_view fields, std::size_t& bytes) const {
    const std::string text = std::string(head_).append(fields);
    bytes += text.size();
    outlet.send(target, {target, {}, {}, text});
  }
  Step fail(base::Outlet& outlet, std::uint16_t code) const {
    std::size_t bytes = 0;
    send(outlet, "\"error\":" + wire::print_json(error_json(stream::api_error(code))) + "}", bytes);
    return Step::done;
  }

 private:
  const std::string head_;
};

}  // namespace frond::api
