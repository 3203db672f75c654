// The streams' configs on disk: recovery at start, and what becomes of streams when a commit is
// lost.

#include "base/assert.h"
#include "base/limits.h"
#include "stream/streams_impl.h"

#include <set>
#include <utility>

namespace frond::stream {

void Streams::Impl::write_meta(Entry& entry) {
  // Memory streams have a file for their config too: they come back empty after a restart.
  entry.meta = print_meta(entry.stream->meta());
  journal.write(meta_path(entry.stream->config().name), entry.meta);
  entry.meta_ticket = journal.open_ticket();
}

void Streams::Impl::remove_files(const std::string& name) {
  // meta.json first: what is left without it, should a commit be applied in part, is swept away at
  // the next start.
  journal.remove(meta_path(name));
  journal.remove_all(files, stream_directory(name) + "/");
  removing[name] = journal.open_ticket();
}

std::vector<Quarantined> Streams::recover(Instant now) {
  std::vector<Quarantined> damaged;
  std::set<std::string, std::less<>> directories;
  std::set<std::string, std::less<>> with_meta;
  for (const FileInfo& file : impl_->files.list(streams_directory)) {
    const std::size_t slash = file.path.find('/', streams_directory.size());
    if (slash == std::string::npos) {
      continue;
    }
    directories.insert(file.path.substr(0, slash));
    if (std::string_view(file.path).substr(slash) == "/meta.json") {
      with_meta.insert(file.path.substr(0, slash));
      impl_->load(file.path, damaged, now);
    }
  }
  for (const std::string& directory : directories) {
    if (!with_meta.contains(directory)) {
      impl_->journal.remove_all(impl_->files, directory + "/");
    }
  }
  return damaged;
}

void Streams::Impl::load(const std::string& path, std::vector<Quarantined>& damaged, Instant now) {
  std::string reason = "cannot be read";
  const std::optional<std::string> text = files.read(path, 0, ~std::uint64_t{0});
  std::optional<StreamMeta> meta;
  if (text) {
    meta = parse_meta(*text, reason);
  }
  if (meta && meta_path(meta->config.name) != path) {
    reason = "names another stream";
    meta.reset();
  }
  if (!meta) {
    damaged.push_back({path, reason});
    unreadable.insert(path);
    return;
  }
  const std::string name = meta->config.name;
  std::optional<store::StorePlace> place = place_of(meta->config);
  Entry& entry = streams[name];
  entry.stream = std::make_unique<LogStream>(*std::move(meta), std::move(place), *this, clock);
  entry.saved_meta = entry.meta = *text;
  for (store::BlockFault& fault : entry.stream->load(now)) {
    damaged.push_back({std::move(fault.path), std::move(fault.reason)});
  }
}

/// The commit with this stream's config is lost.
void Streams::Impl::undo_meta(const std::string& name, Entry& entry, Instant now) {
  if (entry.saved_meta.empty()) {
    if (listener != nullptr) {
      listener->on_deleted(*entry.stream);
    }
    streams.erase(name);
    return;
  }
  std::string reason;
  std::optional<StreamMeta> meta = parse_meta(entry.saved_meta, reason);
  FROND_ASSERT(meta.has_value());
  entry.meta = entry.saved_meta;
  entry.meta_ticket = Ticket{0};
  const StreamConfig before = entry.stream->config();
  entry.stream->reconfigure(std::move(meta->config), now);
  if (listener != nullptr) {
    listener->on_updated(*entry.stream, before);
  }
}

void Streams::reload_unsaved(Instant now) {
  if (!impl_->removing.empty()) {
    impl_->retry_at = now + base::storage_retry_delay;
  }
  std::vector<std::string> names;
  for (const auto& [name, entry] : impl_->streams) {
    names.push_back(name);
  }
  for (const std::string& name : names) {
    const auto found = impl_->streams.find(name);
    if (found == impl_->streams.end()) {
      continue;
    }
    const bool unsaved = found->second.stream->store().unsaved();
    if (found->second.meta_ticket != Ticket{0}) {
      impl_->undo_meta(name, found->second, now);
      if (!impl_->streams.contains(name)) {
        continue;
      }
    }
    if (unsaved) {
      LogStream& stream = *found->second.stream;
      stream.load(now);
      stream.tell_reloaded();
    }
  }
}

}  // namespace frond::stream
