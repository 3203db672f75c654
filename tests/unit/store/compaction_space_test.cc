// Space comes back block by block: at no step of any commit does the log take more than it did
// before and one block on top of it.
#include "base/limits.h"
#include "rig.h"

#include <map>

using namespace frond;
using test::StoreRig;

namespace {

using Sizes = std::map<std::string, std::uint64_t>;

Sizes sizes_of(const StoreRig& rig) {
  Sizes sizes;
  for (const auto& [path, contents] : rig.files.files) sizes[path] = contents.size();
  return sizes;
}

std::uint64_t sum(const Sizes& sizes) {
  std::uint64_t bytes = 0;
  for (const auto& [path, size] : sizes) bytes += size;
  return bytes;
}

/// The most that is taken while the operations are carried out one by one.
std::uint64_t peak(Sizes sizes, const std::vector<FileOperation>& operations) {
  std::uint64_t most = sum(sizes);
  for (const FileOperation& operation : operations) {
    if (const auto* write = std::get_if<WriteFile>(&operation)) {
      sizes[write->path] = write->contents.size();
    } else if (const auto* append = std::get_if<AppendFile>(&operation)) {
      sizes[append->path] = append->offset + append->contents.size();
    } else {
      sizes.erase(std::get<RemoveFile>(operation).path);
    }
    most = std::max(most, sum(sizes));
  }
  return most;
}

}  // namespace

TEST_CASE("compaction takes the room of one block more, never twice the space") {
  StoreRig rig(GENERATE(true, false));
  const std::string payload(20'000, 'p');
  constexpr std::uint64_t messages = 1'200;
  for (std::uint64_t i = 1; i <= messages; ++i) {
    rig.put(i, "s." + std::to_string(i % 50), payload);
    if (i % 10 == 0) rig.commit();
  }
  for (std::uint64_t i = 1; i <= messages; ++i) {
    if (i % 4 != 0) rig.store->remove(i);
  }
  rig.commit();
  const std::uint64_t full = rig.store->file_bytes();
  int slices = 0;
  for (; rig.store->maintenance_due() && slices < 1'000; ++slices) {
    const Sizes before = sizes_of(rig);
    rig.store->request_maintenance();
    const std::uint64_t most = peak(before, rig.commit());
    REQUIRE(most <= sum(before) + base::block_bytes_max + 64 * 1024);
  }
  CHECK(slices > 1);
  // What is dead and still there is the newest block's, and less than half of any other.
  CHECK(rig.store->file_bytes() < full / 2 + base::block_bytes_max);
  rig.reopen();
  CHECK(rig.live().size() == messages / 4);
}
