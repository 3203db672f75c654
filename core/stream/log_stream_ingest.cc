// What happens to a published message on its way into a stream: nats-server's checks in
// nats-server's order (nats-features 7), then the store, then the limits.

#include "base/duration_text.h"
#include "base/limits.h"
#include "stream/error_table.h"
#include "stream/log_stream.h"
#include "wire/headers.h"
#include "wire/json_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace frond::stream {

/// The headers that mean something to a stream, found in one pass. Empty values count as absent.
struct LogStream::HeaderRules {
  std::string_view message_id;
  std::string_view expected_stream;
  std::string_view expected_last_sequence;
  std::string_view expected_last_subject_sequence;
  std::string_view expected_last_subject_sequence_subject;
  std::string_view expected_last_message_id;
  std::string_view rollup;
  std::string_view ttl;
  std::string_view increment;
  std::string_view schedule;
  std::string_view schedule_next;
  std::string_view scheduler;
  std::string_view stream_source;
  std::string_view batch_id;

  explicit HeaderRules(std::string_view header) {
    for (wire::HeaderCursor cursor(header); cursor.next();) {
      if (std::string_view* field = field_for(cursor.line().key);
          field != nullptr && field->empty()) {
        *field = cursor.line().value;
      }
    }
  }
  bool rolls_up() const { return !rollup.empty(); }

 private:
  std::string_view* field_for(std::string_view key) {
    if (!key.starts_with("Nats-")) {
      return nullptr;
    }
    const std::pair<std::string_view, std::string_view*> fields[] = {
        {"Nats-Msg-Id", &message_id},
        {"Nats-Expected-Stream", &expected_stream},
        {"Nats-Expected-Last-Sequence", &expected_last_sequence},
        {"Nats-Expected-Last-Subject-Sequence", &expected_last_subject_sequence},
        {"Nats-Expected-Last-Subject-Sequence-Subject", &expected_last_subject_sequence_subject},
        {"Nats-Expected-Last-Msg-Id", &expected_last_message_id},
        {"Nats-Rollup", &rollup},
        {"Nats-TTL", &ttl},
        {"Nats-Incr", &increment},
        {"Nats-Schedule", &schedule},
        {"Nats-Schedule-Next", &schedule_next},
        {"Nats-Scheduler", &scheduler},
        {"Nats-Stream-Source", &stream_source},
        {"Nats-Batch-Id", &batch_id},
    };
    for (const auto& [name, field] : fields) {
      if (key == name) {
        return field;
      }
    }
    return nullptr;
  }
};

namespace {

/// As nats-server reads sequences in headers: what is no number becomes the largest one.
std::uint64_t header_number(std::string_view text) {
  std::uint64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || number > (~std::uint64_t{0} - 9) / 10) {
      return ~std::uint64_t{0};
    }
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return text.empty() ? ~std::uint64_t{0} : number;
}

enum class Ttl : std::uint8_t { none, valid, invalid };

/// PB-08: "never", a Go duration of at least a second, or a number of seconds.
Ttl read_ttl(std::string_view text) {
  if (text.empty()) {
    return Ttl::none;
  }
  const std::string_view never = "never";
  const auto same = [](char a, char b) { return (a | 0x20) == b; };
  if (text.size() == never.size() && std::equal(text.begin(), text.end(), never.begin(), same)) {
    return Ttl::valid;
  }
  if (const auto duration = base::duration_parse(text)) {
    return *duration < std::chrono::seconds(1) ? Ttl::invalid : Ttl::valid;
  }
  const std::uint64_t seconds = header_number(text);
  if (seconds == ~std::uint64_t{0}) {
    return Ttl::invalid;
  }
  return seconds == 0 ? Ttl::none : Ttl::valid;
}

bool is_integer(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) {
    text.remove_prefix(1);
  }
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c | 0x20);
    }
  }
  return out;
}

ApiError store_failed(std::string_view why) { return api_error(10077, {why}); }

}  // namespace

ApiError LogStream::check_expected(const HeaderRules& rules, const base::Message& message) {
  if (!rules.expected_stream.empty() && rules.expected_stream != meta_.config.name) {
    return api_error(10060);
  }
  if (read_ttl(rules.ttl) == Ttl::valid && !meta_.config.allow_msg_ttl) {
    return api_error(10166);
  }
  if (!rules.expected_last_subject_sequence.empty()) {
    const std::string_view other = rules.expected_last_subject_sequence_subject;
    const std::uint64_t last =
        store_->index().last_matching(other.empty() ? message.subject : other, ~std::uint64_t{0});
    if (last != header_number(rules.expected_last_subject_sequence)) {
      return api_error(10071, {std::to_string(last)});
    }
  } else if (!rules.expected_last_subject_sequence_subject.empty()) {
    return api_error(10193);
  }
  if (!rules.expected_last_sequence.empty() &&
      header_number(rules.expected_last_sequence) != store_->last()) {
    return api_error(10071, {std::to_string(store_->last())});
  }
  return {};
}

