// The protocol parser, in both dialects: the same bytes give the same commands however they are
// cut. The first byte chooses the dialect and where to cut.
#include "wire/parser.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace frond::wire;

/// Everything a command says, as text that can be compared.
std::string describe(const Command& command) {
  std::string out = std::to_string(static_cast<int>(command.verb));
  for (const std::string_view part :
       {command.text, command.subject, command.queue, command.sid, command.message.subject,
        command.message.reply, command.message.header, command.message.payload}) {
    out += "|" + std::to_string(part.size()) + ":";
    out += part;
  }
  for (const std::string_view queue : command.queues) {
    out += "|q:";
    out += queue;
  }
  return out + "|" + std::to_string(command.max) + "|" + std::to_string(command.weight);
}

std::vector<std::string> parse(Dialect dialect, std::string_view bytes, std::size_t piece) {
  Parser parser(dialect, {.control_line_bytes_max = 256, .payload_bytes_max = 4096});
  parser.allow_headers(true);
  std::vector<std::string> found;
  while (!bytes.empty()) {
    // A copy of its own, so that a view kept too long is a use of freed memory.
    const std::vector<char> own(
        bytes.begin(),
        bytes.begin() + static_cast<std::ptrdiff_t>(piece < bytes.size() ? piece : bytes.size()));
    bytes.remove_prefix(own.size());
    std::string_view input(own.data(), own.size());
    Parser::Result result;
    while ((result = parser.next(input)) == Parser::Result::command) {
      found.push_back(describe(parser.command()));
    }
    if (result == Parser::Result::error) {
      // How early an error is found may depend on the cut; that there is one may not.
      found.push_back("error");
      return found;
    }
    if (!input.empty()) {
      std::abort();
    }
  }
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const Dialect dialect = data[0] % 2 == 0 ? Dialect::client : Dialect::leaf;
  const std::size_t piece = 1 + data[0] / 2 % 64;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  if (parse(dialect, bytes, bytes.size() + 1) != parse(dialect, bytes, piece)) {
    std::abort();
  }
  return 0;
}
