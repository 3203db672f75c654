#include "api/direct_batch.h"
#include "api/stream_answer.h"

#include "base/limits.h"
#include "base/time_text.h"
#include "wire/headers.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

namespace frond::api {
namespace {

/// Many messages and "204 EOB" behind them. It keeps what was asked and how far it has come.
class Batch : public StreamAnswer {
 public:
  Batch(const Call& call, const stream::Stream& stream, const MessageGet& get)
      : StreamAnswer(call, stream),
        messages_left_(get.batch != 0 ? std::max<std::int64_t>(get.batch, 0)
                                      : std::numeric_limits<std::int64_t>::max()),
        bytes_left_(get.max_bytes > 0 ? get.max_bytes : base::direct_get_bytes_max) {}

  Step step(base::Outlet& outlet, std::size_t& bytes) final {
    stream::Stream* stream = find();
    if (stream == nullptr) {
      return not_found(outlet);
    }
    if (messages_left_ == 0 || bytes_left_ <= 0) {
      return end(outlet);
    }
    const stream::Lookup message = next(*stream);
    if (message.unreadable) {
      const std::string status = "NATS/1.0 " + std::string(unreadable) + "\r\n\r\n";
      outlet.send(target, {target, {}, status, {}});
      return Step::done;
    }
    if (!message) {
      return complete() ? end(outlet) : not_found(outlet);
    }
    // What is shown must not vanish again: it and all behind it wait until it is saved.
    if (message->sequence > stream->durable_last()) {
      return Step::wait;
    }
    send(outlet, *stream, *message);
    bytes += message->subject.size() + message->header.size() + message->payload.size();
    return Step::sent;
  }
  std::size_t cost() const override { return sizeof(*this) + target.size() + stream_name().size(); }

 protected:
  virtual stream::Lookup next(stream::Stream& stream) = 0;
  /// Whether all has been sent when there is no next one.
  virtual bool complete() const = 0;
  /// It is taken. How many are still behind it.
  virtual std::uint64_t taken(StreamSeq sequence) = 0;
  virtual bool with_header() const { return true; }
  virtual std::optional<StreamSeq> up_to() const { return std::nullopt; }
  StreamSeq last() const { return last_; }

 private:
  void send(base::Outlet& outlet, const stream::Stream& stream,
            const stream::StoredMessage& message) {
    pending_ = taken(message.sequence);
    std::string header;
    if (with_header()) {
      header = direct_header(stream, message);
      wire::header_append(header, "Nats-Num-Pending", std::to_string(pending_));
      wire::header_append(header, "Nats-Last-Sequence", std::to_string(last_.value));
    }
    last_ = message.sequence;
    --messages_left_;
    bytes_left_ -= static_cast<std::int64_t>(message.subject.size() + message.header.size() +
                                             message.payload.size());
    outlet.send(target, {target, {}, header, message.payload});
  }
  Step end(base::Outlet& outlet) {
    const std::string pending_text = std::to_string(pending_);
    const std::string last_text = std::to_string(last_.value);
    const std::string up_to_text = up_to() ? std::to_string(up_to()->value) : std::string();
    wire::HeaderFields fields{{"Nats-Num-Pending", pending_text},
                              {"Nats-Last-Sequence", last_text}};
    if (up_to()) {
      fields.emplace_back("Nats-UpTo-Sequence", up_to_text);
    }
    outlet.send(target, {target, {}, wire::header_block("204", "EOB", fields), {}});
    return Step::done;
  }
  Step not_found(base::Outlet& outlet) {
    outlet.send(target, {target, {}, "NATS/1.0 404 Message Not Found\r\n\r\n", {}});
    return Step::done;
  }

  std::int64_t messages_left_;
  std::int64_t bytes_left_;
  std::uint64_t pending_ = 0;
  StreamSeq last_;
};

/// What follows a sequence, as far as the stream reached when it was asked.
class FollowingBatch final : public Batch {
 public:
  FollowingBatch(const Call& call, stream::Stream& stream, const MessageGet& get,
                 subject::FilterSet filters, StreamSeq from)
      : Batch(call, stream, get),
        filters_(std::move(filters)),
        filter_bytes_(get.next_for.size()),
        from_(from),
        end_(stream.state().last),
        behind_(stream.count_from(filters_, from)),
        with_header_(!get.no_headers) {}

  std::size_t cost() const override { return Batch::cost() + filter_bytes_; }

 private:
  stream::Lookup next(stream::Stream& stream) override {
    stream::Lookup message = stream.next_for(filters_, from_);
    if (message && message->sequence > end_) {
      message.reset();
    }
    return message;
  }
  bool complete() const override { return !last().none(); }
  std::uint64_t taken(StreamSeq sequence) override {
    from_ = sequence.next();
    return behind_ -= behind_ > 0 ? 1 : 0;
  }
  bool with_header() const override { return with_header_; }

  const subject::FilterSet filters_;
  const std::size_t filter_bytes_;
  StreamSeq from_;
  const StreamSeq end_;
  std::uint64_t behind_;
  const bool with_header_;
};

/// The last messages of many subjects, as of one moment. They carry their headers whatever the
/// request says, as nats-server's do.
class LastsBatch final : public Batch {
 public:
  LastsBatch(const Call& call, const stream::Stream& stream, const MessageGet& get,
             std::vector<StreamSeq> sequences, StreamSeq up_to)
      : Batch(call, stream, get), sequences_(std::move(sequences)), up_to_(up_to) {
    while (at_ < sequences_.size() && sequences_[at_] < get.sequence) {
      ++at_;
    }
  }

  std::size_t cost() const override {
    return Batch::cost() + sequences_.size() * sizeof(StreamSeq);
  }

 private:
  stream::Lookup next(stream::Stream& stream) override {
    return complete() ? stream::Lookup() : stream.get(sequences_[at_]);
  }
  bool complete() const override { return at_ == sequences_.size(); }
  std::uint64_t taken(StreamSeq) override { return sequences_.size() - ++at_; }
  std::optional<StreamSeq> up_to() const override { return up_to_; }

  const std::vector<StreamSeq> sequences_;
  std::size_t at_ = 0;
  const StreamSeq up_to_;
};

}  // namespace

std::string direct_header(const stream::Stream& stream, const stream::StoredMessage& message) {
  std::string header(message.header);
  wire::header_append(header, "Nats-Stream", stream.config().name);
  wire::header_append(header, "Nats-Subject", message.subject);
  wire::header_append(header, "Nats-Sequence", std::to_string(message.sequence.value));
  wire::header_append(header, "Nats-Time-Stamp", base::rfc3339_format(message.time));
  return header;
}

void answer_following(Call& call, stream::Stream& stream, const MessageGet& get,
                      subject::FilterSet filters, StreamSeq from) {
  call.long_answers.start(
      std::make_unique<FollowingBatch>(call, stream, get, std::move(filters), from));
}

void answer_lasts(Call& call, const stream::Stream& stream, const MessageGet& get,
                  std::vector<StreamSeq> sequences, StreamSeq up_to) {
  call.long_answers.start(
      std::make_unique<LastsBatch>(call, stream, get, std::move(sequences), up_to));
}

}  // namespace frond::api
