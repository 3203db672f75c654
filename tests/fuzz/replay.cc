#include "fuzz/replay.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string_view>
#include <vector>

namespace frond::fuzz {
namespace {

constexpr std::size_t input_bytes_max = 16 * 1024;
constexpr unsigned input_seconds_max = 10;

/// What the child is doing, seen by the parent after its end.
struct Progress {
  std::size_t done = 0;
  std::size_t size = 0;
  std::array<char, input_bytes_max> bytes{};
};

std::vector<std::string> read_seeds(const std::string& what) {
  namespace fs = std::filesystem;
  std::vector<fs::path> paths;
  const fs::path folder = fs::path(FROND_FUZZ_SEEDS) / what;
  if (fs::exists(folder)) {
    for (const auto& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> seeds;
  for (const fs::path& path : paths) {
    std::ifstream in(path, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    seeds.back().resize(std::min(seeds.back().size(), input_bytes_max));
  }
  return seeds;
}

/// Makes inputs out of seeds, the same ones for the same generator seed everywhere.
class Mutator {
 public:
  Mutator(const std::vector<std::string>& seeds, std::uint64_t seed)
      : seeds_(seeds), random_(seed) {}

  std::string next() {
    std::string input = seeds_.empty() ? std::string() : seeds_[below(seeds_.size())];
    for (std::size_t left = 1 + below(8); left > 0; --left) change(input);
    input.resize(std::min(input.size(), input_bytes_max));
    return input;
  }

 private:
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }
  char any_byte() { return static_cast<char>(below(256)); }
  std::string piece_of(const std::string& text) {
    return text.empty() ? text : text.substr(below(text.size()), 1 + below(32));
  }

  void change(std::string& input) {
    const std::size_t at = below(input.size() + 1);
    switch (below(8)) {
      case 0:
        if (at < input.size()) input[at] = any_byte();
        break;
      case 1:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ 1 << below(8));
        break;
      case 2:
        input.erase(at, 1 + below(16));
        break;
      case 3:
        input.insert(at, piece_of(input));
        break;
      case 4:
        for (std::size_t left = 1 + below(24); left > 0; --left) input.insert(at, 1, any_byte());
        break;
      case 5:  // Numbers at the edges, and what ends or opens things in most formats here.
        input.insert(at, edges[below(edges.size())]);
        break;
      case 6:
        if (!seeds_.empty()) input.insert(at, piece_of(seeds_[below(seeds_.size())]));
        break;
      default:
        if (!seeds_.empty()) {
          const std::string& other = seeds_[below(seeds_.size())];
          input.replace(at, std::string::npos, other.substr(below(other.size() + 1)));
        }
        break;
    }
  }

  static constexpr std::array<std::string_view, 18> edges{"-1",
                                                          "0",
                                                          "9223372036854775807",
                                                          "9223372036854775808",
                                                          "18446744073709551615",
                                                          "1e99",
                                                          "\r\n",
                                                          std::string_view("", 1),
                                                          "\xff\xff\xff\xff",
                                                          "\x80",
                                                          "{",
                                                          "}",
                                                          "[",
                                                          "\"",
                                                          "null",
                                                          ">",
                                                          "*",
                                                          "."};
  const std::vector<std::string>& seeds_;
  std::mt19937_64 random_;
};

/// Runs one input with a copy that ends where it ends, so that a look behind it is seen.
void run(Target target, const std::string& input, Progress& progress) {
  progress.size = input.size();
  std::memcpy(progress.bytes.data(), input.data(), input.size());
  const std::vector<std::uint8_t> own(input.begin(), input.end());
  alarm(input_seconds_max);
  target(own.data(), own.size());
  ++progress.done;
}

[[noreturn]] void child(Target target, const std::vector<std::string>& seeds, Mutator& mutator,
                        std::size_t generated, Progress& progress) {
  // The test program's own handlers would report the death as theirs.
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGILL, SIGTERM}) std::signal(signal, SIG_DFL);
  run(target, {}, progress);
  for (const std::string& seed : seeds) run(target, seed, progress);
  for (; generated > 0; --generated) run(target, mutator.next(), progress);
  _exit(0);
}

std::string describe(const std::string& name, int status, std::uint64_t seed,
                     const Progress& progress) {
  namespace fs = std::filesystem;
  const fs::path folder(FROND_FUZZ_FAILED);
  fs::create_directories(folder);
  const fs::path file = folder / (name + "-" + std::to_string(seed));
  std::ofstream(file, std::ios::binary)
      .write(progress.bytes.data(), static_cast<std::streamsize>(progress.size));
  const std::string how = WIFSIGNALED(status) ? std::string("signal ") + strsignal(WTERMSIG(status))
                                              : "exit code " + std::to_string(WEXITSTATUS(status));
  return name + ": " + how + " at input " + std::to_string(progress.done) + " of generator seed " +
         std::to_string(seed) + ", written to " + file.string() +
         "; as a file of tests/fuzz/seeds/" + name.substr(5) + " it runs first";
}

}  // namespace

ReplayResult replay(const std::string& name, Target target, std::uint64_t generator_seed,
                    std::size_t generated) {
  void* const shared =
      mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return {0, "no shared memory"};
  auto* const progress = new (shared) Progress;
  const std::vector<std::string> seeds = read_seeds(name.substr(5));
  Mutator mutator(seeds, generator_seed);
  std::fflush(nullptr);
  const pid_t process = fork();
  if (process == 0) child(target, seeds, mutator, generated, *progress);
  int status = 0;
  ReplayResult result;
  if (process < 0 || waitpid(process, &status, 0) != process) {
    result.failure = "no child process";
  } else if (status != 0) {
    result.failure = describe(name, status, generator_seed, *progress);
  }
  result.inputs = progress->done;
  munmap(shared, sizeof(Progress));
  return result;
}

}  // namespace frond::fuzz
