// frond_sim: runs seeds of the simulated world and says which failed. See README.md.

#include "sim/world.h"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using frond::sim::kLies;
using frond::sim::Lie;
using frond::sim::LieName;
using frond::sim::Outcome;
using frond::sim::World;

struct Options {
  std::uint64_t first = 1, last = 200;
  bool trace = false;
  bool self_test = false;
  unsigned jobs = 1;
  unsigned twice_every = 10;  ///< Every n-th seed is run twice and the traces compared (check f).
  std::string regressions;
  LieName lie{Lie::none, "none", ' '};
  bool desks = false;  ///< Working copies too (two-way sync, a preview).
  std::string meets;   ///< The one misfortune of every run; empty: as the seeds choose.
};

/// Runs a seed, twice when asked; the violation or nothing.
std::optional<frond::sim::Violation> check(std::uint64_t seed, const Options& options, bool twice) {
  const bool desks = options.desks || options.lie.check == 't';
  const Outcome one = World(seed, options.lie.lie, options.trace, options.meets, desks).run();
  if (one.violation || !twice) return one.violation;
  const Outcome two = World(seed, options.lie.lie, false, options.meets, desks).run();
  if (one.trace_hash != two.trace_hash) {
    return frond::sim::Violation{'f', "two runs of the seed differ"};
  }
  return std::nullopt;
}

std::vector<std::uint64_t> kept_seeds(const std::string& path) {
  std::vector<std::uint64_t> seeds;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::uint64_t seed = 0;
    if (words >> seed) seeds.push_back(seed);
  }
  return seeds;
}

bool run_seed(const Options& options, std::uint64_t seed, bool is_kept) {
  // Said before it runs: a seed that crashes the process must be known as well.
  if (std::getenv("FROND_SIM_VERBOSE") != nullptr) {
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  }
  const auto violation = check(seed, options, seed % options.twice_every == 0 || is_kept);
  if (!violation) return true;
  std::printf("seed %llu FAILED check %c: %s\n  replay: frond_sim --seed %llu --trace\n",
              static_cast<unsigned long long>(seed), violation->check, violation->what.c_str(),
              static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  return false;
}

/// Each job runs its share of the seeds in a process of its own; returns how many jobs failed. A
/// job that dies (a trap, a sanitizer's report) has failed.
unsigned run_jobs(const Options& options, const std::vector<std::uint64_t>& kept) {
  std::vector<pid_t> children;
  for (unsigned job = 0; job < options.jobs; ++job) {
    std::fflush(stdout);
    const pid_t child = fork();
    if (child != 0) {
      children.push_back(child);
      continue;
    }
    std::uint64_t current = 0;
    bool good = true;
    for (std::size_t i = job; i < kept.size(); i += options.jobs) {
      good = run_seed(options, kept[i], true) && good;
    }
    for (current = options.first + job; current <= options.last; current += options.jobs) {
      good = run_seed(options, current, false) && good;
    }
    std::fflush(stdout);
    _exit(good ? 0 : 1);
  }
  unsigned failed = 0;
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) ++failed;
    if (WIFSIGNALED(status)) {
      std::printf("a job died by signal %d; FROND_SIM_VERBOSE=1 --jobs 1 says at which seed\n",
                  WTERMSIG(status));
    }
  }
  return failed;
}

/// Every lie must be caught by its check within some seeds, or the check is no check.
int self_test(Options options) {
  int missed = 0;
  for (const LieName& lie : kLies) {
    options.lie = lie;
    std::optional<std::uint64_t> caught;
    for (std::uint64_t seed = options.first; seed <= options.last && !caught; ++seed) {
      const auto violation = check(seed, options, lie.lie == Lie::chance);
      if (violation && violation->check == lie.check) caught = seed;
    }
    const std::string name(lie.name);
    if (caught) {
      std::printf("%-16s caught by check %c, seed %llu\n", name.c_str(), lie.check,
                  static_cast<unsigned long long>(*caught));
    } else {
      std::printf("%-16s NOT caught by check %c\n", name.c_str(), lie.check);
      ++missed;
    }
  }
  return missed;
}

std::optional<Options> read_options(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string_view name = arguments[i];
    const bool has_value = i + 1 < count;
    if (name == "--trace") {
      options.trace = true;
    } else if (name == "--self-test") {
      options.self_test = true;
    } else if (name == "--desks") {
      options.desks = true;
    } else if (name == "--seed" && has_value) {
      options.first = options.last = std::strtoull(arguments[++i], nullptr, 10);
      options.twice_every = 1;
    } else if (name == "--seeds" && has_value) {
      char* rest = nullptr;
      options.first = std::strtoull(arguments[++i], &rest, 10);
      if (std::string_view(rest).substr(0, 2) != "..") return std::nullopt;
      options.last = std::strtoull(rest + 2, nullptr, 10);
    } else if (name == "--jobs" && has_value) {
      options.jobs = static_cast<unsigned>(std::strtoul(arguments[++i], nullptr, 10));
    } else if (name == "--regressions" && has_value) {
      options.regressions = arguments[++i];
    } else if (name == "--meet" && has_value) {
      options.meets = arguments[++i];
      if (!frond::sim::is_misfortune(options.meets)) return std::nullopt;
    } else if (name.starts_with("--break=")) {
      const auto lie = frond::sim::lie_named(name.substr(8));
      if (!lie) return std::nullopt;
      options.lie = *lie;
    } else {
      return std::nullopt;
    }
  }
  if (options.jobs == 0 || options.last < options.first) return std::nullopt;
  return options;
}

}  // namespace

int main(int count, char** arguments) {
  const auto options = read_options(count, arguments);
  if (!options) {
    std::fputs(
        "frond_sim [--seed N | --seeds A..B] [--trace] [--jobs N] [--regressions FILE]\n"
        "          [--meet MISFORTUNE] [--desks] [--break=LIE] [--self-test]\n",
        stderr);
    return 2;
  }
  if (options->self_test) return self_test(*options) == 0 ? 0 : 1;
  if (options->trace || options->first == options->last) {
    return run_seed(*options, options->first, true) ? 0 : 1;
  }
  const auto began = std::chrono::steady_clock::now();
  const auto kept = kept_seeds(options->regressions);
  const unsigned failed = run_jobs(*options, kept);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::printf("%llu seeds and %zu kept ones in %.1f s: %s\n",
              static_cast<unsigned long long>(options->last - options->first + 1), kept.size(),
              seconds, failed == 0 ? "all hold" : "FAILED");
  return failed == 0 ? 0 : 1;
}
