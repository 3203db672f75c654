// The streams' configs on disk: recovery at start, and what becomes of streams when a commit is
// lost.

#include "base/limits.h"
#include "base/sort.h"
#include "store/file_name.h"
#include "stream/config_check.h"
#include "stream/error_table.h"
#include "stream/streams_impl.h"
#include "stream/sync_check.h"

#include <algorithm>
#include <set>
#include <utility>

namespace frond::stream {
namespace {

std::string_view folder_of(std::string_view directory) {
  return directory.substr(streams_directory.size());
}

}  // namespace

/// A meta.json as it was read.
struct Streams::Impl::Found {
  std::string directory;
  std::unique_ptr<store::StateFile> file;
  store::StateFile::Copy copy;
  std::optional<StreamMeta> meta;
  std::string reason;  ///< Why there is no meta.
};

/// Where damaged files lie that may be those of a stream of this name, none is made over them.
ApiError Streams::Impl::check_folder(std::string_view name) const {
  const std::string usual = store::choose_file_name(name, [](const auto&) { return false; });
  return unreadable.contains(usual)
             ? api_error(10049, {"files of a damaged stream of this name are kept"})
             : ApiError{};
}

/// The directory of a stream that is about to be made. A stream made again while its predecessor's
/// deletion is on its way has the same one: the deletion is durable first.
std::string Streams::Impl::new_directory(std::string_view name) const {
  if (const auto found = removing.find(name); found != removing.end()) {
    return found->second.directory;
  }
  const auto taken = [this](const std::string& folded) {
    const auto same = [&folded](std::string_view folder) {
      return store::folded(folder) == folded;
    };
    return std::ranges::any_of(unreadable, same) ||
           std::ranges::any_of(
               removing, [&](const auto& one) { return same(folder_of(one.second.directory)); }) ||
           std::ranges::any_of(streams, [&](const auto& one) {
             return one.second.stream && same(folder_of(one.second.stream->directory()));
           });
  };
  return std::string(streams_directory) + store::choose_file_name(name, taken);
}

void Streams::Impl::write_meta(Entry& entry) {
  // Memory streams have a file for their config too: they come back empty after a restart.
  entry.meta = print_meta(entry.stream->meta());
  entry.file->save_twice(entry.meta);
  entry.meta_ticket = journal.open_ticket();
  meta_changed.push_back(entry.stream->config().name);
}

void Streams::Impl::remove_files(const std::string& name, const std::string& directory) {
  // meta.json first: what is left without it, should a commit be applied in part, is swept away at
  // the next start.
  journal.remove_all(files, directory + std::string(meta_file_name));
  journal.remove_all(files, directory + "/");
  removing[name] = {directory, journal.open_ticket()};
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
    if (store::StateFile::owner_of(file.path).substr(slash) == meta_file_name) {
      with_meta.insert(file.path.substr(0, slash));
    }
  }
  std::vector<Impl::Found> found;
  for (const std::string& directory : directories) {
    if (with_meta.contains(directory)) {
      found.push_back(impl_->read_meta(directory));
    } else {
      impl_->journal.remove_all(impl_->files, directory + "/");
    }
  }
  // Of two that name one stream the one in the folder of that name is it; the other was copied.
  const auto at_home = [](const Impl::Found& one) {
    return one.meta && folder_of(one.directory) == store::encoded_name(one.meta->config.name);
  };
  base::sort(found,
             [&](const Impl::Found& a, const Impl::Found& b) { return at_home(a) && !at_home(b); });
  for (Impl::Found& one : found) {
    impl_->install(std::move(one), damaged, now);
  }
  return damaged;
}

Streams::Impl::Found Streams::Impl::read_meta(const std::string& directory) {
  Found found{
      .directory = directory, .file = meta_file(directory), .copy = {}, .meta = {}, .reason = {}};
  found.copy = found.file->load();
  if (found.copy.generation == 0) {
    found.reason = store::complaint(found.copy.condition);
  } else {
    found.meta = parse_meta(found.copy.text, found.reason);
  }
  return found;
}

