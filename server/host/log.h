#pragma once
// The operator's log, in nats-server's line format, to stderr or a file. What says the same again
// and again is counted (repeated_lines.h), traces apart. One per process, used on the loop's thread
// only.

#include "server/host/repeated_lines.h"

#include <cstdio>
#include <string>
#include <string_view>

namespace frond::server {

class Log {
 public:
  /// Writes to `file`, or to stderr when it is empty or cannot be opened (then says so).
  Log(const std::string& file, bool time, bool debug, bool trace);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void info(std::string_view text) const { line("INF", text); }
  void warning(std::string_view text) const { line("WRN", text); }
  void error(std::string_view text) const { line("ERR", text); }
  void fatal(std::string_view text) const { line("FTL", text); }
  void debug(std::string_view text) const {
    if (debug_) {
      line("DBG", text);
    }
  }
  void trace(std::string_view text) const {
    if (trace_) {
      write("TRC", text);
    }
  }
  /// Tells how often repeated lines came; to be called about once a second.
  void tell_repeated() const;
  bool debugging() const { return debug_; }
  bool tracing() const { return trace_; }

  /// Opens the file again under its name, after it was moved away.
  void reopen();

 private:
  /// Writes it unless it is a repetition.
  void line(std::string_view level, std::string_view text) const;
  void write(std::string_view level, std::string_view text) const;

  std::string file_;
  mutable RepeatedLines repeated_;
  std::FILE* out_ = stderr;
  bool time_;
  bool debug_;
  bool trace_;
};

}  // namespace frond::server
