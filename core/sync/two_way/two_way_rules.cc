#include "sync/two_way/two_way_rules.h"

#include "sync/forward/forward_message.h"
#include "wire/headers.h"

#include <array>
#include <charconv>

namespace frond::sync {

namespace {

constexpr std::string_view mark_header = "Frond-Sync";
constexpr std::string_view operation_header = "KV-Operation";
constexpr std::string_view rollup_header = "Nats-Rollup";

/// Reads a number and what separates it from the next field.
bool take_number(std::string_view& text, std::uint64_t& out) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), out);
  if (result.ec != std::errc{}) {
    return false;
  }
  text.remove_prefix(static_cast<std::size_t>(result.ptr - text.data()));
  if (text.starts_with(' ')) {
    text.remove_prefix(1);
  }
  return true;
}

void append_mark(std::string& header, StreamSeq local, const HubMark& mark) {
  wire::header_append(header, mark_header,
                      std::to_string(mark.hub.value) + " " + std::to_string(local.value) + " " +
                          std::string(mark.lineage));
}

}  // namespace

Verdict judge(const Standing& standing, ConflictPolicy policy) {
  using enum Verdict;
  if (!standing.here) {
    return store;
  }
  if (standing.open) {
    if (standing.had) {
      return top;
    }
    // Both have written the same: there is nothing to decide, and the hub's is stored already.
    if (standing.same || policy == ConflictPolicy::hub_wins) {
      return store;
    }
    return policy == ConflictPolicy::ask ? ask : top;
  }
  if (!standing.unknown) {
    return standing.had ? known : store;
  }
  if (standing.same) {
    return known;
  }
  if (policy == ConflictPolicy::hub_wins || policy == ConflictPolicy::local_wins) {
    return policy == ConflictPolicy::hub_wins ? store : top;
  }
  return standing.hub_newer ? store : top;
}

std::optional<HubMark> hub_mark(const stream::StoredMessage& message) {
  if (message.header.empty()) {
    return std::nullopt;
  }
  auto text = wire::header_value(message.header, mark_header);
  HubMark mark;
  std::uint64_t local = 0;
  if (!text || !take_number(*text, mark.hub.value) || !take_number(*text, local) ||
      local != message.sequence.value) {
    return std::nullopt;
  }
  mark.lineage = *text;
  return mark;
}

std::string header_from_hub(std::string_view header, StreamSeq local, const HubMark& mark,
                            const stream::StreamConfig& config) {
  std::string out(header);
  const bool renamed = wire::header_value(header, "Frond-Msg-Id").has_value();
  if (const auto id = wire::header_value(header, "Nats-Msg-Id"); id && !renamed) {
    wire::header_append(out, "Frond-Msg-Id", *id);
  }
  // Conditions and ids were for the hub; here they would refuse the message.
  static constexpr std::array<std::string_view, 7> conditions = {
      "Nats-Expected-", "Nats-Batch-",   "Nats-Msg-Id", "Nats-Stream-Source",
      "Nats-Incr",      "Nats-Schedule", mark_header};
  for (const std::string_view prefix : conditions) {
    wire::header_remove_prefix(out, prefix);
  }
  if (!config.allow_msg_ttl) {
    wire::header_remove(out, "Nats-TTL");
  }
  // What else a rollup of all removes is found by comparing: it may not take unsent writes along.
  if (!config.allow_rollup_hdrs || config.deny_purge || rolls_up_all(header)) {
    wire::header_remove(out, rollup_header);
  }
  append_mark(out, local, mark);
  return out;
}

std::string header_of_gone(StreamSeq local, const HubMark& mark) {
  std::string out;
  wire::header_append(out, operation_header, "DEL");
  append_mark(out, local, mark);
  return out;
}

std::string header_to_hub(std::string_view header, std::string_view message_id,
                          StreamSeq expected) {
  std::string out = forward_header(header, message_id);
  wire::header_remove(out, mark_header);
  wire::header_append(out, "Nats-Expected-Last-Subject-Sequence", std::to_string(expected.value));
  return out;
}

std::string header_of_merged(std::string_view header) {
  std::string out(header);
  for (const std::string_view prefix : {std::string_view("Nats-"), mark_header}) {
    wire::header_remove_prefix(out, prefix);
  }
  return out;
}

bool rolls_up_all(std::string_view header) {
  const auto value = wire::header_value(header, rollup_header);
  return value && (value->starts_with('a') || value->starts_with('A'));
}

bool is_delete_marker(std::string_view header) {
  const auto value = wire::header_value(header, operation_header);
  return value == "DEL" || value == "PURGE";
}

bool same_value(const stream::StoredMessage& mine, const HubValue& value) {
  return mine.payload == value.payload && wire::header_value(mine.header, operation_header) ==
                                              wire::header_value(value.header, operation_header);
}

std::optional<StreamSeq> actual_last_sequence(std::string_view description) {
  constexpr std::string_view words = "wrong last sequence: ";
  StreamSeq last;
  if (!description.starts_with(words)) {
    return std::nullopt;
  }
  description.remove_prefix(words.size());
  return take_number(description, last.value) ? std::optional(last) : std::nullopt;
}

}  // namespace frond::sync
