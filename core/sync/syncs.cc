#include "sync/syncs.h"

#include "stream/sync_check.h"
#include "sync/forward/forward.h"
#include "sync/mirror/mirror.h"
#include "sync/source/sources.h"
#include "sync/two_way/two_way.h"

#include <algorithm>
#include <utility>

namespace frond::sync {

namespace {

/// The ways there are. A stream goes the first one that its config asks for.
constexpr const WayKind* way_kinds[] = {&mirror_way, &source_way, &forward_way, &two_way_way};

}  // namespace

Syncs::Syncs(SyncContext context) : context_(std::move(context)) {}
Syncs::~Syncs() = default;

void Syncs::add(stream::Stream& stream, std::string_view directory, WayStart start, Instant now) {
  for (const WayKind* kind : way_kinds) {
    std::optional<std::string> settings = kind->settings(stream.config());
    if (!settings) {
      continue;
    }
    crossings_are_old_ = true;
    Synced& synced = synced_[stream.config().name];
    synced.stream = &stream;
    synced.kind = kind;
    synced.settings = *std::move(settings);
    if (const stream::ApiError error = stream::check_sync(stream.config())) {
      // Kept by a build that did not check: the stream is served, its sync is not begun.
      synced.held_back = error.description;
      return;
    }
    synced.way = kind->make(context_, stream, std::string(directory), start);
    synced.way->begin(now);
    if (is_up_) {
      synced.way->up(now);
    }
    return;
  }
}

void Syncs::stream_created(stream::Stream& stream, std::string_view directory, Instant now) {
  add(stream, directory, WayStart::opened, now);
}

void Syncs::stream_updated(stream::Stream& stream, std::string_view directory, Instant now) {
  const auto at = synced_.find(stream.config().name);
  if (at != synced_.end()) {
    crossings_are_old_ = true;
    if (at->second.kind->settings(stream.config()) == at->second.settings) {
      return;
    }
    if (at->second.way && is_up_) {
      at->second.way->down(now);  // Saves how far it is: it may be switched on again.
    }
    synced_.erase(at);
  }
  add(stream, directory, WayStart::enabled, now);
}

void Syncs::stream_deleted(stream::Stream& stream) {
  const auto at = synced_.find(stream.config().name);
  if (at == synced_.end()) {
    return;
  }
  crossings_are_old_ = true;
  if (at->second.way) {
    at->second.way->forget();
  }
  synced_.erase(at);
}

void Syncs::up(Instant now) {
  if (std::exchange(is_up_, true)) {
    return;
  }
  for (auto& [name, synced] : synced_) {
    if (synced.way) {
      synced.way->up(now);
    }
  }
}

void Syncs::down(Instant now) {
  if (!std::exchange(is_up_, false)) {
    return;
  }
  for (auto& [name, synced] : synced_) {
    if (synced.way) {
      synced.way->down(now);
    }
  }
}

void Syncs::tick(Instant now) {
  for (auto& [name, synced] : synced_) {
    if (synced.way) {
      synced.way->tick(now);
    }
  }
}

Instant Syncs::next_deadline() const {
  Instant next = kNever;
  for (const auto& [name, synced] : synced_) {
    if (synced.way) {
      next = std::min(next, synced.way->next_deadline());
    }
  }
  return next;
}

std::optional<SyncStatus> Syncs::status(std::string_view stream) const {
  const auto at = synced_.find(stream);
  if (at == synced_.end()) {
    return std::nullopt;
  }
  SyncStatus status;
  if (at->second.way) {
    status = at->second.way->status();
  } else {
    status.last_error = at->second.held_back;
  }
  status.way = at->second.kind->name;
  return status;
}

const Way* Syncs::way_of(std::string_view stream) const {
  const auto at = synced_.find(stream);
  return at == synced_.end() ? nullptr : at->second.way.get();
}

MessageState Syncs::message(std::string_view stream, StreamSeq sequence) const {
  const Way* way = way_of(stream);
  return way == nullptr ? MessageState{} : way->message(sequence);
}

std::vector<stream::Stream::OriginStatus> Syncs::origins(std::string_view stream) const {
  const Way* way = way_of(stream);
  return way == nullptr ? std::vector<stream::Stream::OriginStatus>{} : way->origins();
}

const Crossings& Syncs::crossings() const {
  if (std::exchange(crossings_are_old_, false)) {
    crossings_.clear();
    for (const auto& [name, synced] : synced_) {
      if (synced.way && synced.kind->crossing == Crossing::by_sync) {
        crossings_.carry(synced.stream->config().subjects);
      }
    }
  }
  return crossings_;
}

}  // namespace frond::sync
