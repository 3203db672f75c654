// A client that sends anything, beside one that listens to everything: no input may break an
// invariant, and what the listener gets is well-formed protocol of which nothing is lost.
#include "session/session.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace frond;

struct Counting : Entropy {
  std::uint64_t value = 0;
  std::uint64_t next() override { return ++value; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Counting entropy;
  Config config;
  config.payload_bytes_max = 4096;
  if (size > 0 && data[0] % 2 == 1) {
    User user;
    user.name = "u";
    user.publish.deny = {"deny.>"};
    user.subscribe.deny = {"deny.*", "a b"};
    config.users = {user};
    config.no_auth_user = "u";
  }
  route::Router router(entropy);
  route::DirtyList dirty;
  const session::Node node{config, router, dirty, entropy, std::string(56, 'N')};
  ConnectionInfo trusted;
  trusted.trusted = true;
  session::Session listener(ConnectionId(1), trusted, node, Instant{});
  session::Session client(ConnectionId(2), {}, node, Instant{});
  listener.receive("CONNECT {\"verbose\":false,\"headers\":true}\r\nSUB > 1\r\n", Instant{});
  client.start(Instant{});
  const std::size_t piece = size == 0 ? 1 : 1 + data[0] / 2;
  Instant now{};
  for (std::size_t i = 1; i < size; i += piece) {
    const std::vector<char> own(data + i, data + (i + piece < size ? i + piece : size));
    now += std::chrono::seconds(1);
    client.receive({own.data(), own.size()}, now);
    client.tick(now);
  }
  // The listener's output must parse as a leaf's view of messages would: count what it was sent.
  const std::string output = listener.output().take();
  std::size_t messages = 0;
  for (std::string_view rest = output; !rest.empty(); ++messages) {
    const std::size_t end = rest.find("\r\n");
    if (end == std::string_view::npos ||
        (!rest.starts_with("MSG ") && !rest.starts_with("HMSG "))) {
      std::abort();
    }
    const std::size_t bytes =
        std::strtoul(std::string(rest.substr(rest.rfind(' ', end) + 1, end)).c_str(), nullptr, 10);
    if (rest.size() < end + 4 + bytes || rest.substr(end + 2 + bytes, 2) != "\r\n") {
      std::abort();
    }
    rest.remove_prefix(end + 4 + bytes);
  }
  if (messages != listener.traffic().out_msgs) {
    std::abort();
  }
  return 0;
}