/// Makes the stream that the meta.json says, with what its blocks hold.
void Streams::Impl::install(Found found, std::vector<Quarantined>& damaged, Instant now) {
  if (found.meta) {
    if (const ApiError error = check_recovered(found.meta->config)) {
      found.reason = error.description;
      found.meta.reset();
    }
  }
  if (found.meta && streams.contains(found.meta->config.name)) {
    found.reason = "names a stream that another folder holds";
    found.meta.reset();
  }
  if (!found.meta) {
    damaged.push_back({found.file->path(), found.reason});
    unreadable.emplace(folder_of(found.directory));
    return;
  }
  if (found.copy.condition == store::StateFile::Condition::stale) {
    damaged.push_back({found.file->path(), std::string(complaint(found.copy.condition))});
  }
  if (const ApiError error = check_sync(found.meta->config)) {
    damaged.push_back({found.file->path(), "sync is held back: " + error.description});
  }
  std::optional<store::StorePlace> place = place_of(*found.meta, found.directory);
  Entry& entry = streams[found.meta->config.name];
  entry.stream = std::make_unique<LogStream>(*std::move(found.meta), found.directory,
                                             std::move(place), *this, clock);
  list_subjects(*entry.stream);
  entry.file = std::move(found.file);
  entry.saved_meta = entry.meta = std::move(found.copy.text);
  if (found.copy.condition == store::StateFile::Condition::stale) {
    write_meta(entry);  // Two whole copies again, before something happens to this one.
  }
  for (store::BlockFault& fault : entry.stream->load(now)) {
    damaged.push_back({std::move(fault.path), std::move(fault.reason)});
  }
}

/// The commit with this stream's config is lost: it is again what the file says. False when the
/// stream was never durable.
bool Streams::Impl::undo_meta(Entry& entry, Instant now) {
  if (entry.saved_meta.empty()) {
    return false;
  }
  std::string reason;
  std::optional<StreamMeta> meta = parse_meta(entry.file->load().text, reason);
  if (!meta) {
    meta = parse_meta(entry.saved_meta, reason);
  }
  entry.meta_ticket = Ticket{0};
  if (!meta) {
    return true;  // It goes on as it is; a restart will report the file.
  }
  entry.meta = entry.saved_meta = print_meta(*meta);
  const StreamConfig before = entry.stream->config();
  unlist_subjects(*entry.stream);
  entry.stream->reconfigure(std::move(meta->config), now);
  list_subjects(*entry.stream);
  if (listener != nullptr) {
    listener->on_updated(*entry.stream, before);
  }
  return true;
}

/// The commits that should have removed these streams are lost. A stream whose config is still
/// there is there; its client was told that the deletion failed.
void Streams::Impl::bring_back(const Removals& lost, Instant now) {
  for (const auto& [name, removal] : lost) {
    std::vector<Quarantined> reported_at_start;
    Found found = read_meta(removal.directory);
    if (found.meta && found.meta->config.name == name && !streams.contains(name)) {
      install(std::move(found), reported_at_start, now);
      const auto back = streams.find(name);
      if (listener != nullptr && back != streams.end()) {
        listener->on_created(*back->second.stream);
      }
    } else if (!files.list(removal.directory + "/").empty()) {
      removing.try_emplace(name, Removal{removal.directory, Ticket{0}});
    }
  }
}

void Streams::blame(std::string_view path, Instant now) {
  for (auto& [name, entry] : impl_->streams) {
    if (path.starts_with(entry.stream->directory() + "/blocks/")) {
      entry.stream->fence(now);
    }
  }
}

void Streams::reload_unsaved(Instant now) {
  const Impl::Removals lost = std::exchange(impl_->removing, {});
  impl_->committing.clear();
  impl_->meta_changed.clear();
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
    if (found->second.meta_ticket != Ticket{0} && !impl_->undo_meta(found->second, now)) {
      if (impl_->listener != nullptr) {
        impl_->listener->on_deleted(*found->second.stream);
      }
      const std::string directory = found->second.stream->directory();
      impl_->forget(found);
      // A host that could not take back all of the commit: only what is there is removed, a path
      // that cannot be written is not touched again.
      if (!lost.contains(name) && !impl_->files.list(directory + "/").empty()) {
        impl_->remove_files(name, directory);
      }
      continue;
    }
    if (unsaved) {
      LogStream& stream = *found->second.stream;
      stream.load(now);
      stream.tell_reloaded();
    }
  }
  impl_->bring_back(lost, now);
}

}  // namespace frond::stream
