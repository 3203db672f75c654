#include "store/journal.h"

#include "base/assert.h"

#include <algorithm>
#include <utility>

namespace frond::store {
namespace {

Ticket next(Ticket ticket) { return Ticket{static_cast<std::uint64_t>(ticket) + 1}; }

const std::string& path_of(const FileOperation& operation) {
  return std::visit([](const auto& op) -> const std::string& { return op.path; }, operation);
}

std::uint64_t bytes_of(const FileOperation& operation) {
  if (const auto* write = std::get_if<WriteFile>(&operation)) return write->contents.size();
  if (const auto* append = std::get_if<AppendFile>(&operation)) return append->contents.size();
  return 0;
}

}  // namespace

FileOperation* Journal::last_of(std::string_view path) {
  const auto found = last_by_path_.find(std::string(path));
  return found == last_by_path_.end() ? nullptr : &operations_[found->second];
}

void Journal::write(std::string path, std::string contents) {
  recorded_bytes_ += contents.size();
  if (FileOperation* last = last_of(path)) {
    if (auto* write = std::get_if<WriteFile>(last)) {
      recorded_bytes_ -= write->contents.size();
      write->contents = std::move(contents);
      return;
    }
  }
  last_by_path_[path] = operations_.size();
  operations_.emplace_back(WriteFile{std::move(path), std::move(contents)});
}

void Journal::append(std::string_view path, std::uint64_t offset, std::string_view bytes) {
  recorded_bytes_ += bytes.size();
  if (FileOperation* last = last_of(path)) {
    if (auto* append = std::get_if<AppendFile>(last);
        append != nullptr && append->offset + append->contents.size() == offset) {
      append->contents.append(bytes);
      return;
    }
    if (auto* write = std::get_if<WriteFile>(last);
        write != nullptr && write->contents.size() == offset) {
      write->contents.append(bytes);
      return;
    }
  }
  last_by_path_[std::string(path)] = operations_.size();
  operations_.emplace_back(AppendFile{std::string(path), offset, std::string(bytes)});
}

void Journal::remove(std::string path) {
  if (const FileOperation* last = last_of(path);
      last != nullptr && std::holds_alternative<RemoveFile>(*last)) {
    return;
  }
  last_by_path_[path] = operations_.size();
  operations_.emplace_back(RemoveFile{std::move(path)});
}

void Journal::remove_all(const StorageReader& files, std::string_view prefix) {
  std::vector<FileOperation> kept;
  kept.reserve(operations_.size());
  for (FileOperation& operation : operations_) {
    // A removal stays: the file it names may exist without being listed any more.
    const bool drop =
        path_of(operation).starts_with(prefix) && !std::holds_alternative<RemoveFile>(operation);
    if (drop) {
      recorded_bytes_ -= bytes_of(operation);
    } else {
      kept.push_back(std::move(operation));
    }
  }
  operations_ = std::move(kept);
  last_by_path_.clear();
  for (std::size_t i = 0; i < operations_.size(); ++i) last_by_path_[path_of(operations_[i])] = i;

  std::unordered_set<std::string> seen;
  for (FileInfo& file : files.list(prefix)) {
    if (seen.insert(file.path).second) remove(std::move(file.path));
  }
  for (const std::string& path : in_flight_paths_) {
    if (path.starts_with(prefix) && seen.insert(path).second) remove(path);
  }
}

void Journal::announce(JournalClient& client, std::uint64_t bytes) {
  if (!std::exchange(client.announced_, true)) announced_.push_back(&client);
  announced_bytes_ += bytes;
}

void Journal::withdraw(JournalClient& client) {
  if (std::exchange(client.announced_, false)) std::erase(announced_, &client);
}

std::optional<CommitStorage> Journal::seal() {
  if (in_flight_ || !newer_.empty()) return std::nullopt;
  // Cleared first: a client may announce again what it could not put into this commit.
  for (JournalClient* client : std::exchange(announced_, {})) {
    client->announced_ = false;
    client->before_seal();
  }
  if (operations_.empty()) {
    announced_bytes_ = 0;  // Of a stream that is gone again.
    return std::nullopt;
  }
  CommitStorage commit{open_, std::exchange(operations_, {})};
  last_by_path_.clear();
  for (const FileOperation& operation : commit.operations) {
    if (!std::holds_alternative<RemoveFile>(operation)) in_flight_paths_.insert(path_of(operation));
  }
  open_ = next(open_);
  in_flight_ = true;
  // What was announced has become these operations.
  in_flight_bytes_ =
      std::max(std::exchange(recorded_bytes_, 0), std::exchange(announced_bytes_, 0));
  return commit;
}

void Journal::completed(Ticket ticket) {
  FROND_ASSERT(in_flight_ && next(ticket) == open_);
  durable_ = ticket;
  in_flight_ = false;
  in_flight_bytes_ = 0;
  in_flight_paths_.clear();
}

std::string Journal::blamed(std::string_view error) const {
  std::string_view longest;
  for (const std::string& path : in_flight_paths_) {
    if (path.size() > longest.size() && error.find(path) != std::string_view::npos) longest = path;
  }
  return std::string(longest);
}

Ticket Journal::failed(Ticket ticket) {
  FROND_ASSERT(in_flight_ && next(ticket) == open_);
  operations_.clear();
  last_by_path_.clear();
  in_flight_paths_.clear();
  for (JournalClient* client : announced_) client->announced_ = false;
  announced_.clear();
  announced_bytes_ = recorded_bytes_ = in_flight_bytes_ = 0;
  in_flight_ = false;
  ++failures_;
  // What was recorded after the seal carries open_; it is lost too, so its ticket is used up.
  return std::exchange(open_, next(open_));
}

}  // namespace frond::store
