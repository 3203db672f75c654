#include "sync/syncs.h"

#include "stream/sync_check.h"
#include "subject/trie.h"
#include "sync/forward/forward.h"
#include "sync/mirror/mirror.h"

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
  sync.forward = metadata(config, stream::forward_metadata);
  sync.window = metadata(config, stream::forward_window_metadata).value_or("");
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
    std::string held_back;  ///< Why it has neither of them.
  };

  explicit Impl(SyncContext shared) : context(std::move(shared)) {}

  SyncContext context;
  std::map<std::string, Entry, std::less<>> entries;
  bool is_up = false;

  /// The subjects of all streams that are forwarded: asked for every message on the link, so kept
  /// ready, and made anew after streams changed.
  struct Forwarded {};
  subject::Trie<Forwarded> forwarded;
  bool forwarded_is_old = false;

  const subject::Trie<Forwarded>& forwarded_subjects() {
    if (std::exchange(forwarded_is_old, false)) {
      forwarded.clear();
      for (const auto& [name, entry] : entries) {
        if (!entry.forward) {
          continue;
        }
        for (const std::string& own : entry.stream->config().subjects) {
          forwarded.at(own);
        }
      }
    }
    return forwarded;
  }

  void add(stream::Stream& stream, std::string_view directory, ForwardStart start, Instant now) {
    const SyncConfig config = sync_config(stream.config());
    if (!config.mirror && !config.forward) {
      return;
    }
    forwarded_is_old = true;
    Entry& entry = entries[stream.config().name];
    entry.stream = &stream;
    entry.config = config;
    if (const stream::ApiError error = stream::check_sync(stream.config())) {
      // Kept by a build that did not check: the stream is served, its sync is not begun.
      entry.held_back = error.description;
    } else if (config.mirror) {
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
    impl_->forwarded_is_old = true;
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
  impl_->forwarded_is_old = true;
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
  const Impl::Entry& entry = at->second;
  if (!entry.held_back.empty()) {
    SyncStatus held;
    held.way = entry.config.mirror ? "mirror" : "forward";
    held.last_error = entry.held_back;
    return held;
  }
  return entry.mirror ? entry.mirror->status() : entry.forward->status();
}

bool Syncs::forwards(std::string_view subject) const {
  return !impl_->forwarded_subjects().match_literal(subject,
                                                    [](const Impl::Forwarded&) { return false; });
}

bool Syncs::captures(std::string_view subject) const {
  return impl_->forwarded_subjects().find(subject) != nullptr;
}

}  // namespace frond::sync
