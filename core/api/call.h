#pragma once
// One request of `$JS.API.>` or `$FROND.>` on its way through a family: what was asked and how to
// answer. Made by dispatch for the length of one handle(); the handlers (handlers.h) read it and
// call exactly one of answer, promise, refuse or status.

#include "api/dispatch.h"
#include "wire/json_reader.h"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace frond::api {

struct Call {
  Services& services;
  const ApiConfig& config;
  ApiStats& stats;
  LongAnswers& long_answers;
  query::Indexes& indexes;
  std::string_view subject;
  std::vector<std::string_view> tokens;  ///< Of the subject: "$JS", "API", ...
  const base::Message& request;
  Instant now;
  std::string_view type;  ///< "stream_info_response", ...: what every answer of this call is.
  std::string_view schema = "io.nats.jetstream.api.v1.";  ///< Whose `type` is.
  std::string_view with_errors = {};  ///< Members that its error answers show too: R"("purged":0)".
  std::size_t answered_bytes = 0;

  std::string_view token(std::size_t index) const {
    return index < tokens.size() ? tokens[index] : std::string_view();
  }
  /// Everything of the subject from this token on.
  std::string_view rest(std::size_t index) const;

  /// {"type":...} and the fields of `fields`, now.
  void answer(const wire::Json& fields);
  /// The same once `ticket` is durable; when its commit is lost, 10047 goes out instead.
  void promise(Ticket ticket, const wire::Json& fields);
  /// The same once everything that `stream` shows is durable: what an answer tells of must not be
  /// gone after a crash. Error 10008 when it is lost.
  void tell(const stream::Stream& stream, const wire::Json& fields);
  /// {"type":...,"error":{...}} and what errors of this type show.
  void refuse(const stream::ApiError& error);
  /// "NATS/1.0 <line>" without a body.
  void status(std::string_view line);
  /// What a request finds nobody for (CP-12, PL-14).
  void no_responders();

  /// A body that must be empty (10038): refuses and returns false when it is not.
  bool expect_no_body();
  /// The body as JSON, null when it is empty or no object; refuses with 10025 and returns false
  /// when it cannot be read.
  bool read_body(wire::Json& out);
  /// Ends a reading of the body: refuses with 10025 when `error` is set.
  bool accept(const std::string& error);
  /// The stream of this name; refuses with 10059 when there is none.
  stream::Stream* find_stream(std::string_view name);

  /// Sends the answer once `ticket` is durable, or the error of this code when its commit failed.
  void hold(Ticket ticket, const wire::Json& fields, std::uint16_t error);
};

/// Whether the body is an object or array: some requests take anything else as "no options".
bool is_json(std::string_view body);
/// Nothing, or an empty object.
bool is_empty_request(std::string_view body);

/// {"code":..,"err_code":..,"description":..}
wire::Json error_json(const stream::ApiError& error);

/// "total", "offset", "limit" of a paged answer (JA-04, JA-05, JA-15).
struct Page {
  std::size_t total = 0;
  std::size_t offset = 0;
  std::size_t limit = 0;
  /// First and one past the last index of the page.
  std::size_t first() const { return offset < total ? offset : total; }
  std::size_t last() const { return total - first() < limit ? total : first() + limit; }
  void print(wire::Json& out) const;
};
/// Reads "offset" (never negative) and, when `subject` is given, "subject"; `go_type` is the
/// request's in errors.
bool read_page(Call& call, std::string_view go_type, Page& page, std::string* subject);

/// What STREAM.INFO asks to see beyond the usual.
struct StreamDetails {
  bool domain = true;
  bool cluster = false;
  bool deleted = false;
  std::string subjects_filter;  ///< Empty: no subjects.
  Page subjects;
};
/// Also used where the engine shows infos itself (monitoring). Fills in details.subjects.total.
wire::Json stream_info(stream::Stream& stream, const Services& services, const ApiConfig& config,
                       StreamDetails& details, Instant now);
wire::Json consumer_info(consumer::Consumer& consumer, const Services& services,
                         const ApiConfig& config, Instant now);

}  // namespace frond::api
