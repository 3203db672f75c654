#include "sync/hub_survey.h"

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
  survey_ = {.answered = true, .refused = false, .streams = {}};
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
  subjects_.pop_back();
  request_.send(
      api_ + ".STREAM.NAMES", wire::print_json(body),
      [this](std::string_view answer, Instant when) {
        const StreamNames found = read_stream_names(answer);
        if (!found.readable || found.error) {
          // One time limit is enough: what may not be asked for once may not be asked for at all.
          survey_.answered = false;
          survey_.refused = static_cast<bool>(found.error);
          subjects_.clear();
        }
        names_.insert(found.names.begin(), found.names.end());
        ask_names(when);
      },
      now);
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
      api_ + ".STREAM.INFO." + name, {},
      [this, name](std::string_view answer, Instant when) {
        const RemoteStreamInfo info = read_stream_info(answer);
        // Only this error says that the stream is gone. A hub that cannot answer now, or that may
        // not answer us, has it perhaps.
        if (info.error.err_code != stream_not_found) {
          survey_.streams.push_back({.name = name,
                                     .answered = info.readable && !info.error,
                                     .created = info.created,
                                     .last = info.last,
                                     .duplicate_window = info.duplicate_window});
        }
        ask_info(when);
      },
      now);
}

}  // namespace frond::sync
