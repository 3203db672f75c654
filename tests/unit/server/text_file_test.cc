#include "server/disk/text_file.h"

#include <unistd.h>
#include <catch2/catch.hpp>

#include <filesystem>
#include <string>

using namespace frond::server;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / ("frond-text-file-" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  std::string file(const char* name) const { return (path / name).string(); }
};

}  // namespace

TEST_CASE("a file of text is read and written whole") {
  const Folder folder;
  const std::string path = folder.file("a");
  const std::string long_text(200'000, 'x');
  CHECK(write_text_file(path, long_text).empty());
  CHECK(read_text_file(path).text == long_text);
  CHECK(write_text_file(path, "short").empty());
  CHECK(read_text_file(path).text == "short");
  CHECK(read_text_file(path).error.empty());
}

TEST_CASE("a file that cannot be read is an error and not an empty file") {
  const Folder folder;
  CHECK(read_text_file(folder.file("none")).error ==
        "open " + folder.file("none") + ": no such file or directory");
  CHECK(read_text_file(folder.path.string()).error ==
        "read " + folder.path.string() + ": is a directory");
  // Nobody's memory is at the address that this file begins with.
  CHECK(read_text_file("/proc/self/mem").error == "read /proc/self/mem: input/output error");
}

TEST_CASE("text that finds no room is an error") {
  const Folder folder;
  CHECK(write_text_file(folder.path.string(), "x") ==
        "open " + folder.path.string() + ": is a directory");
  CHECK(write_text_file("/dev/full", "x") == "write /dev/full: no space left on device");
}