/// `result` becomes the answer when the message is a duplicate.
ApiError LogStream::check_headers(HeaderRules& rules, const base::Message& message, Instant now,
                                  IngestResult& result) {
  if (!rules.increment.empty()) {
    return api_error(is_integer(rules.increment) ? 10168 : 10171);
  }
  if (ApiError error = check_expected(rules, message)) {
    return error;
  }
  if (!rules.schedule.empty()) {
    return api_error(10188);
  }
  if (!rules.schedule_next.empty() || !rules.scheduler.empty()) {
    return api_error(10212);
  }
  if (!rules.stream_source.empty()) {
    return api_error(10227);
  }
  if (!rules.message_id.empty() && meta_.config.duplicate_window > Duration::zero()) {
    const std::uint64_t seen =
        duplicates_.find(rules.message_id, now, meta_.config.duplicate_window);
    if (seen != 0) {
      result.duplicate = true;
      result.sequence = {seen};
      result.ticket = ack_ticket(store_->ticket_of(seen));
      return {};
    }
  }
  if (!rules.expected_last_message_id.empty() &&
      rules.expected_last_message_id != last_message_id_) {
    return api_error(10070, {last_message_id_});
  }
  if (rules.rolls_up()) {
    if (!meta_.config.allow_rollup_hdrs || meta_.config.deny_purge) {
      return api_error(10111, {"rollup not permitted"});
    }
    const std::string rollup = lower(rules.rollup);
    if (rollup != "all" && rollup != "sub") {
      return api_error(10111, {"rollup value invalid: " + wire::print_json(wire::Json(rollup))});
    }
  }
  return {};
}

/// The header's size, the account's limits, and the stream's own under discard new (PB-11).
ApiError LogStream::check_room(const HeaderRules& rules, const base::Message& message) {
  const StreamConfig& config = meta_.config;
  if (message.header.size() >= base::header_bytes_max) {
    return api_error(10097);
  }
  const std::uint64_t size =
      store_->size_of(message.subject.size(), message.header.size(), message.payload.size());
  if (!set_.has_room(config.storage, size)) {
    return api_error(10002);
  }
  if (read_ttl(rules.ttl) == Ttl::invalid) {
    return api_error(10165);
  }
  if (config.discard == Discard::oldest) {
    return {};
  }
  // A message that pushes out an older one of its subject takes that one's place.
  std::uint64_t replaced_size = 0;
  bool replaces = false;
  if (config.max_msgs_per_subject > 0) {
    const store::SequenceList* sequences = store_->index().sequences_of(message.subject);
    if (sequences != nullptr &&
        sequences->size() >= static_cast<std::size_t>(config.max_msgs_per_subject)) {
      if (config.discard_new_per_subject && !rules.rolls_up()) {
        return store_failed("maximum messages per subject exceeded");
      }
      replaces = true;
      replaced_size = store_->entry(sequences->front())->size;
    }
  }
  if (config.max_msgs > 0 && store_->messages() >= static_cast<std::uint64_t>(config.max_msgs) &&
      !replaces) {
    return store_failed("maximum messages exceeded");
  }
  if (config.max_bytes > 0 &&
      store_->bytes() + size > static_cast<std::uint64_t>(config.max_bytes) &&
      (!replaces || replaced_size < size)) {
    return store_failed("maximum bytes exceeded");
  }
  return {};
}

IngestResult LogStream::stored(const store::MessageRecord& record, Instant arrival) {
  store_->append(record);
  arrivals_.note(record.sequence, record.time, arrival);
  enforce_limits(record.subject);
  enforce_totals();
  tell_removed();
  set_.expires_at(next_deadline());
  return {.error = {}, .sequence = {record.sequence}, .ticket = ack_ticket(store_->ticket())};
}

IngestResult LogStream::take(const base::Message& message, bool sourced, Instant now) {
  IngestResult result;
  if (meta_.config.sealed) {
    result.error = api_error(10109);
    return result;
  }
  if (now < fenced_until_) {
    result.error = store_failed("storage commit failed");
    return result;
  }
  HeaderRules rules(message.header);
  if (sourced) {
    rules.stream_source = {};
  }
  result.error = check_batch(rules.batch_id, message);
  if (result.error) {
    return result;
  }
  if (too_large(message)) {
    result.error = api_error(10054);
    return result;
  }
  if (!message.header.empty()) {
    result.error = check_headers(rules, message, now, result);
    if (result.error || result.duplicate) {
      return result;
    }
  }
  result.error = check_room(rules, message);
  if (result.error) {
    return result;
  }
  if (store_->last() >= base::sequence_max) {
    result.error = store_failed("no sequence is left");
    return result;
  }
  const std::uint64_t sequence = store_->last() + 1;
  result = stored({.sequence = sequence,
                   .time = std::max(clock_.wall(now), store_->last_time()),
                   .subject = message.subject,
                   .header = message.header,
                   .payload = message.payload},
                  now);
  if (!rules.message_id.empty() && meta_.config.duplicate_window > Duration::zero()) {
    duplicates_.add(rules.message_id, sequence, now);
  }
  last_message_id_ = rules.message_id;
  if (rules.rolls_up()) {
    const bool all = lower(rules.rollup) == "all";
    purge({.filter = all ? std::string() : std::string(message.subject), .before = {}, .keep = 1},
          now);
  }
  result.ticket = ack_ticket(store_->ticket());
  if (meta_.config.storage == StorageKind::memory) {
    tell_messages();
  }
  return result;
}

}  // namespace frond::stream
