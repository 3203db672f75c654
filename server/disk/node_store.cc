#include "server/disk/node_store.h"

#include <boost/asio/post.hpp>

#include <filesystem>
#include <utility>
#include <variant>

namespace frond::server {
namespace asio = boost::asio;

void NodeStore::open(const Settings& settings) {
  std::string root = settings.store_dir;
  if (root.empty()) {
    root = (std::filesystem::temp_directory_path() / "frond-server").string();
  }
  while (root.size() > 1 && root.back() == '/') {
    root.pop_back();
  }
  // A folder of its own: the same store_dir may have served a nats-server.
  root += "/frond";
  directory_ = std::make_unique<StoreDirectory>(root);
  reader_ = std::make_unique<DirectoryReader>(directory_->inside());
  const auto done = [this](CommitStorage commit, std::string error) {
    asio::post(loop_, [this, commit = std::move(commit), error = std::move(error)] {
      committed(commit, error);
    });
  };
  const auto force_failed = [this](std::string error) {
    asio::post(loop_, [this, error = std::move(error)] { log_.error(error); });
  };
  writer_ = std::make_unique<CommitWriter>(*directory_, settings.sync, done, force_failed);
  log_.info("Starting JetStream");
  log_.info("  Store Directory: \"" + root + "\"" +
            (settings.sync.always() ? "" : ", forced to the disk by interval only"));
}

const StorageReader& NodeStore::reader() const {
  return reader_ ? static_cast<const StorageReader&>(*reader_) : no_files_;
}

void NodeStore::check_recovered(const std::string& refusal) const {
  const std::string& cause = reader_ && !reader_->failure().empty() ? reader_->failure() : refusal;
  if (!cause.empty()) {
    throw StoreError("the store cannot be read: " + cause);
  }
}

void NodeStore::commit(CommitStorage commit) {
  ++commits_in_flight_;
  if (!writer_) {
    asio::post(loop_, [this, commit = std::move(commit)] {
      committed(commit, commit.operations.empty() ? "" : "this server has no store directory");
    });
    return;
  }
  writer_->submit(std::move(commit));
}

void NodeStore::committed(const CommitStorage& commit, const std::string& error) {
  --commits_in_flight_;
  if (reader_) {
    for (const FileOperation& operation : commit.operations) {
      if (!std::holds_alternative<AppendFile>(operation) || !error.empty()) {
        reader_->forget(std::visit([](const auto& one) { return one.path; }, operation));
      }
    }
  }
  if (!error.empty()) {
    log_.error("Commit failed: " + error);
    if (writer_ && writer_->lost()) {
      lost_ = error;
    }
  }
  done_(commit.ticket, error);
}

}  // namespace frond::server
