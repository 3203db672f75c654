#include "store/block_cache.h"

#include "support/fake_storage.h"

#include <catch2/catch.hpp>

using namespace frond;
using store::BlockCache;

namespace {

constexpr std::uint64_t page = 64 * 1024;

/// Counts what is read from the files.
struct Counting final : StorageReader {
  std::vector<FileInfo> list(std::string_view prefix) const override { return files.list(prefix); }
  std::optional<std::string> read(std::string_view path, std::uint64_t offset,
                                  std::uint64_t length) const override {
    ++reads;
    return files.read(path, offset, length);
  }
  bool appends() const override { return true; }
  bool persistent() const override { return true; }
  test::FakeStorage files{true};
  mutable int reads = 0;
};

std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + i / 251);
  return bytes;
}

std::string bytes_of(const BlockCache::Slice& slice, std::size_t length) {
  return slice.page ? slice.page->substr(slice.offset, length) : "(none)";
}

}  // namespace

TEST_CASE("block cache: any stretch of a file, over the edges of pages too") {
  Counting files;
  const std::string file = files.files.files["f"] = pattern(3 * page + 100);
  BlockCache cache(files, 16 * page);
  const std::uint64_t owner = cache.new_owner();
  for (const std::uint64_t offset :
       {std::uint64_t{0}, page - 1, page, page + 1, 2 * page - 10, 3 * page}) {
    for (const std::uint64_t length : {std::uint64_t{1}, std::uint64_t{10}, std::uint64_t{100}}) {
      const auto slice = cache.read(owner, "f", offset, length, file.size());
      CHECK(bytes_of(slice, length) == file.substr(offset, length));
    }
  }
  const int reads = files.reads;
  CHECK(bytes_of(cache.read(owner, "f", 5, 5, file.size()), 5) == file.substr(5, 5));
  CHECK(files.reads == reads);
  CHECK(bytes_of(cache.read(owner, "f", 10, 2 * page, file.size()), 2 * page) ==
        file.substr(10, 2 * page));
}

TEST_CASE("block cache: nothing behind the settled end is read or kept") {
  Counting files;
  files.files.files["f"] = pattern(1000);
  BlockCache cache(files, 16 * page);
  const std::uint64_t owner = cache.new_owner();
  CHECK(cache.read(owner, "f", 90, 10, 100).page);
  CHECK(cache.bytes() == 100);
  CHECK_FALSE(cache.read(owner, "f", 91, 10, 100).page);
  // The file has grown and its end was written anew: the kept page ends where it was settled.
  files.files.files["f"].replace(100, 10, "0123456789");
  CHECK(bytes_of(cache.read(owner, "f", 100, 10, 110), 10) == "0123456789");
  CHECK(cache.bytes() == 110);
  // Shorter than what was asked for.
  CHECK_FALSE(cache.read(owner, "f", 990, 20, 5000).page);
  CHECK_FALSE(cache.read(cache.new_owner(), "none", 0, 1, 10).page);
}

TEST_CASE("block cache: bounded, the page that was not used for longest goes first") {
  Counting files;
  files.files.files["f"] = pattern(5 * page);
  BlockCache cache(files, 2 * page);
  const std::uint64_t owner = cache.new_owner();
  const auto touch = [&](std::uint64_t number) {
    const int before = files.reads;
    CHECK(cache.read(owner, "f", number * page, 1, 5 * page).page);
    return files.reads != before;
  };
  CHECK(touch(0));
  CHECK(touch(1));
  CHECK(cache.bytes() == 2 * page);
  CHECK_FALSE(touch(0));
  CHECK(touch(2));
  CHECK(cache.bytes() == 2 * page);
  CHECK_FALSE(touch(0));
  CHECK(touch(1));
}

TEST_CASE("block cache: owners are apart, and a reader keeps its page when it is forgotten") {
  Counting files;
  files.files.files["f"] = pattern(2 * page);
  files.files.files["g"] = std::string(2 * page, 'g');
  BlockCache cache(files, 16 * page);
  const std::uint64_t f = cache.new_owner();
  const std::uint64_t g = cache.new_owner();
  REQUIRE(f != g);
  const auto kept = cache.read(f, "f", page, 4, 2 * page);
  CHECK(bytes_of(cache.read(g, "g", page, 4, 2 * page), 4) == "gggg");
  cache.forget(f, 2 * page);
  CHECK(cache.bytes() == page);
  CHECK(bytes_of(kept, 4) == pattern(2 * page).substr(page, 4));
  CHECK(bytes_of(cache.read(g, "g", page, 4, 2 * page), 4) == "gggg");
}
