#pragma once
// The node's files as the host has them: the directory, what the engine reads of it, and the thread
// that carries commits out, whose results come back to the loop. Without JetStream there is none of
// it, and a commit is answered all the same. engine_host has one, on the loop's thread.

#include "server/conf/settings.h"
#include "server/disk/commit_writer.h"
#include "server/disk/directory_reader.h"
#include "server/disk/store_directory.h"
#include "server/host/log.h"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace frond::server {

class NodeStore {
 public:
  /// A commit is durable or has failed; called on the loop.
  using Done = std::function<void(Ticket ticket, const std::string& error)>;

  NodeStore(boost::asio::io_context& loop, const Log& log, Done done)
      : loop_(loop), log_(log), done_(std::move(done)) {}

  /// Opens the directory the settings name. Throws StoreError.
  void open(const Settings& settings);
  /// Ends the writer's thread, which must not outlive the loop it posts to.
  void close() { writer_.reset(); }

  const StorageReader& reader() const;
  /// Throws StoreError when something was there and could not be read, or when the engine refuses
  /// to serve it: to be called when the engine has recovered, which would go on without it and
  /// clear away the rest.
  void check_recovered(const std::string& refusal) const;
  void commit(CommitStorage commit);
  /// Why the directory is not this server's any more; empty as long as it is.
  const std::string& lost() const { return lost_; }
  bool idle() const { return commits_in_flight_ == 0; }

 private:
  void committed(const CommitStorage& commit, const std::string& error);

  boost::asio::io_context& loop_;
  const Log& log_;
  Done done_;
  std::unique_ptr<StoreDirectory> directory_;
  std::unique_ptr<DirectoryReader> reader_;
  NoFiles no_files_;
  std::string lost_;
  std::uint64_t commits_in_flight_ = 0;
  std::unique_ptr<CommitWriter> writer_;
};

}  // namespace frond::server
