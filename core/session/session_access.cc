// What a client's user may do, asked again when the configuration's users have changed.

#include "access/login.h"
#include "base/sort.h"
#include "route/request_subjects.h"
#include "session/session.h"
#include "wire/quote.h"

#include <algorithm>
#include <string>
#include <vector>

namespace frond::session {

std::string Session::subscription_violation(std::string_view subject, std::string_view queue) {
  std::string text = "Permissions Violation for Subscription to " + wire::quoted(subject);
  if (!queue.empty()) {
    text += " using queue " + wire::quoted(queue);
  }
  return text;
}

bool Session::may_publish(std::string_view subject, Instant now) {
  return !restricted_ || permissions_.may_publish(subject) ||
         (replies_ && replies_->use(subject, now));
}

/// Whoever answers sends to the reply. Where that is a request, asking for the answer is asking for
/// the request: it takes the same right.
bool Session::may_ask_for_reply(std::string_view reply) const {
  return !restricted_ || !route::is_api_subject(reply) || permissions_.may_publish(reply);
}

void Session::recheck(Instant now) {
  // Whoever waits for the host's answer is judged by the rules of then.
  if (output_.closing() || info_.trusted || secret_.pending()) {
    return;
  }
  if (!connect_received_) {
    if (auth_required() && !subscriptions_.empty() && !admit_without_connect()) {
      return refuse_auth();  // It is here under the old rules.
    }
    if (awaiting_auth() == (auth_until_ == kNever)) {
      auth_until_ = awaiting_auth() ? now + node_.config.auth_timeout : kNever;
    }
    return drop_forbidden();
  }
  const auto is_mine = [this](const User& user) { return user_ == access::user_id(user); };
  if (!user_.empty() && std::ranges::none_of(node_.config.users, is_mine)) {
    return output_.close("Credentials Revoked");  // Without a word, as nats-server does it.
  }
  if (authenticate().kind != access::Verdict::Kind::admitted) {
    return refuse_auth();
  }
  drop_forbidden();
}

/// Ends the subscriptions that the permissions of now do not allow.
void Session::drop_forbidden() {
  std::vector<std::string> forbidden;
  for (auto& [sid, own] : subscriptions_) {
    own.filtered = restricted_ && permissions_.filters_deliveries(own.subject, own.queue);
    if (restricted_ && !permissions_.may_subscribe(own.subject, own.queue)) {
      forbidden.push_back(sid);
    }
  }
  base::sort(forbidden);  // The map has no order that would be the same everywhere.
  for (const std::string& sid : forbidden) {
    const auto own = subscriptions_.find(sid);
    send_err(subscription_violation(own->second.subject, own->second.queue) + " (sid " +
             wire::quoted(sid) + ")");
    drop_subscription(own);
  }
}

}  // namespace frond::session
