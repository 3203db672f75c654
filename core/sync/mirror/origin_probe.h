#pragma once
// What became of an origin's message that the origin does not show any more. It may have removed
// it: then all that came later has a higher sequence. Or it has lost its end, with this message,
// and has gone on from there: then messages that are newer than it begin at or below its sequence.
// A subject filter can hide those from a mirror, so the origin is asked: where would a consumer
// start that wants everything newer, whatever the subject, and which message has that sequence.
// Both with the rights that a mirror has or may have; where it has none, that counts as "removed".
// An origin that says nothing to either question is to be asked again. Owned by a mirror; one
// question at a time.

#include "sync/api_request.h"
#include "sync/remote_reader.h"
#include "sync/sync_context.h"

#include <frond/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace frond::sync {

/// The message that is looked for.
struct KnownMessage {
  StreamSeq sequence;
  WallTime time{};
  std::string subject;
};

struct ProbeFinding {
  /// The last sequence of the origin that is not newer than the message, when it answers.
  std::optional<StreamSeq> not_newer;
  bool same = false;      ///< The origin has it still.
  bool replaced = false;  ///< The origin has another message at its sequence.
  bool silent = false;    ///< The origin might have answered and did not: nothing is known.
};

class OriginProbe {
 public:
  using Done = std::function<void(const ProbeFinding&, Instant now)>;

  explicit OriginProbe(SyncContext& context) : context_(context), request_(context) {}

  void ask(ReadPlan plan, KnownMessage message, Done done, Instant now);
  void cancel() { request_.cancel(); }
  bool asking() const { return request_.waiting(); }
  void tick(Instant now) { request_.tick(now); }
  Instant next_deadline() const { return request_.next_deadline(); }

 private:
  /// The last request was let through, and nothing came back but a time-out or a status.
  bool unanswered(std::string_view body) const { return body.empty() && !request_.denied(); }
  void consumer_answered(std::string_view body, Instant now);
  void message_answered(std::string_view body, Instant now);

  SyncContext& context_;
  ApiRequest request_;
  ReadPlan plan_;
  KnownMessage message_;
  ProbeFinding finding_;
  Done done_;
};

}  // namespace frond::sync
