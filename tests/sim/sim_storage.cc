#include "sim/sim_storage.h"

#include <algorithm>
#include <utility>

namespace frond::sim {

namespace {
const std::string& path_of(const FileOperation& operation) {
  return std::visit([](const auto& o) -> const std::string& { return o.path; }, operation);
}
/// What the usual file systems allow between two slashes.
constexpr std::size_t kNameBytesMax = 255;

bool name_too_long(std::string_view path) {
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end > kNameBytesMax) return true;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return false;
}
bool is_consumer_state(std::string_view path) {
  return path.find("/consumers/") != std::string_view::npos &&
         path.find(".state") != std::string_view::npos;
}
}  // namespace

std::vector<FileInfo> SimStorage::list(std::string_view prefix) const {
  std::vector<FileInfo> found;
  for (auto it = visible_.lower_bound(prefix); it != visible_.end(); ++it) {
    if (!it->first.starts_with(prefix)) break;
    found.push_back({it->first, it->second.size()});
  }
  return found;
}

std::optional<std::string> SimStorage::read(std::string_view path, std::uint64_t offset,
                                            std::uint64_t length) const {
  const auto it = visible_.find(path);
  if (it == visible_.end()) return std::nullopt;
  if (offset >= it->second.size()) return std::string();
  return it->second.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
}

std::string SimStorage::check(const FileOperation& operation, const Files& files) const {
  const std::string& path = path_of(operation);
  if (path.empty() || path.front() == '/' || path.find("..") != std::string::npos) {
    return "bad path " + path;
  }
  if (const auto* append = std::get_if<AppendFile>(&operation)) {
    if (!appends_) return "append on a host that stores whole files: " + path;
    const auto it = files.find(path);
    const std::uint64_t size = it == files.end() ? 0 : it->second.size();
    if (append->offset > size) return "append beyond the end of " + path;
  }
  return {};
}

void SimStorage::apply(Files& files, const FileOperation& operation) {
  if (const auto* write = std::get_if<WriteFile>(&operation)) {
    files[write->path] = write->contents;
  } else if (const auto* append = std::get_if<AppendFile>(&operation)) {
    std::string& file = files[append->path];
    file.resize(static_cast<std::size_t>(std::min<std::uint64_t>(append->offset, file.size())));
    file += append->contents;
  } else {
    files.erase(path_of(operation));
  }
}

std::string SimStorage::begin(CommitStorage commit) {
  if (under_way_) return "a second commit while one is under way";
  // Checked against what the commit itself makes: a file may be created and appended to in one.
  const Files& there = forgets_ ? visible_ : durable_;
  Files touched;
  for (const FileOperation& operation : commit.operations) {
    const std::string& path = path_of(operation);
    if (!touched.contains(path)) {
      if (const auto it = there.find(path); it != there.end()) touched[path] = it->second;
    }
    if (std::string wrong = check(operation, touched); !wrong.empty()) return wrong;
    apply(touched, operation);
  }
  if (random_.chance(50)) {
    for (const FileOperation& operation : commit.operations) apply(visible_, operation);
  }
  under_way_ = std::move(commit);
  return {};
}

void SimStorage::revert(const FileOperation& operation) {
  const std::string& path = path_of(operation);
  if (const auto it = durable_.find(path); it != durable_.end()) {
    visible_[path] = it->second;
  } else {
    visible_.erase(path);
  }
}

void SimStorage::finish() {
  // What a write cache holds is lost from some commit on, never one in the middle.
  forgets_ = forgets_ || (lie_ == Lie::ack_early && random_.chance(5));
  for (const FileOperation& operation : under_way_->operations) {
    const std::string& path = path_of(operation);
    if (forgets_) {
      apply(visible_, operation);
      continue;
    }
    if (lie_ == Lie::undelete && std::holds_alternative<RemoveFile>(operation) &&
        durable_.contains(path)) {
      deleted_.emplace(path, durable_[path]);
    }
    apply(durable_, operation);
    revert(operation);
    if (lie_ == Lie::stale_consumer && is_consumer_state(path) && durable_.contains(path)) {
      older_states_.emplace(path, durable_[path]);
    }
  }
  under_way_.reset();
}

void SimStorage::fail() {
  if (lie_ == Lie::failure_eats) {
    for (const FileOperation& operation : under_way_->operations) {
      const auto* append = std::get_if<AppendFile>(&operation);
      if (append == nullptr || append->offset == 0) continue;
      durable_[append->path].resize(static_cast<std::size_t>(append->offset / 2));
    }
  }
  if (random_.chance(keep_of_failed_percent_) && !refused()) {
    const CommitStorage commit = *under_way_;
    if (appends_) {
      keep_prefix();
    } else {
      for (const FileOperation& operation : commit.operations) apply(durable_, operation);
    }
    under_way_ = commit;
  }
  for (const FileOperation& operation : under_way_->operations) revert(operation);
  under_way_.reset();
}

bool SimStorage::refused() const {
  return std::ranges::any_of(under_way_->operations, [this](const FileOperation& operation) {
    const std::string& path = path_of(operation);
    return name_too_long(path) || std::ranges::any_of(refused_, [&](const std::string& prefix) {
             return path.starts_with(prefix);
           });
  });
}

void SimStorage::restore(Files image) {
  durable_ = std::move(image);
  visible_ = durable_;
}

void SimStorage::flip(const std::string& path, std::size_t at, unsigned bit) {
  std::string& contents = durable_[path];
  contents[at] = static_cast<char>(static_cast<unsigned char>(contents[at]) ^ (1u << bit));
  visible_ = durable_;
  damaged_.insert(path);
}

bool SimStorage::names_damage(std::string_view text) const {
  return std::ranges::any_of(damaged_, [text](const std::string& path) {
    return text.find(path) != std::string_view::npos;
  });
}

/// What a process that dies in the middle of the commit, or a commit that fails there, leaves.
void SimStorage::keep_prefix() {
  std::vector<FileOperation>& operations = under_way_->operations;
  const auto kept = static_cast<std::size_t>(random_.below(operations.size() + 1));
  for (std::size_t i = 0; i < kept; ++i) apply(durable_, operations[i]);
  if (kept == operations.size()) return;
  if (auto* append = std::get_if<AppendFile>(&operations[kept])) {
    append->contents.resize(static_cast<std::size_t>(random_.below(append->contents.size() + 1)));
    apply(durable_, *append);
  }
}

void SimStorage::lie_at_crash() {
  if (lie_ == Lie::drop_file) {
    std::vector<std::string> blocks;
    for (const auto& [path, contents] : durable_) {
      if (path.ends_with(".blk")) blocks.push_back(path);
    }
    if (!blocks.empty()) durable_.erase(random_.pick(blocks));
  }
  if (lie_ == Lie::undelete) {
    for (const auto& [path, contents] : deleted_) durable_[path] = contents;
    deleted_.clear();
  }
  if (lie_ == Lie::stale_consumer) {
    for (const auto& [path, contents] : older_states_) {
      if (durable_.contains(path)) durable_[path] = contents;
    }
  }
}

void SimStorage::crash() {
  forgets_ = false;
  if (under_way_) {
    if (appends_) {
      keep_prefix();
    } else if (random_.chance(50)) {
      for (const FileOperation& operation : under_way_->operations) apply(durable_, operation);
    }
    under_way_.reset();
  }
  lie_at_crash();
  visible_ = durable_;
}

}  // namespace frond::sim
