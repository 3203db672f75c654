#include "wire/writer.h"

#include "wire/word.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace frond::wire {
namespace {

constexpr std::string_view crlf = "\r\n";

void append_number(std::string& out, std::size_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), end.ptr);
}

/// "<header size> <total size>\r\n<header><payload>\r\n", without the header size when there is
/// none.
void append_body(std::string& out, std::string_view header, std::string_view payload) {
  if (!header.empty()) {
    append_number(out, header.size());
    out.push_back(' ');
  }
  append_number(out, header.size() + payload.size());
  out.append(crlf).append(header).append(payload).append(crlf);
}

// Longer than any verb, its separators and two sizes.
constexpr std::size_t line_overhead_bytes = 64;

/// Grows by doubling at least, as plain reserve() may allocate exactly and so again and again.
void make_room(std::string& out, std::size_t bytes) {
  if (out.capacity() - out.size() < bytes) {
    out.reserve(out.capacity() * 2 + bytes);
  }
}

/// An optional word.
bool is_word_or_none(std::string_view text) { return text.empty() || is_word(text); }

/// Text that goes on to the end of the line.
void append_text(std::string& out, std::string_view text) {
  const std::size_t start = out.size();
  out.append(text);
  std::replace_if(
      out.begin() + static_cast<std::ptrdiff_t>(start), out.end(),
      [](char c) { return c == '\r' || c == '\n'; }, ' ');
}

}  // namespace

void append_info(std::string& out, std::string_view json) {
  out.append("INFO ");
  append_text(out, json);
  out.append(" \r\n");
}
void append_connect(std::string& out, std::string_view json) {
  out.append("CONNECT ");
  append_text(out, json);
  out.append(crlf);
}
void append_ping(std::string& out) { out.append("PING\r\n"); }
void append_pong(std::string& out) { out.append("PONG\r\n"); }
void append_ok(std::string& out) { out.append("+OK\r\n"); }
void append_err(std::string& out, std::string_view text) {
  out.append("-ERR '");
  append_text(out, text);
  out.append("'\r\n");
}

std::optional<std::size_t> append_message(std::string& out, std::string_view sid,
                                          const base::Message& message, bool with_header) {
  if (!is_word(message.subject) || !is_word(sid) || !is_word_or_none(message.reply)) {
    return std::nullopt;
  }
  const std::string_view header = with_header ? message.header : std::string_view();
  make_room(out, message.subject.size() + sid.size() + message.reply.size() + header.size() +
                     message.payload.size() + line_overhead_bytes);
  out.append(header.empty() ? "MSG " : "HMSG ").append(message.subject).push_back(' ');
  out.append(sid).push_back(' ');
  if (!message.reply.empty()) {
    out.append(message.reply).push_back(' ');
  }
  append_body(out, header, message.payload);
  return header.size() + message.payload.size();
}

bool append_interest(std::string& out, std::string_view subject, std::string_view queue,
                     std::uint32_t weight) {
  if (!is_word(subject) || !is_word_or_none(queue)) {
    return false;
  }
  out.append("LS+ ").append(subject);
  if (!queue.empty()) {
    out.append(" ").append(queue).append(" ");
    append_number(out, weight);
  }
  out.append(crlf);
  return true;
}

bool append_interest_gone(std::string& out, std::string_view subject, std::string_view queue) {
  if (!is_word(subject) || !is_word_or_none(queue)) {
    return false;
  }
  out.append("LS- ").append(subject);
  if (!queue.empty()) {
    out.append(" ").append(queue);
  }
  out.append(crlf);
  return true;
}

bool append_routed(std::string& out, std::string_view target, std::string_view reply,
                   std::span<const std::string_view> queues, std::string_view header,
                   std::string_view payload) {
  if (!is_word(target) || !is_word_or_none(reply) || !std::ranges::all_of(queues, is_word)) {
    return false;
  }
  make_room(out,
            target.size() + reply.size() + header.size() + payload.size() + line_overhead_bytes);
  out.append(header.empty() ? "LMSG " : "HMSG ").append(target).push_back(' ');
  if (!queues.empty()) {
    out.append(reply.empty() ? "| " : "+ ");
  }
  if (!reply.empty()) {
    out.append(reply).push_back(' ');
  }
  for (const std::string_view queue : queues) {
    out.append(queue).push_back(' ');
  }
  append_body(out, header, payload);
  return true;
}

}  // namespace frond::wire
