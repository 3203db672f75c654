#pragma once
// One JetStream API request to another domain, with its answer or the lack of one. A request that
// is sent while the hub's interest has not arrived is lost without a trace (leafnode-protocol 12),
// so every one has a short time limit. Owned by whoever asks; one request at a time.

#include "sync/sync_context.h"

#include <frond/types.h>

#include <functional>
#include <string>
#include <string_view>

namespace frond::sync {

class ApiRequest final : public InboxHandler {
 public:
  /// `body` is empty when nobody answered in time or nobody listens (503).
  using Answer = std::function<void(std::string_view body, Instant now)>;

  explicit ApiRequest(SyncContext& context) : context_(context) {}
  ~ApiRequest() override { cancel(); }
  ApiRequest(const ApiRequest&) = delete;
  ApiRequest& operator=(const ApiRequest&) = delete;

  /// Replaces a request that is still waiting. `answer` may start the next one.
  void send(Peer peer, std::string_view subject, std::string_view body, Answer answer, Instant now);
  void cancel();
  bool waiting() const { return waiting_; }
  /// The last one was not let through: there is no right to ask this.
  bool denied() const { return denied_; }
  void tick(Instant now);
  Instant next_deadline() const { return waiting_ ? deadline_ : kNever; }

  void on_inbox(InboxId inbox, std::string_view target, const base::Message& message,
                Instant now) override;

 private:
  void finish(std::string_view body, Instant now);

  SyncContext& context_;
  Answer answer_;
  InboxId inbox_{};
  bool waiting_ = false;
  bool denied_ = false;
  Instant deadline_{};
};

}  // namespace frond::sync
