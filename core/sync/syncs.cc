#include "sync/syncs.h"

#include "subject/match.h"
#include "sync/forward.h"
#include "sync/mirror.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace frond::sync {

namespace {

/// The part of a config that decides how a stream is synced.
struct SyncConfig {
  std::optional<std::string> forward;
  std::string window;
  std::optional<std::string> mirror;

  bool operator==(const SyncConfig&) const = default;
};

std::optional<std::string> metadata(const stream::StreamConfig& config, std::string_view key) {
  const auto at = config.metadata.find(std::string(key));
  return at == config.metadata.end() ? std::nullopt : std::optional(at->second);
}

SyncConfig sync_config(const stream::StreamConfig& config) {
  SyncConfig sync;
  sync.forward = metadata(config, forward_metadata);
  sync.window = metadata(config, forward_window_metadata).value_or("");
  if (config.mirror) {
    sync.mirror = config.mirror->external_api + " " + config.mirror->name + " " +
                  config.mirror->filter_subject;
  }
  return sync;
}

}  // namespace

struct Syncs::Impl {
  struct Entry {
    stream::Stream* stream = nullptr;
    SyncConfig config;
    std::unique_ptr<Mirror> mirror;
    std::unique_ptr<Forward> forward;
  };

  explicit Impl(SyncContext shared) : context(std::move(shared)) {}

  SyncContext context;
  std::map<std::string, Entry, std::less<>> entries;
  bool is_up = false;

  void add(stream::Stream& stream, std::string_view directory, ForwardStart start, Instant now) {
    const SyncConfig config = sync_config(stream.config());
    if (!config.mirror && !config.forward) {
      return;
    }
    Entry& entry = entries[stream.config().name];
    entry.stream = &stream;
    entry.config = config;
    if (config.mirror) {
      entry.mirror = std::make_unique<Mirror>(context, stream, std::string(directory));
      if (is_up || entry.mirror->local()) {
        entry.mirror->up(now);
      }
    } else {
      entry.forward = std::make_unique<Forward>(context, stream, std::string(directory), start);
      if (is_up) {
        entry.forward->up(now);
      }
    }
  }
};

Syncs::Syncs(SyncContext context) : impl_(std::make_unique<Impl>(std::move(context))) {}
Syncs::~Syncs() = default;

void Syncs::stream_created(stream::Stream& stream, std::string_view directory, Instant now) {
  impl_->add(stream, directory, ForwardStart::opened, now);
}

void Syncs::stream_updated(stream::Stream& stream, std::string_view directory, Instant now) {
  const auto at = impl_->entries.find(stream.config().name);
  if (at != impl_->entries.end()) {
    if (at->second.config == sync_config(stream.config())) {
      return;
    }
    if (at->second.forward) {
      at->second.forward->down(now);  // Saves how far it is: it may be switched on again.
    }
    impl_->entries.erase(at);
  }
  impl_->add(stream, directory, ForwardStart::enabled, now);
}

void Syncs::stream_deleted(stream::Stream& stream) {
  const auto at = impl_->entries.find(stream.config().name);
  if (at == impl_->entries.end()) {
    return;
  }
  if (at->second.mirror) {
    at->second.mirror->forget();
  }
  if (at->second.forward) {
    at->second.forward->forget();
  }
  impl_->entries.erase(at);
}

void Syncs::up(Instant now) {
  if (impl_->is_up) {
    return;
  }
  impl_->is_up = true;
  for (auto& [name, entry] : impl_->entries) {
    if (entry.mirror && !entry.mirror->local()) {
      entry.mirror->up(now);
    }
    if (entry.forward) {
      entry.forward->up(now);
    }
  }
}

void Syncs::down(Instant now) {
  if (!impl_->is_up) {
    return;
  }
  impl_->is_up = false;
  for (auto& [name, entry] : impl_->entries) {
    if (entry.mirror && !entry.mirror->local()) {
      entry.mirror->down(now);
    }
    if (entry.forward) {
      entry.forward->down(now);
    }
  }
}

void Syncs::tick(Instant now) {
  for (auto& [name, entry] : impl_->entries) {
    if (entry.mirror) {
      entry.mirror->tick(now);
    }
    if (entry.forward) {
      entry.forward->tick(now);
    }
  }
}

Instant Syncs::next_deadline() const {
  Instant next = kNever;
  for (const auto& [name, entry] : impl_->entries) {
    if (entry.mirror) {
      next = std::min(next, entry.mirror->next_deadline());
    }
    if (entry.forward) {
      next = std::min(next, entry.forward->next_deadline());
    }
  }
  return next;
}

std::optional<SyncStatus> Syncs::status(std::string_view stream) const {
  const auto at = impl_->entries.find(stream);
  if (at == impl_->entries.end()) {
    return std::nullopt;
  }
  return at->second.mirror ? at->second.mirror->status() : at->second.forward->status();
}

bool Syncs::forwards(std::string_view subject) const {
  return std::ranges::any_of(impl_->entries, [subject](const auto& entry) {
    return entry.second.forward && std::ranges::any_of(entry.second.stream->config().subjects,
                                                       [subject](const std::string& own) {
                                                         return subject::matches(own, subject);
                                                       });
  });
}

bool Syncs::captures(std::string_view subject) const {
  return std::ranges::any_of(impl_->entries, [subject](const auto& entry) {
    return entry.second.forward &&
           std::ranges::find(entry.second.stream->config().subjects, subject) !=
               entry.second.stream->config().subjects.end();
  });
}

}  // namespace frond::sync
