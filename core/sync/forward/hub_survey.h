#pragma once
// Which streams of the hub take our subjects, and how far they are: STREAM.NAMES by subject, then
// STREAM.INFO of each. A forwarder asks before it sends its first message (to know where its own
// can begin) and before it looks for messages in doubt. Owned by its forwarder.

#include "sync/api_request.h"
#include "sync/sync_context.h"

#include <frond/types.h>

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace frond::sync {

struct SurveyedStream {
  std::string name;
  bool answered = false;  ///< False: it may be there, but nothing else is known of it.
  std::string created;
  StreamSeq last;
  Duration duplicate_window{};
  std::uint64_t messages_per_subject = 0;  ///< How many it keeps; 0: no limit.
};

struct Survey {
  bool answered = false;  ///< STREAM.NAMES was answered for every subject.
  bool refused = false;   ///< An answer was an error: not now, rather than never.
  bool denied = false;    ///< There is no right to ask for them.
  std::vector<SurveyedStream> streams;
};

class HubSurvey {
 public:
  using Done = std::function<void(const Survey&, Instant now)>;

  explicit HubSurvey(SyncContext& context) : request_(context) {}

  /// `known` are streams to ask about whether or not their names come up. A stream that is known to
  /// be gone is not in the survey.
  void start(std::string api, std::vector<std::string> subjects, std::set<std::string> known,
             Done done, Instant now);
  void cancel() { request_.cancel(); }
  void tick(Instant now) { request_.tick(now); }
  Instant next_deadline() const { return request_.next_deadline(); }

 private:
  void ask_names(Instant now);
  void names_answered(std::string_view answer, Instant now);
  void ask_info(Instant now);

  ApiRequest request_;
  std::string api_;
  std::vector<std::string> subjects_;  // Still to be asked for; the last one from offset_ on.
  std::uint64_t offset_ = 0;
  int pages_ = 0;
  std::set<std::string> names_;  // Still to be asked about.
  Survey survey_;
  Done done_;
};

}  // namespace frond::sync
