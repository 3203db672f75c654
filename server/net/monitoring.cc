#include "server/net/monitoring.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <utility>

namespace frond::server {
namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr auto kIdlePatience = std::chrono::seconds(60);
constexpr std::array<std::string_view, 6> kPages = {"/varz", "/connz", "/subsz",
                                                    "/jsz",  "/leafz", "/healthz"};

class MonitoringSession : public std::enable_shared_from_this<MonitoringSession> {
 public:
  MonitoringSession(asio::ip::tcp::socket socket, MonitoringPage page)
      : socket_(std::move(socket)), timer_(socket_.get_executor()), page_(std::move(page)) {}

  void read() {
    timer_.expires_after(kIdlePatience);
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) {
        self->close();
      }
    });
    request_ = {};
    http::async_read(socket_, buffer_, request_,
                     [self = shared_from_this()](error_code error, std::size_t) {
                       error ? self->close() : self->answer();
                     });
  }

 private:
  void answer() {
    response_ = {};
    response_.version(request_.version());
    response_.keep_alive(request_.keep_alive());
    response_.set(http::field::access_control_allow_origin, "*");
    const auto verb = request_.method();
    if (verb != http::verb::get && verb != http::verb::head) {
      response_.result(http::status::method_not_allowed);
    } else {
      const std::string_view target(request_.target().data(), request_.target().size());
      const auto mark = target.find('?');
      fill(target.substr(0, mark),
           mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1));
    }
    response_.prepare_payload();
    if (verb == http::verb::head) {
      response_.body().clear();
    }
    http::async_write(socket_, response_,
                      [self = shared_from_this()](error_code error, std::size_t) {
                        error || !self->response_.keep_alive() ? self->close() : self->read();
                      });
  }

  void fill(std::string_view path, std::string_view query) {
    if (path == "/") {
      std::string body = "<html><head><title>frond-server</title></head><body>";
      for (const std::string_view page : kPages) {
        const std::string name(page.substr(1));
        body += "<a href=\"" + name + "\">" + name + "</a><br>";
      }
      response_.set(http::field::content_type, "text/html");
      response_.body() = body + "</body></html>";
      return;
    }
    std::string body = page_(path, query);
    if (body.empty()) {
      response_.result(http::status::not_found);
      response_.set(http::field::content_type, "text/plain; charset=utf-8");
      body = "404 page not found\n";
    } else {
      response_.set(http::field::content_type, "application/json");
      if (path == "/healthz" && body.find("\"ok\"") == std::string::npos) {
        response_.result(http::status::service_unavailable);
      }
    }
    response_.body() = std::move(body);
  }

  void close() {
    error_code ignored;
    timer_.cancel();
    socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
  }

  asio::ip::tcp::socket socket_;
  asio::steady_timer timer_;
  MonitoringPage page_;
  boost::beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

}  // namespace

void serve_monitoring(asio::ip::tcp::socket socket, MonitoringPage page) {
  std::make_shared<MonitoringSession>(std::move(socket), std::move(page))->read();
}

}  // namespace frond::server
