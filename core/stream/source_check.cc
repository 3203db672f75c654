#include "stream/source_check.h"

#include "base/limits.h"
#include "store/checksum.h"
#include "stream/asset_rules.h"
#include "stream/config_errors.h"
#include "stream/sync_check.h"
#include "subject/match.h"
#include "subject/transform.h"
#include "subject/validity.h"

#include <algorithm>
#include <set>
#include <vector>

namespace frond::stream {

namespace {

constexpr std::string_view everything = ">";

std::string_view or_everything(std::string_view subject) {
  return subject.empty() ? everything : subject;
}

/// Eight characters, as nats-server's hash of the prefix has; it is never compared with one of its.
std::string hash_of(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv";
  std::string out;
  for (std::uint32_t sum = store::crc32c(text); out.size() < 8; sum = store::crc32c(out) ^ sum) {
    out += digits[sum % digits.size()];
  }
  return out;
}

ApiError check_transforms(const StreamSource& source) {
  for (const SubjectTransform& transform : source.subject_transforms) {
    if (!transform.source.empty() && !subject::valid(transform.source)) {
      return api_error(10145, {"invalid subject " + transform.source});
    }
    subject::Transform read;
    if (const std::string why = read.read(transform.source, transform.destination); !why.empty()) {
      return api_error(10146, {why});
    }
  }
  for (const SubjectTransform& outer : source.subject_transforms) {
    for (const SubjectTransform& inner : source.subject_transforms) {
      if (&inner != &outer &&
          subject::is_subset(or_everything(outer.source), or_everything(inner.source))) {
        return api_error(10147);
      }
    }
  }
  return {};
}

ApiError check_source(const StreamConfig& config, const StreamSource& source,
                      const ConfigLookup& find) {
  if (!source.filter_subject.empty() && !source.subject_transforms.empty()) {
    return api_error(10144);
  }
  if (ApiError error = check_transforms(source)) {
    return error;
  }
  if (ApiError error = check_origin(source)) {
    return error;
  }
  const bool external = !source.external_api.empty() || !source.external_deliver.empty();
  const StreamConfig* origin = external ? nullptr : find(source.name);
  if (origin != nullptr && config.max_msg_size > 0 && origin->max_msg_size > 0 &&
      config.max_msg_size < origin->max_msg_size) {
    return api_error(10046);
  }
  return {};
}

bool captures(const StreamConfig& config, std::string_view filter) {
  return filter.empty() || std::ranges::any_of(config.subjects, [filter](const std::string& own) {
           return subject::overlap(own, filter);
         });
}

/// Whether what the stream stores would come back into it, over whatever streams of this node.
bool in_cycle(const StreamConfig& config, const ConfigLookup& find) {
  std::vector<const StreamConfig*> visit = {&config};
  std::set<std::string_view> visited;
  while (!visit.empty()) {
    const StreamConfig& at = *visit.back();
    visit.pop_back();
    if (!visited.insert(at.name).second) {
      continue;
    }
    const auto leads_back = [&](const StreamSource& origin, bool takes) {
      if (!origin.external_api.empty()) {
        return false;
      }
      if (visited.contains(origin.name)) {
        return takes;
      }
      if (const StreamConfig* next = find(origin.name)) {
        visit.push_back(next);
      }
      return false;
    };
    for (const StreamSource& source : at.sources) {
      if (leads_back(source, captures(at, source.filter_subject))) {
        return true;
      }
    }
    if (at.mirror && leads_back(*at.mirror, true)) {
      return true;
    }
  }
  return false;
}

}  // namespace

SourceName source_name(const StreamSource& source) {
  SourceName name{source.name, std::string(or_everything(source.filter_subject)),
                  std::string(everything)};
  if (!source.external_api.empty()) {
    name.origin += ":" + hash_of(source.external_api);
  }
  if (!source.subject_transforms.empty()) {
    name.filters.clear();
    name.destinations.clear();
    for (const SubjectTransform& transform : source.subject_transforms) {
      const std::string_view between = name.filters.empty() ? "" : "\f";
      name.filters.append(between).append(or_everything(transform.source));
      name.destinations.append(between).append(or_everything(transform.destination));
    }
  }
  return name;
}

ApiError check_sources(const StreamConfig& config, const ConfigLookup& find) {
  if (config.sources.size() > base::stream_sources_max) {
    return invalid("too many sources");
  }
  if (!config.sources.empty() && config.metadata.contains(std::string(forward_metadata))) {
    return invalid("a stream with sources can not be forwarded");
  }
  std::set<SourceName> names;
  for (const StreamSource& source : config.sources) {
    if (!valid_asset_name(source.name)) {
      return api_error(10141);
    }
    if (!names.insert(source_name(source)).second) {
      return api_error(10140);
    }
    if (ApiError error = check_source(config, source, find)) {
      return error;
    }
  }
  return !config.sources.empty() && in_cycle(config, find) ? invalid("detected cycle") : ApiError{};
}

}  // namespace frond::stream
