#include "sync/dead_letters.h"

#include "subject/validity.h"
#include "wire/headers.h"

#include <algorithm>
#include <utility>

namespace frond::sync {

namespace {

constexpr std::string_view why_header = "Frond-Error";
constexpr std::string_view id_header = "Nats-Msg-Id";

std::string space_of(std::string_view stream) {
  return "$FROND.REFUSED." + std::string(stream) + ".";
}

std::string subject_of(const DeadLetter& letter) {
  const std::string place =
      space_of(letter.from.config().name) + std::to_string(letter.message.sequence.value) + ".";
  std::string subject = place + std::string(letter.message.subject);
  // It may have too many tokens now; Frond-Subject has it in any case.
  return subject::valid_literal(subject) ? subject : place + "_";
}

stream::StreamConfig config_for(const stream::StreamConfig& from) {
  stream::StreamConfig config;
  config.name = dead_letter_stream(from.name);
  config.description = "What the hub refused of " + from.name;
  config.subjects = {space_of(from.name) + ">"};
  config.storage = from.storage;
  config.allow_direct = true;
  return config;
}

}  // namespace

std::string dead_letter_stream(std::string_view stream) { return std::string(stream) + "_REFUSED"; }

std::string dead_letter_header(const DeadLetter& letter) {
  std::string out(letter.message.header);
  // As they are these would act on the stream of letters.
  static constexpr std::pair<std::string_view, std::string_view> renamed[] = {
      {id_header, "Frond-Msg-Id"}, {"Nats-Rollup", "Frond-Rollup"}, {"Nats-TTL", "Frond-TTL"}};
  for (const auto& [from, to] : renamed) {
    if (const auto value = wire::header_value(letter.message.header, from)) {
      wire::header_append(out, to, *value);
    }
  }
  wire::header_remove_prefix(out, "Nats-");
  wire::header_append(out, id_header, letter.id);
  wire::header_append(out, "Frond-Sent-As", letter.sent_as);
  wire::header_append(out, "Frond-Subject", letter.message.subject);
  wire::header_append(
      out, "Frond-Error-Code",
      std::to_string(letter.why.err_code != 0 ? letter.why.err_code : letter.why.code));
  std::string words = letter.why.description;  // The hub's, whatever they are: one line.
  std::ranges::replace_if(words, [](char c) { return c == '\r' || c == '\n'; }, ' ');
  wire::header_append(out, why_header, words);
  return out;
}

stream::IngestResult DeadLetters::put(const DeadLetter& letter, Instant now) {
  const stream::StreamConfig& from = letter.from.config();
  stream::Stream* letters = streams_.find(dead_letter_stream(from.name));
  if (letters == nullptr) {
    const stream::StreamOutcome made = streams_.create(config_for(from), now);
    if (made.error) {
      return {made.error, {}, false, Ticket{0}};
    }
    letters = made.stream;
  }
  const std::string subject = subject_of(letter);
  const stream::Lookup before = letters->last_for(subject);
  if (before.unreadable) {
    return {{503, 10077, "letter cannot be read now"}, {}, false, Ticket{0}};
  }
  if (before && wire::header_value(before->header, id_header) == letter.id) {
    return {{}, before->sequence, true, letters->ticket()};
  }
  return letters->ingest({subject, {}, dead_letter_header(letter), letter.message.payload}, now);
}

std::optional<std::string> DeadLetters::why(std::string_view stream, StreamSeq sequence) {
  stream::Stream* letters = streams_.find(dead_letter_stream(stream));
  if (letters == nullptr) {
    return std::nullopt;
  }
  const stream::Lookup letter =
      letters->last_for(space_of(stream) + std::to_string(sequence.value) + ".>");
  return letter ? std::optional(
                      std::string(wire::header_value(letter->header, why_header).value_or("")))
                : std::nullopt;
}

}  // namespace frond::sync
