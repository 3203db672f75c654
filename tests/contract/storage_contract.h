#pragma once
// What every storage must do for the engine: reads see what commits wrote, whole and in order, and
// nothing of a commit that failed. Each backend brings `files()` (its StorageReader) and
// `commit(operations)`, which answers when stored() would be reported, with the error or "".

#include <frond/host.h>
#include <frond/output.h>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace frond::contract {

inline std::vector<std::string> paths(const StorageReader& files, std::string_view prefix) {
  std::vector<std::string> found;
  for (const FileInfo& file : files.list(prefix)) {
    found.push_back(file.path + ":" + std::to_string(file.size_bytes));
  }
  return found;
}

inline std::string contents(const StorageReader& files, std::string_view path) {
  return files.read(path, 0, 1u << 20).value_or("(unreadable)");
}

template <class Backend>
void check_whole_files(Backend& backend) {
  const StorageReader& files = backend.files();
  CHECK(files.list("").empty());
  CHECK_FALSE(files.read("none", 0, 1).has_value());
  REQUIRE(backend
              .commit({WriteFile{"streams/A/meta.json", "{}"},
                       WriteFile{"streams/A/blocks/1.blk", std::string("a\0b", 3)},
                       WriteFile{"streams/AB/meta.json", ""}})
              .empty());
  CHECK(paths(files, "") == std::vector<std::string>{"streams/A/blocks/1.blk:3",
                                                     "streams/A/meta.json:2",
                                                     "streams/AB/meta.json:0"});
  CHECK(paths(files, "streams/A/").size() == 2);
  CHECK(paths(files, "streams/A").size() == 3);
  CHECK(paths(files, "streams/A/bl").size() == 1);
  CHECK(paths(files, "nothing/").empty());
  CHECK(contents(files, "streams/A/blocks/1.blk") == std::string("a\0b", 3));

  // A whole write replaces, also with something shorter, and later operations of a commit win.
  REQUIRE(backend
              .commit({WriteFile{"streams/A/meta.json", "a long one"},
                       WriteFile{"streams/A/meta.json", "new"}})
              .empty());
  CHECK(contents(files, "streams/A/meta.json") == "new");
  CHECK(files.read("streams/A/meta.json", 1, 1) == "e");
  CHECK(files.read("streams/A/meta.json", 2, 10) == "w");
  CHECK(files.read("streams/A/meta.json", 9, 10) == "");
}

template <class Backend>
void check_removal(Backend& backend) {
  const StorageReader& files = backend.files();
  REQUIRE(backend.commit({WriteFile{"s/x/1", "one"}, WriteFile{"s/x/2", "two"}}).empty());
  CHECK(contents(files, "s/x/1") == "one");
  // A merged file replaces what it was made of in one commit.
  REQUIRE(backend
              .commit({WriteFile{"s/x/3", "onetwo"}, RemoveFile{"s/x/1"}, RemoveFile{"s/x/2"},
                       RemoveFile{"s/never/was"}})
              .empty());
  CHECK(paths(files, "s/") == std::vector<std::string>{"s/x/3:6"});
  CHECK_FALSE(files.read("s/x/1", 0, 1).has_value());
  REQUIRE(backend.commit({RemoveFile{"s/x/3"}}).empty());
  CHECK(files.list("").empty());
  // The name can be used again, below folders that went with it.
  REQUIRE(backend.commit({WriteFile{"s/x/3", "again"}}).empty());
  CHECK(contents(files, "s/x/3") == "again");
}

template <class Backend>
void check_appends(Backend& backend) {
  const StorageReader& files = backend.files();
  REQUIRE(files.appends());
  REQUIRE(backend.commit({AppendFile{"b/1", 0, "abc"}, AppendFile{"b/1", 3, "def"}}).empty());
  CHECK(contents(files, "b/1") == "abcdef");
  REQUIRE(backend.commit({AppendFile{"b/1", 6, "ghi"}}).empty());
  CHECK(contents(files, "b/1") == "abcdefghi");
  // An append before the end cuts the rest off: recovery writes over a torn tail so.
  REQUIRE(backend.commit({AppendFile{"b/1", 4, "X"}}).empty());
  CHECK(contents(files, "b/1") == "abcdX");
  // A whole write and appends to the same path follow each other.
  REQUIRE(backend.commit({WriteFile{"b/1", "new"}, AppendFile{"b/1", 3, "er"}}).empty());
  CHECK(contents(files, "b/1") == "newer");
  REQUIRE(backend.commit({RemoveFile{"b/1"}, AppendFile{"b/1", 0, "born"}}).empty());
  CHECK(contents(files, "b/1") == "born");
}

/// `fail` runs the operations as a commit that fails at its end.
template <class Backend, class Fail>
void check_failure(Backend& backend, const Fail& fail) {
  const StorageReader& files = backend.files();
  REQUIRE(backend
              .commit({WriteFile{"s/a", "old a"}, WriteFile{"s/b", "old b"},
                       AppendFile{"s/log", 0, "12345"}})
              .empty());
  CHECK(contents(files, "s/log") == "12345");
  const auto before = paths(files, "");
  fail(std::vector<FileOperation>{WriteFile{"s/a", "new a"}, AppendFile{"s/log", 5, "678"},
                                  AppendFile{"s/log", 2, "cut"}, AppendFile{"s/fresh", 0, "x"},
                                  WriteFile{"t/other", "y"}, RemoveFile{"s/b"}});
  CHECK(paths(files, "") == before);
  CHECK(contents(files, "s/a") == "old a");
  CHECK(contents(files, "s/b") == "old b");
  CHECK(contents(files, "s/log") == "12345");
  // The next commit starts from there.
  REQUIRE(backend.commit({AppendFile{"s/log", 5, "6"}, WriteFile{"t/other", "z"}}).empty());
  CHECK(contents(files, "s/log") == "123456");
  CHECK(contents(files, "t/other") == "z");
}

}  // namespace frond::contract
