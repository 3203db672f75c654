#include "sync/forward/hub_survey.h"

#include "base/limits.h"
#include "sync/api_json.h"
#include "wire/json_reader.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

namespace frond::sync {

namespace {
constexpr std::uint16_t stream_not_found = 10059;
}  // namespace

void HubSurvey::start(std::string api, std::vector<std::string> subjects,
                      std::set<std::string> known, Done done, Instant now) {
  request_.cancel();
  api_ = std::move(api);
  subjects_ = std::move(subjects);
  names_ = std::move(known);
  offset_ = 0;
  pages_ = 0;
  survey_ = {.answered = true, .refused = false, .denied = false, .streams = {}};
  done_ = std::move(done);
  ask_names(now);
}

void HubSurvey::ask_names(Instant now) {
  if (subjects_.empty()) {
    ask_info(now);
    return;
  }
  wire::Json body = wire::Json::object();
  body["subject"] = subjects_.back();
  if (offset_ > 0) {
    body["offset"] = offset_;
  }
  request_.send(
      Peer::hub, api_ + ".STREAM.NAMES", wire::print_json(body),
      [this](std::string_view answer, Instant when) { names_answered(answer, when); }, now);
}

void HubSurvey::names_answered(std::string_view answer, Instant now) {
  const StreamNames found = read_stream_names(answer);
  names_.insert(found.names.begin(), found.names.end());
  offset_ += found.listed;
  ++pages_;
  const bool more = found.listed > 0 && offset_ < found.total;
  const bool endless =
      names_.size() > base::sync_streams_max || (more && pages_ >= base::sync_names_pages_max);
  if (!found.readable || found.error || endless) {
    // One time limit is enough: what may not be asked for once may not be asked for at all.
    survey_.answered = false;
    survey_.denied = request_.denied();
    survey_.refused = found.error || endless;
    subjects_.clear();
    if (endless) {
      names_.clear();
    }
  } else if (!more) {
    subjects_.pop_back();
    offset_ = 0;
    pages_ = 0;
  }
  ask_names(now);
}

void HubSurvey::ask_info(Instant now) {
  if (names_.empty()) {
    const Done done = std::exchange(done_, nullptr);
    const Survey survey = std::exchange(survey_, {});
    done(survey, now);
    return;
  }
  const std::string name = names_.extract(names_.begin()).value();
  request_.send(
      Peer::hub, api_ + ".STREAM.INFO." + name, {},
      [this, name](std::string_view answer, Instant when) {
        const RemoteStreamInfo info = read_stream_info(answer);
        // Only this error says that the stream is gone. A hub that cannot answer now, or that may
        // not answer us, has it perhaps.
        if (info.error.err_code != stream_not_found) {
          survey_.streams.push_back({.name = name,
                                     .answered = info.readable && !info.error,
                                     .created = info.created,
                                     .last = info.last,
                                     .duplicate_window = info.duplicate_window,
                                     .messages_per_subject = info.messages_per_subject});
        }
        ask_info(when);
      },
      now);
}

}  // namespace frond::sync
