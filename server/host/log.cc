#include "server/host/log.h"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>

namespace frond::server {
namespace {

constexpr std::size_t kLevelLength = 3;  // "INF", "ERR", ...

}  // namespace

Log::Log(const std::string& file, bool time, bool debug, bool trace)
    : file_(file), time_(time), debug_(debug), trace_(trace) {
  reopen();
}

Log::~Log() {
  if (out_ != stderr) {
    std::fclose(out_);
  }
}

void Log::reopen() {
  if (file_.empty()) {
    return;
  }
  std::FILE* fresh = std::fopen(file_.c_str(), "ae");
  if (fresh == nullptr) {
    error("cannot open the log file " + file_ + ": " + std::strerror(errno));
    return;
  }
  if (out_ != stderr) {
    std::fclose(out_);
  }
  out_ = fresh;
}

void Log::line(std::string_view level, std::string_view text) const {
  if (repeated_.admit(std::string(level).append(text), std::chrono::steady_clock::now())) {
    write(level, text);
  }
}

void Log::tell_repeated() const {
  for (const std::string& counted : repeated_.take_counted(std::chrono::steady_clock::now())) {
    const std::string_view line = counted;
    write(line.substr(0, kLevelLength), line.substr(kLevelLength));
  }
}

void Log::write(std::string_view level, std::string_view text) const {
  char stamp[64] = "";
  if (time_) {
    const auto now = std::chrono::system_clock::now();
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    const auto micros =
        std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count() %
        1000000;
    std::tm parts{};
    ::localtime_r(&seconds, &parts);
    const std::size_t length = std::strftime(stamp, sizeof stamp, "%Y/%m/%d %H:%M:%S", &parts);
    std::snprintf(stamp + length, sizeof stamp - length, ".%06lld ",
                  static_cast<long long>(micros));
  }
  std::fprintf(out_, "[%d] %s[%.*s] %.*s\n", static_cast<int>(::getpid()), stamp,
               static_cast<int>(level.size()), level.data(), static_cast<int>(text.size()),
               text.data());
  std::fflush(out_);
}

}  // namespace frond::server
