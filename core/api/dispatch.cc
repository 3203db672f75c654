#include "api/dispatch.h"

#include "api/call.h"
#include "api/handlers.h"
#include "base/limits.h"
#include "stream/error_table.h"
#include "subject/tokens.h"
#include "wire/headers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <utility>

namespace frond::api {
namespace {

/// A kind of request: the tokens behind "$JS.API." or "$FROND.", how many tokens its subject has,
/// who answers. The only place that knows a request by its words.
struct Route {
  std::string_view path;
  std::size_t tokens_min;
  std::size_t tokens_max;
  std::string_view type;
  void (*answer)(Call&);
  std::string_view with_errors = {};  // Members that error answers show too, as nats-server's do.
};

constexpr std::size_t any = base::subject_tokens_max;

constexpr std::string_view no_page = R"("total":0,"offset":0,"limit":0)";
constexpr std::string_view no_consumers = R"("total":0,"offset":0,"limit":0,"consumers":[])";

constexpr std::array jetstream_routes{
    Route{"INFO", 3, 3, "account_info_response", account_info},
    Route{"STREAM.CREATE", 5, 5, "stream_create_response", stream_create},
    Route{"STREAM.UPDATE", 5, 5, "stream_update_response", stream_update},
    Route{"STREAM.NAMES", 4, 4, "stream_names_response", stream_names,
          R"("total":0,"offset":0,"limit":0,"streams":null)"},
    Route{"STREAM.LIST", 4, 4, "stream_list_response", stream_list,
          R"("total":0,"offset":0,"limit":0,"streams":[])"},
    Route{"STREAM.INFO", 5, 5, "stream_info_response", stream_info_request, no_page},
    Route{"STREAM.DELETE", 5, 5, "stream_delete_response", stream_delete},
    Route{"STREAM.PURGE", 5, 5, "stream_purge_response", stream_purge, R"("purged":0)"},
    Route{"STREAM.SNAPSHOT", 5, 5, "stream_snapshot_response", stream_snapshot},
    Route{"STREAM.RESTORE", 5, 5, "stream_restore_response", stream_restore,
          R"("deliver_subject":"")"},
    Route{"STREAM.MSG.GET", 6, 6, "stream_msg_get_response", stream_message_get},
    Route{"STREAM.MSG.DELETE", 6, 6, "stream_msg_delete_response", stream_message_delete},
    Route{"CONSUMER.CREATE", 5, any, "consumer_create_response", consumer_create},
    Route{"CONSUMER.DURABLE.CREATE", 7, 7, "consumer_create_response", consumer_create},
    Route{"CONSUMER.NAMES", 5, 5, "consumer_names_response", consumer_names, no_consumers},
    Route{"CONSUMER.LIST", 5, 5, "consumer_list_response", consumer_list, no_consumers},
    Route{"CONSUMER.INFO", 6, 6, "consumer_info_response", consumer_info_request},
    Route{"CONSUMER.DELETE", 6, 6, "consumer_delete_response", consumer_delete},
    Route{"CONSUMER.PAUSE", 6, 6, "consumer_pause_response", consumer_pause,
          R"("paused":false,"pause_until":"0001-01-01T00:00:00Z")"},
    Route{"CONSUMER.RESET", 6, 6, "consumer_reset_response", consumer_reset, R"("reset_seq":0)"},
    Route{"CONSUMER.MSG.NEXT", 7, 7, "", consumer_next},
    Route{"STREAM.PEER.REMOVE", 6, 6, "stream_remove_peer_response", needs_cluster},
    Route{"STREAM.LEADER.STEPDOWN", 6, 6, "stream_leader_stepdown_response", needs_cluster},
    Route{"STREAM.CANCEL_MOVE", 5, 5, "stream_cancel_move_response", needs_cluster},
    Route{"CONSUMER.LEADER.STEPDOWN", 7, 7, "consumer_leader_stepdown_response", needs_cluster},
    Route{"DIRECT.GET", 5, any, "", direct_get},
};

constexpr std::array frond_routes{
    Route{"STATUS", 2, 2, "status_response", node_status},
    Route{"SYNC.INFO", 4, 4, "sync_info_response", sync_info},
    Route{"QUERY", 3, 3, "query_response", query_stream},
    Route{"INDEX.INFO", 4, 4, "index_info_response", index_info},
};

/// Whether `tokens` go on with the dotted words of `path` from `index` on.
bool begins_with(const std::vector<std::string_view>& tokens, std::size_t index,
                 std::string_view path) {
  for (subject::TokenCursor word(path); word.next(); ++index) {
    if (index >= tokens.size() || tokens[index] != word.token()) {
      return false;
    }
  }
  return true;
}

/// Null for what nobody serves.
const Route* find_route(const std::vector<std::string_view>& tokens, bool own) {
  const std::span<const Route> routes =
      own ? std::span<const Route>(frond_routes) : std::span<const Route>(jetstream_routes);
  for (const Route& route : routes) {
    if (begins_with(tokens, own ? 1 : 2, route.path) && tokens.size() >= route.tokens_min &&
        tokens.size() <= route.tokens_max) {
      return &route;
    }
  }
  return nullptr;
}

/// VG-05: the client asks for more than this build serves.
bool above_our_level(std::string_view header) {
  const std::optional<std::string_view> asked =
      wire::header_value(header, "Nats-Required-Api-Level");
  if (!asked || asked->empty()) {
    return false;
  }
  int level = 0;
  const auto [end, status] = std::from_chars(asked->data(), asked->data() + asked->size(), level);
  return status != std::errc() || end != asked->data() + asked->size() ||
         level > base::jetstream_api_level;
}

}  // namespace

std::vector<std::string> own_requests() {
  std::vector<std::string> subjects;
  for (const Route& route : frond_routes) {
    std::string& subject = subjects.emplace_back("$FROND.").append(route.path);
    auto tokens = static_cast<std::size_t>(std::ranges::count(subject, '.')) + 1;
    for (; tokens < route.tokens_min; ++tokens) {
      subject.append(".*");
    }
  }
  return subjects;
}

Api::Api(Services services, ApiConfig config)
    : services_(services), config_(std::move(config)), long_answers_(services.outlet) {}

void Api::handle(std::string_view subject, const base::Message& request, Instant now) {
  if (waiting_.empty() && spent_ < base::api_turn_bytes_max) {
    carry_out(subject, request, now);
  } else {
    keep(subject, request, now);
  }
}

void Api::keep(std::string_view subject, const base::Message& request, Instant now) {
  Waiting waiting{std::string(subject), std::string(request.reply), std::string(request.header),
                  std::string(request.payload)};
  if (waiting_.size() >= base::api_waiting_max ||
      waiting_bytes_ + waiting.cost() > base::api_requests_bytes_max) {
    Call call{services_, config_, stats_,  long_answers_, indexes_,
              subject,   {},      request, now,           "system_response"};
    return call.refuse(stream::api_error(10008));
  }
  waiting_bytes_ += waiting.cost();
  waiting_.push_back(std::move(waiting));
}

void Api::take_turn(Instant now) {
  spent_ = 0;
  while (!waiting_.empty() && spent_ < base::api_turn_bytes_max) {
    const Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= next.cost();
    carry_out(next.subject, {next.subject, next.reply, next.header, next.payload}, now);
  }
}

void Api::carry_out(std::string_view subject, const base::Message& request, Instant now) {
  Call call{services_, config_, stats_,  long_answers_, indexes_,
            subject,   {},      request, now,           "system_response"};
  for (subject::TokenCursor token(subject); token.next();) {
    call.tokens.push_back(token.token());
  }
  const bool own = call.tokens.front() == "$FROND";
  if (own) {
    call.schema = "io.frond.api.v1.";
  } else {
    ++stats_.total;
  }
  const Route* route = find_route(call.tokens, own);
  if (route == nullptr) {
    // Like nats-server's, whose subscription for all of `$JS.API.>` drops it; but these two are
    // subscriptions of the streams and consumers themselves.
    const bool nobody = begins_with(call.tokens, 2, "CONSUMER.MSG.NEXT") ||
                        begins_with(call.tokens, 2, "DIRECT.GET");
    return nobody ? call.no_responders() : void();
  }
  call.type = route->type;
  call.with_errors = route->with_errors;
  if (!own && above_our_level(request.header)) {
    return call.type.empty() ? call.status("412 Required Api Level")
                             : call.refuse(stream::api_error(10185));
  }
  route->answer(call);
  // Pulls and gets of one message are what clients do all the time: they cost what they send.
  spent_ += call.answered_bytes + (call.type.empty() ? 0 : base::api_request_bytes);
}

}  // namespace frond::api
