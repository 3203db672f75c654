#include "consumer/files.h"

#include "stream/meta.h"

namespace frond::consumer {
namespace {

/// Names may hold anything but blanks, dots, slashes and wildcards; file systems take less.
std::string encoded(std::string_view name) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-';
    if (plain) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += hex[byte >> 4];
      out += hex[byte & 15];
    }
  }
  return out;
}

}  // namespace

std::string consumers_folder(std::string_view stream) {
  return stream::stream_directory(stream) + "/consumers/";
}

std::string consumer_path(std::string_view stream, std::string_view consumer) {
  return consumers_folder(stream) + encoded(consumer);
}

}  // namespace frond::consumer
