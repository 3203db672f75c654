#pragma once
// Finds out which messages in doubt have reached the hub: reads the hub's streams from the last
// acknowledged positions to their ends, headers only, and reports every Nats-Msg-Id with our prefix
// that it meets. Owned by its forwarder, which decides what to make of it.

#include "sync/forward/forward_flights.h"
#include "sync/forward/forward_state.h"
#include "sync/forward/hub_survey.h"
#include "sync/remote_reader.h"
#include "sync/sync_context.h"

#include <frond/types.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace frond::sync {

class DoubtSettlerUser {
 public:
  virtual ~DoubtSettlerUser() = default;
  /// A message with our prefix is stored at the hub: `place` says where and under which id.
  virtual void on_found(HubPlace place, const RemoteMessage& message) = 0;
  /// All streams that may hold our messages were read to their ends: what was not found is not
  /// there. `read` says how far each was read; empty when none takes our subjects.
  virtual void on_settled(std::map<std::string, HubPosition> read, const Survey& survey,
                          Instant now) = 0;
  virtual void on_settle_failed(const std::string& why, Instant now) = 0;
};

class DoubtSettler final : public RemoteReaderUser {
 public:
  DoubtSettler(SyncContext& context, DoubtSettlerUser& user);

  struct Plan {
    std::string api;
    std::vector<std::string> subjects;  ///< As they are stored at the hub.
    std::map<std::string, HubPosition> positions;
    std::optional<WallTime> since;  ///< Where no position is known, nothing older needs be read.
    std::string id_prefix;          ///< Of our Nats-Msg-Ids.
  };
  void start(Plan plan, Instant now);
  void cancel();
  bool running() const { return running_; }
  /// It failed because there is no right to look: it will fail again.
  bool denied() const { return denied_; }
  void tick(Instant now);
  Instant next_deadline() const;

  // RemoteReaderUser.
  ReadStart read_from() override;
  void on_reading(StreamSeq before, std::uint64_t pending, Instant now) override;
  void on_remote(const RemoteMessage& message, Instant now) override;
  void on_heartbeat(Instant now) override;
  void on_read_error(const stream::ApiError& error, Instant now) override;
  void on_flow_control(std::string_view reply, Instant now) override;

 private:
  void surveyed(const Survey& survey, Instant now);
  void read_next(Instant now);
  void read(Instant now);
  bool lost_its_end(const RemoteMessage& message) const;
  void finish(Instant now);

  DoubtSettlerUser& user_;
  HubSurvey survey_;
  RemoteReader reader_;
  Plan plan_;
  Survey survey_answer_;
  std::map<std::string, HubPosition> read_;
  std::vector<SurveyedStream> unread_;
  SurveyedStream current_;
  StreamSeq from_;      // Where to read on.
  HubPosition before_;  // What should stand at its position; checked by the first message.
  bool running_ = false;
  bool denied_ = false;
};

}  // namespace frond::sync
