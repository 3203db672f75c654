#include "server/net/tcp_connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include <chrono>
#include <utility>

namespace frond::server {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t kReadBytesFirst = 64 * 1024;
constexpr std::size_t kReadBytesMax = 512 * 1024;
constexpr std::size_t kWriteBytesMax = 1024 * 1024;
// How long a peer may take to read our last words before the socket goes.
constexpr auto kFinishPatience = std::chrono::seconds(2);

}  // namespace

TcpConnection::TcpConnection(ConnectionId id, ConnectionInfo info, asio::ip::tcp::socket socket,
                             ConnectionEvents& events)
    : Connection(id),
      socket_(std::move(socket)),
      linger_(socket_.get_executor()),
      events_(events),
      info_(std::move(info)),
      buffer_(kReadBytesFirst) {}

void TcpConnection::start() {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  events_.on_open(*this, info_);
  read();
}

void TcpConnection::read() {
  if (reading_ || held_ || closed_) {
    return;
  }
  reading_ = true;
  socket_.async_read_some(
      asio::buffer(buffer_), [self = shared_from_this()](error_code error, std::size_t size) {
        self->reading_ = false;
        if (self->closed_) {
          return;
        }
        if (error) {
          self->abort(error == asio::error::eof || error == asio::error::connection_reset
                          ? "Client Closed"
                          : "Read Error");
          return;
        }
        if (!self->finishing_) {  // The engine has forgotten a connection that is finishing.
          self->events_.on_bytes(*self, std::string_view(self->buffer_.data(), size));
          if (size == self->buffer_.size() && size < kReadBytesMax) {
            self->buffer_.resize(size * 2);
          }
        }
        self->read();
      });
}

void TcpConnection::send(std::string bytes) {
  if (!closed_) {
    queue_.add(std::move(bytes));
  }
}

void TcpConnection::flush() {
  if (writing_ || closed_) {
    return;
  }
  const std::string_view bytes = queue_.next(kWriteBytesMax);
  if (bytes.empty()) {
    if (finishing_) {
      linger();
    }
    return;
  }
  writing_ = true;
  socket_.async_write_some(asio::buffer(bytes.data(), bytes.size()),
                           [self = shared_from_this()](error_code error, std::size_t size) {
                             self->writing_ = false;
                             if (self->closed_) {
                               return;
                             }
                             if (error) {
                               self->abort("Write Error");
                               return;
                             }
                             self->queue_.wrote(size);
                             self->events_.on_sent(*self, size);
                             self->flush();
                           });
}

void TcpConnection::hold(bool hold) {
  held_ = hold && !finishing_;
  read();
}

void TcpConnection::finish(std::string_view reason) {
  if (finishing_ || closed_) {
    return;
  }
  finishing_ = true;
  reason_ = reason;
  hold(false);  // The end of the peer is waited for.
  linger_.expires_after(kFinishPatience);
  linger_.async_wait([self = shared_from_this()](error_code error) {
    if (!error) {
      self->abort(self->reason_);
    }
  });
  flush();
}

/// Ends our direction and waits for the peer's end: to close with unread bytes would make the
/// system send a reset, which can overtake the error line that was just written.
void TcpConnection::linger() {
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

void TcpConnection::abort(std::string_view cause) {
  if (closed_) {
    return;
  }
  closed_ = true;
  error_code ignored;
  linger_.cancel();
  socket_.close(ignored);
  if (!writing_) {
    queue_.clear();
  }
  const auto self = shared_from_this();  // The host drops its reference in the call.
  events_.on_closed(*this, finishing_ ? std::string_view(reason_) : cause);
}

}  // namespace frond::server
