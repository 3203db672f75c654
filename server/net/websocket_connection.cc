#include "server/net/websocket_connection.h"

#include "server/net/send_queue.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace frond::server {
namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

namespace {

constexpr std::size_t kReadBytes = 128 * 1024;
// A leaf's peer may bound the unpacked size of one message (leafnode-protocol 2.3).
constexpr std::size_t kFrameBytesMax = 64 * 1024;
constexpr auto kHandshakePatience = std::chrono::seconds(10);
constexpr auto kDialPatience = std::chrono::seconds(25);  // The engine gives up sooner.
constexpr auto kFinishPatience = std::chrono::seconds(2);

/// NATS's close codes by its close reasons (leafnode-protocol 3.4).
websocket::close_code close_code_of(std::string_view reason) {
  if (reason.starts_with("Authentication") || reason.starts_with("Credentials")) {
    return websocket::close_code::policy_error;
  }
  if (reason == "Protocol Violation" || reason == "Maximum Control Line Exceeded" ||
      reason.starts_with("Permission")) {
    return websocket::close_code::protocol_error;
  }
  if (reason == "Maximum Message Payload Exceeded") {
    return websocket::close_code::too_big;
  }
  if (reason.starts_with("Server Shutdown") || reason.starts_with("Stale")) {
    return websocket::close_code::going_away;
  }
  if (reason.empty() || reason == "Client Closed") {
    return websocket::close_code::normal;
  }
  return websocket::close_code::internal_error;
}

class WebsocketConnection : public Connection,
                            public std::enable_shared_from_this<WebsocketConnection> {
 public:
  WebsocketConnection(ConnectionId id, ConnectionInfo info, asio::ip::tcp::socket socket,
                      ConnectionEvents& events)
      : Connection(id),
        stream_(std::move(socket)),
        timer_(stream_.get_executor()),
        events_(events),
        info_(std::move(info)),
        buffer_(kReadBytes) {
    info_.websocket = true;
    stream_.binary(true);
    stream_.auto_fragment(false);
    stream_.read_message_max(0);  // The engine bounds payloads; a message is only a piece of bytes.
  }

  void accept(const WebsocketOptions& options) {
    websocket::permessage_deflate deflate;
    deflate.server_enable = options.compression;
    deflate.server_no_context_takeover = true;
    deflate.client_no_context_takeover = true;
    stream_.set_option(deflate);
    leafs_ = options.leafs;
  }
  void dial(std::string host, std::string path) {
    // Whether it is compressed is the hub's to say.
    websocket::permessage_deflate deflate;
    deflate.client_enable = true;
    deflate.server_no_context_takeover = true;
    deflate.client_no_context_takeover = true;
    stream_.set_option(deflate);
    host_ = std::move(host);
    path_ = std::move(path);
  }

  void start() override {
    error_code ignored;
    stream_.next_layer().set_option(asio::ip::tcp::no_delay(true), ignored);
    limit(host_.empty() ? std::chrono::nanoseconds(kHandshakePatience) : kDialPatience);
    if (!host_.empty()) {
      stream_.async_handshake(
          response_, host_, path_,
          [self = shared_from_this()](error_code error) { self->shaken(error); });
      return;
    }
    http::async_read(
        stream_.next_layer(), head_, request_,
        [self = shared_from_this()](error_code error, std::size_t) { self->requested(error); });
  }

  void send(std::string bytes) override {
    if (!closed_) {
      queue_.add(std::move(bytes));
    }
  }

  void flush() override {
    if (writing_ || closed_ || !open_) {
      return;
    }
    const std::string_view bytes = queue_.next(kFrameBytesMax);
    if (bytes.empty()) {
      if (finishing_) {
        say_goodbye();
      }
      return;
    }
    writing_ = true;
    stream_.async_write(asio::buffer(bytes.data(), bytes.size()),
                        [self = shared_from_this()](error_code error, std::size_t size) {
                          self->wrote(error, size);
                        });
  }

  void hold(bool hold) override {
    held_ = hold && !finishing_;
    read();
  }

  void finish(std::string_view reason) override {
    if (finishing_ || closed_) {
      return;
    }
    finishing_ = true;
    reason_ = reason;
    hold(false);  // The peer's close is waited for.
    limit(kFinishPatience);
    flush();
  }

  void abort(std::string_view cause) override {
    if (closed_) {
      return;
    }
    closed_ = true;
    error_code ignored;
    timer_.cancel();
    stream_.next_layer().close(ignored);
    const auto self = shared_from_this();  // The host drops its reference in the call.
    events_.on_closed(*this, finishing_ ? std::string_view(reason_) : cause);
  }

  bool stalled() override { return open_ && queue_.stalled(); }

 private:
  /// Gives up when the present phase lasts longer than this.
  void limit(std::chrono::nanoseconds patience) {
    timer_.expires_after(patience);
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) {
        self->abort("Authentication Timeout");
      }
    });
  }

  void requested(error_code error) {
    if (closed_) {
      return;
    }
    if (error) {
      abort("Client Closed");
      return;
    }
    if (!websocket::is_upgrade(request_)) {
      refuse();
      return;
    }
    const std::string_view target(request_.target().data(), request_.target().size());
    if (target.substr(0, target.find('?')).ends_with("/leafnode")) {
      info_.kind = ConnectionKind::leaf;
    }
    stream_.async_accept(request_,
                         [self = shared_from_this()](error_code failed) { self->shaken(failed); });
  }

  void refuse() {
    auto response = std::make_shared<http::response<http::string_body>>(http::status::bad_request,
                                                                        request_.version());
    response->body() = "invalid value for header 'Upgrade'\n";
    response->keep_alive(false);
    response->prepare_payload();
    http::async_write(stream_.next_layer(), *response,
                      [self = shared_from_this(), response](error_code, std::size_t) {
                        self->abort("WebSocket Handshake Error");
                      });
  }

  void shaken(error_code error) {
    if (closed_) {
      return;
    }
    if (error) {
      abort(host_.empty() ? "WebSocket Handshake Error" : why_not(error));
      return;
    }
    timer_.cancel();
    if (host_.empty() && info_.kind == ConnectionKind::leaf && !leafs_) {
      // As nats-server: the handshake is answered, then the socket closes without a word.
      abort("Not configured to accept leaf node connections");
      return;
    }
    open_ = true;
    events_.on_open(*this, info_);
    read();
    flush();
  }

  /// What a dial's failure is told as.
  std::string why_not(error_code error) const {
    if (error != websocket::error::upgrade_declined) {
      return error.message();
    }
    return "HTTP " + std::to_string(response_.result_int()) + " " +
           std::string(response_.reason().data(), response_.reason().size());
  }

  static std::string_view ending_of(error_code error) {
    return error == websocket::error::closed || error == asio::error::eof ? "Client Closed"
                                                                          : "Read Error";
  }
  /// What a hub says with its close.
  std::string last_words(error_code error) const {
    if (error != websocket::error::closed) {
      return error.message();
    }
    const websocket::close_reason& said = stream_.reason();
    return said.reason.empty() ? "closed with code " + std::to_string(said.code)
                               : std::string(said.reason.data(), said.reason.size());
  }

  void read() {
    if (reading_ || held_ || closed_ || !open_) {
      return;
    }
    reading_ = true;
    stream_.async_read_some(asio::buffer(buffer_),
                            [self = shared_from_this()](error_code error, std::size_t size) {
                              self->received(error, size);
                            });
  }

  void received(error_code error, std::size_t size) {
    reading_ = false;
    if (closed_) {
      return;
    }
    if (error) {
      abort(host_.empty() ? ending_of(error) : last_words(error));
      return;
    }
    if (!finishing_ && size > 0) {
      events_.on_bytes(*this, std::string_view(buffer_.data(), size));
    }
    read();
  }

  void wrote(error_code error, std::size_t size) {
    writing_ = false;
    if (closed_) {
      return;
    }
    if (error) {
      abort("Write Error");
      return;
    }
    queue_.wrote(size);
    events_.on_sent(*this, size);
    flush();
  }

  void say_goodbye() {
    if (std::exchange(saying_goodbye_, true)) {
      return;
    }
    websocket::close_reason reason(close_code_of(reason_));
    // A control frame has 125 bytes, two of them for the code.
    reason.reason.assign(reason_.data(), std::min<std::size_t>(reason_.size(), 120));
    stream_.async_close(reason,
                        [self = shared_from_this()](error_code) { self->abort(self->reason_); });
  }

  websocket::stream<asio::ip::tcp::socket> stream_;
  asio::steady_timer timer_;
  ConnectionEvents& events_;
  ConnectionInfo info_;
  std::vector<char> buffer_;
  boost::beast::flat_buffer head_;
  http::request<http::string_body> request_;
  websocket::response_type response_;  // Of a hub.
  std::string host_;                   // Of a dial; empty when accepted.
  std::string path_;
  SendQueue queue_;
  std::string reason_;
  bool leafs_ = false;
  bool open_ = false;
  bool reading_ = false;
  bool held_ = false;
  bool writing_ = false;
  bool finishing_ = false;
  bool saying_goodbye_ = false;
  bool closed_ = false;
};

}  // namespace

std::shared_ptr<Connection> accept_websocket(ConnectionId id, ConnectionInfo info,
                                             asio::ip::tcp::socket socket,
                                             const WebsocketOptions& options,
                                             ConnectionEvents& events) {
  auto connection =
      std::make_shared<WebsocketConnection>(id, std::move(info), std::move(socket), events);
  connection->accept(options);
  return connection;
}

std::shared_ptr<Connection> dial_websocket(ConnectionId id, ConnectionInfo info,
                                           asio::ip::tcp::socket socket, const std::string& host,
                                           const std::string& path, ConnectionEvents& events) {
  auto connection =
      std::make_shared<WebsocketConnection>(id, std::move(info), std::move(socket), events);
  connection->dial(host, path);
  return connection;
}

}  // namespace frond::server
