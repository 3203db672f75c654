#include "contract/storage_contract.h"

#include "sim/sim_storage.h"

#include <utility>

using namespace frond;
using namespace frond::sim;

namespace {

/// The simulated disk, driven to the end of each commit at once.
class SimBackend {
 public:
  const StorageReader& files() const { return storage_; }
  std::string commit(std::vector<FileOperation> operations) {
    std::string wrong = begin(std::move(operations));
    if (wrong.empty()) {
      storage_.finish();
    }
    return wrong;
  }
  std::string begin(std::vector<FileOperation> operations) {
    return storage_.begin({Ticket{++ticket_}, std::move(operations)});
  }
  void fail() { storage_.fail(); }

 private:
  Random random_{7};
  SimStorage storage_{random_, true, Lie{}};
  std::uint64_t ticket_ = 0;
};

}  // namespace

TEST_CASE("simulated disk: the contract of every storage") {
  SimBackend whole;
  contract::check_whole_files(whole);
  SimBackend removal;
  contract::check_removal(removal);
  SimBackend appends;
  contract::check_appends(appends);
}

TEST_CASE("simulated disk: a failed commit leaves the files as they were") {
  SimBackend backend;
  contract::check_failure(backend, [&](std::vector<FileOperation> operations) {
    REQUIRE(backend.begin(std::move(operations)).empty());
    backend.fail();
  });
}
