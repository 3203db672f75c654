#include "stream/sync_check.h"

#include "base/limits.h"
#include "stream/asset_rules.h"
#include "stream/config_errors.h"
#include "subject/validity.h"
#include "wire/quote.h"

#include <algorithm>
#include <string>

namespace frond::stream {
namespace {

/// All metadata of Frond begins with it; what this build does not know is refused, since it would
/// change what happens to messages.
constexpr std::string_view own_metadata = "frond.";
// A deliver subject is "<prefix>.M.<8 characters>".
constexpr std::string_view longest_inbox = ".M.12345678";

ApiError check_external(const StreamSource& origin) {
  if (!origin.external_deliver.empty() &&
      !subject::valid_literal(origin.external_deliver + std::string(longest_inbox))) {
    return api_error(10024, {origin.external_deliver});
  }
  if (!origin.external_api.empty()) {
    if (!subject::valid_literal(origin.external_api)) {
      return invalid("stream external api prefix " + wire::quoted(origin.external_api) +
                     " must be a valid subject without wildcards");
    }
    // What is asked there goes out as the node's own request: never to what acts on this node.
    for (const std::string_view taken : {"$JS.API", "$JS.ACK", "$JS.FC", "$FROND"}) {
      if (origin.external_api.starts_with(taken) && (origin.external_api.size() == taken.size() ||
                                                     origin.external_api[taken.size()] == '.')) {
        return api_error(10021, {origin.external_api, taken});
      }
    }
  }
  return {};
}

bool is_count(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && text.size() <= 9 && text.front() != '0' &&
         std::ranges::all_of(text, is_digit);
}

/// One entry of the metadata.
ApiError check_own(std::string_view key, const std::string& value) {
  const bool is_name = valid_asset_name(value) && value.size() <= base::name_bytes_max;
  if (key == forward_metadata || key == sync_metadata) {
    return value.empty() || is_name ? ApiError{}
                                    : invalid("metadata " + std::string(key) +
                                              " must be the name of a JetStream domain or empty");
  }
  if (key == index_metadata) {
    return {};  // Its value is query's to check.
  }
  if (key == forward_window_metadata) {
    return is_count(value) ? ApiError{}
                           : invalid("metadata frond.forward.window must be a positive number");
  }
  if (key == sync_stream_metadata) {
    return is_name ? ApiError{} : invalid("metadata frond.sync.stream must be a stream's name");
  }
  if (key == sync_conflict_metadata) {
    return std::ranges::find(sync_conflict_policies, value) != std::end(sync_conflict_policies)
               ? ApiError{}
               : invalid(
                     "metadata frond.sync.conflict must be hub-order, hub-wins, local-wins or "
                     "ask");
  }
  if (key == sync_preview_metadata) {
    return value == "yes" ? ApiError{} : invalid("metadata frond.sync.preview must be yes");
  }
  return invalid("metadata " + wire::quoted(key) + " not supported by this node");
}

/// What a working copy cannot be at the same time. The hub's values are stored by it alone, and
/// must find room.
ApiError check_two_way(const StreamConfig& config) {
  if (config.mirror || !config.sources.empty()) {
    return invalid("a mirror or a stream with sources can not be synced both ways");
  }
  if (config.metadata.contains(std::string(forward_metadata))) {
    return invalid("a stream can not be forwarded and synced both ways");
  }
  if (config.discard_new_per_subject) {
    return invalid("a stream that is synced both ways can not have discard new per subject");
  }
  if (config.sealed) {
    return invalid("a sealed stream can not be synced both ways");
  }
  if (!config.metadata.contains(std::string(sync_preview_metadata))) {
    return invalid(
        "metadata frond.sync is a preview that may store a write twice: frond.sync.preview must "
        "say yes");
  }
  return {};
}

ApiError check_metadata(const StreamConfig& config) {
  for (auto at = config.metadata.lower_bound(std::string(own_metadata));
       at != config.metadata.end() && at->first.starts_with(own_metadata); ++at) {
    if (ApiError error = check_own(at->first, at->second)) {
      return error;
    }
  }
  if (config.metadata.contains(std::string(sync_metadata))) {
    return check_two_way(config);
  }
  const bool forwarded = config.metadata.contains(std::string(forward_metadata));
  if (!forwarded && config.metadata.contains(std::string(forward_window_metadata))) {
    return invalid("metadata frond.forward.window needs frond.forward");
  }
  return forwarded && config.mirror ? invalid("a mirror can not be forwarded") : ApiError{};
}

}  // namespace

ApiError check_origin(const StreamSource& origin) {
  if (!valid_asset_name(origin.name) || origin.name.size() > base::name_bytes_max) {
    return api_error(10142);
  }
  if (ApiError error = check_external(origin)) {
    return error;
  }
  if (!origin.filter_subject.empty() && !subject::valid(origin.filter_subject)) {
    return api_error(10151, {"malformed subject " + origin.filter_subject});
  }
  if (origin.external_api.size() + origin.external_deliver.size() + origin.filter_subject.size() >
      base::origin_subject_bytes_max) {
    return invalid("subjects of the mirror's origin are too long, maximum allowed is " +
                   std::to_string(base::origin_subject_bytes_max));
  }
  return {};
}

ApiError check_sync(const StreamConfig& config) {
  if (config.mirror) {
    if (ApiError error = check_origin(*config.mirror)) {
      return error;
    }
  }
  for (const StreamSource& source : config.sources) {
    if (ApiError error = check_origin(source)) {
      return error;
    }
  }
  return check_metadata(config);
}

}  // namespace frond::stream
