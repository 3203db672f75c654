#include "sync/source/sources.h"

#include "wire/headers.h"
#include "wire/json_reader.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace frond::sync {

namespace {

using wire::Json;

std::optional<std::string> settings_of(const stream::StreamConfig& config) {
  if (config.sources.empty()) {
    return std::nullopt;
  }
  std::string all;
  for (const stream::StreamSource& source : config.sources) {
    const stream::SourceName name = stream::source_name(source);
    all += name.origin + " " + name.filters + " " + name.destinations + " " + source.external_api +
           " " + source.external_deliver + "\n";
  }
  return all;
}

std::unique_ptr<Way> make_sources(SyncContext& context, stream::Stream& stream,
                                  const std::string& directory, WayStart) {
  return std::make_unique<Sources>(context, stream, directory);
}

std::string_view take_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(text.size(), word.size() + 1));
  return word;
}

}  // namespace

constexpr WayKind source_way{"source", Crossing::by_interest, settings_of, make_sources};

Sources::Sources(SyncContext& context, stream::Stream& stream, const std::string& directory)
    : context_(context),
      stream_(stream),
      file_(context.journal, context.files, directory + "/sources.state", {}),
      positions_(read_positions()),
      durable_(positions_) {
  for (const stream::StreamSource& origin : stream.config().sources) {
    sources_.push_back(
        std::make_unique<Source>(context, stream, origin, positions_[stream::source_name(origin)]));
  }
  stream_.add_listener(this);
}

Sources::~Sources() { stream_.remove_listener(this); }

// --- The link --------------------------------------------------------------------------------

void Sources::start(bool local, Instant now) {
  for (const auto& source : sources_) {
    if (source->local() == local) {
      source->begin(now);
    }
  }
}

void Sources::begin(Instant now) { start(true, now); }
void Sources::up(Instant now) { start(false, now); }

void Sources::down(Instant) {
  for (const auto& source : sources_) {
    if (!source->local()) {
      source->stop();
    }
  }
}

void Sources::tick(Instant now) {
  const bool reread = std::exchange(reread_, false);
  if (reread) {
    positions_ = durable_;
  }
  for (const auto& source : sources_) {
    if (reread) {
      source->set_position(positions_[source->name()]);
      if (source->running()) {
        source->start(now);
      }
    }
    source->tick(now);
  }
  save();
}

Instant Sources::next_deadline() const {
  Instant next = reread_ ? Instant{} : kNever;
  for (const auto& source : sources_) {
    next = std::min(next, source->next_deadline());
  }
  return next;
}

// --- What it tells ---------------------------------------------------------------------------

SyncStatus Sources::status() const {
  SyncStatus status;
  for (const auto& source : sources_) {
    const stream::Stream::OriginStatus& origin = source->status();
    status.lag += origin.lag;
    if (status.hub_stream.empty()) {
      status.hub_stream = origin.name;
      status.hub_sequence = source->position().sequence;
    }
    if (status.last_error.empty() && origin.error) {
      status.last_error = origin.name + ": " + origin.error.description;
    }
    status.last_contact = std::max(status.last_contact, origin.last_active);
  }
  return status;
}

std::vector<stream::Stream::OriginStatus> Sources::origins() const {
  std::vector<stream::Stream::OriginStatus> all;
  for (const auto& source : sources_) {
    all.push_back(source->status());
  }
  return all;
}

// --- Positions -------------------------------------------------------------------------------

/// With the same commit as the messages: called at the end of the input in which they came.
void Sources::save() {
  bool changed = false;
  for (const auto& source : sources_) {
    SourcePosition& known = positions_[source->name()];
    changed = changed || known != source->position();
    known = source->position();
  }
  if (!changed) {
    return;
  }
  Json list = Json::array();
  for (const auto& [name, position] : positions_) {
    if (!position.sequence.none()) {
      list.push_back({name.origin, name.filters, name.destinations, position.sequence.value,
                      position.time ? position.time->time_since_epoch().count() : 0});
    }
  }
  Json json = Json::object();
  json["stream_identity"] = stream_.identity();
  json["last"] = stream_.state().last.value;
  json["sources"] = std::move(list);
  file_.save(wire::print_json(json));
  context_.gate.hold(context_.journal.open_ticket(),
                     [this, saved = positions_, watch = std::weak_ptr<bool>(alive_)](bool durable) {
                       if (durable && !watch.expired()) {
                         durable_ = saved;
                       }
                     });
}

Sources::Positions Sources::read_positions() {
  Positions positions;
  const store::StateFile::Copy copy = file_.load();
  Json json;
  StreamSeq last;
  if (wire::parse_json(copy.text, json).empty() && json.is_object() &&
      json.value("stream_identity", Json()) == stream_.identity()) {
    std::string error;
    wire::ObjectReader reader(json, "Sources", error);
    reader.read("last", last.value);
    const Json* list = reader.array("sources", "[]Source");
    for (const Json& one : list != nullptr ? *list : Json::array()) {
      if (!one.is_array() || one.size() != 5 || !one[0].is_string() || !one[1].is_string() ||
          !one[2].is_string() || !one[3].is_number_unsigned() || !one[4].is_number_integer()) {
        continue;
      }
      const auto time = one[4].get<std::int64_t>();
      positions[{one[0].get<std::string>(), one[1].get<std::string>(), one[2].get<std::string>()}] =
          {{one[3].get<std::uint64_t>()},
           time == 0 ? std::nullopt : std::optional(WallTime(Duration(time)))};
    }
  }
  if (last > stream_.durable_last()) {
    // The stream has lost its end since: what it lacks is to be taken again.
    positions.clear();
    last = {};
  }
  scan(last.next(), positions);
  return positions;
}

void Sources::scan(StreamSeq from, Positions& positions) {
  while (true) {
    const stream::Lookup message = stream_.next_for({}, from);
    if (!message && !message.unreadable) {
      return;
    }
    from = (message ? message->sequence : *message.unreadable).next();
    if (!message) {
      continue;  // Those behind it count all the same.
    }
    std::string_view words =
        wire::header_value(message->header, "Nats-Stream-Source").value_or(std::string_view());
    if (words.empty()) {
      continue;
    }
    stream::SourceName name;
    name.origin = take_word(words);
    const std::string_view digits = take_word(words);
    name.filters = take_word(words);
    name.destinations = take_word(words);
    StreamSeq sequence;
    std::from_chars(digits.data(), digits.data() + digits.size(), sequence.value);
    if (!sequence.none()) {
      positions[name] = {sequence, std::nullopt};
    }
  }
}

}  // namespace frond::sync
