#include "sync/api_request.h"

#include "base/limits.h"
#include "base/nuid.h"
#include "wire/headers.h"

#include <utility>

namespace frond::sync {

void ApiRequest::send(Peer peer, std::string_view subject, std::string_view body, Answer answer,
                      Instant now) {
  cancel();
  // The subjects that a stock mirror uses: permissions written for one serve us, too.
  const std::string inbox = "$JSC.R." + base::random_name(context_.entropy, 8);
  answer_ = std::move(answer);
  waiting_ = true;
  deadline_ = now + base::sync_request_timeout;
  inbox_ = context_.link.open(peer, inbox, *this);
  denied_ = context_.link.send(peer, subject, {subject, inbox, {}, body}) == HubSend::denied;
}

void ApiRequest::cancel() {
  if (waiting_) {
    waiting_ = false;
    context_.link.close(inbox_);
  }
}

void ApiRequest::tick(Instant now) {
  if (waiting_ && deadline_ <= now) {
    finish({}, now);
  }
}

void ApiRequest::on_inbox(InboxId inbox, std::string_view, const base::Message& message,
                          Instant now) {
  if (waiting_ && inbox == inbox_) {
    const bool refused = wire::header_status(message.header).has_value();
    finish(refused ? std::string_view{} : message.payload, now);
  }
}

void ApiRequest::finish(std::string_view body, Instant now) {
  cancel();
  // Taken out first: the answer may start the next request.
  const Answer answer = std::exchange(answer_, nullptr);
  answer(body, now);
}

}  // namespace frond::sync
