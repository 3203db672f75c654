#include "sim/sim_client.h"

#include <array>
#include <charconv>
#include <utility>
#include <vector>

namespace frond::sim {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {
std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  while (!line.empty()) {
    const std::size_t space = line.find(' ');
    if (space != 0) fields.push_back(line.substr(0, space));
    line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
  }
  return fields;
}
}  // namespace

int Delivered::status() const {
  constexpr std::string_view version = "NATS/1.0 ";
  if (!header.starts_with(version)) return 0;
  return static_cast<int>(number(std::string_view(header).substr(version.size(), 3)));
}

std::string header_block(std::initializer_list<std::pair<std::string_view, std::string>> fields) {
  std::string block = "NATS/1.0\r\n";
  for (const auto& [key, value] : fields) {
    block += key;
    block += ": " + value + "\r\n";
  }
  return block + "\r\n";
}

Client::Client(Node::Surroundings around, Node& node, std::string name, As as)
    : around_(around), node_(node), name_(std::move(name)), as_(as) {}

void Client::connect() {
  if (std::exchange(wanted_, true)) return;
  retry(Duration{0});
}

void Client::retry(Duration delay) {
  around_.scheduler.after(delay, [this, connection = connection_] {
    if (connection != connection_) return;
    if (!node_.running()) return retry(milliseconds(700));
    ++connection_;
    link_ =
        std::make_shared<Link>(around_.scheduler, around_.random, around_.trace, name_, Quality{});
    const auto mine = [this, now = connection_] { return now == connection_; };
    link_->attach(Side::left, End{.opened =
                                      [this, mine] {
                                        if (mine()) opened();
                                      },
                                  .bytes =
                                      [this, mine](std::string_view bytes) {
                                        if (mine()) received(bytes);
                                      },
                                  .written = [](std::uint64_t) {},
                                  .closed =
                                      [this, mine](std::string_view cause) {
                                        if (mine()) lost(cause);
                                      }});
    node_.accept(link_, ConnectionKind::client);
    link_->open(around_.random.duration(milliseconds(1), milliseconds(20)));
    // A connection that never gets its PONG (the node lost power) is given up.
    around_.scheduler.after(seconds(30), [this, mine] {
      if (mine() && !ready_) lost("handshake timed out");
    });
  });
}

void Client::drop() {
  if (link_) lost("dropped");
}

void Client::lost(std::string_view cause) {
  around_.trace.event(name_, "lost", cause);
  ++connection_;
  ready_ = false;
  buffer_.clear();
  taken_ = 0;
  link_->close(Side::left, cause);
  link_.reset();
  const std::map<std::uint64_t, Pending> pending = std::exchange(pending_, {});
  for (const auto& [id, entry] : pending) {
    if (entry.answer) entry.answer(std::nullopt);
  }
  retry(around_.random.duration(milliseconds(50), seconds(1)));
}

void Client::opened() {
  const std::string user = as_ == As::guest ? "guest" : "app";
  send("CONNECT {\"user\":\"" + user + "\",\"pass\":\"" + user +
       "\","
       "\"verbose\":false,\"pedantic\":false,\"headers\":true,\"no_responders\":true,"
       "\"protocol\":1,\"echo\":true,\"lang\":\"sim\",\"version\":\"1.0.0\",\"name\":\"" +
       name_ + "\"}\r\nSUB _INBOX." + name_ + ".* 1\r\n");
  for (const auto& [sid, subscription] : subscriptions_) {
    send("SUB " + subscription.subject + " " + subscription.queue + " " + std::to_string(sid) +
         "\r\n");
  }
  send("PING\r\n");
}

void Client::send(std::string bytes) { link_->write(Side::left, std::move(bytes)); }

Client::Sid Client::subscribe(std::string subject, std::string queue, Handler handler) {
  const std::uint64_t sid = next_sid_++;
  if (ready_) send("SUB " + subject + " " + queue + " " + std::to_string(sid) + "\r\n");
  subscriptions_[sid] = {std::move(subject), std::move(queue), std::move(handler)};
  return Sid{sid};
}

void Client::unsubscribe(Sid sid) {
  const auto id = static_cast<std::uint64_t>(sid);
  if (subscriptions_.erase(id) != 0 && ready_) send("UNSUB " + std::to_string(id) + "\r\n");
}

void Client::publish(std::string_view subject, std::string_view reply, std::string_view header,
                     std::string_view payload) {
  if (!ready_) return;
  std::string line = (header.empty() ? "PUB " : "HPUB ") + std::string(subject) + " ";
  if (!reply.empty()) line += std::string(reply) + " ";
  if (!header.empty()) line += std::to_string(header.size()) + " ";
  line += std::to_string(header.size() + payload.size()) + "\r\n";
  line += header;
  line += payload;
  send(line + "\r\n");
}

void Client::request(std::string_view subject, std::string_view header, std::string_view payload,
                     Duration timeout, Answer answer) {
  if (!ready_) {
    around_.scheduler.after(Duration{0}, [answer = std::move(answer)] { answer(std::nullopt); });
    return;
  }
  const std::uint64_t id = next_request_++;
  pending_[id] = {std::string(subject), std::move(answer), 0};
  publish(subject, "_INBOX." + name_ + "." + std::to_string(id), header, payload);
  around_.scheduler.after(timeout, [this, id] {
    const auto found = pending_.find(id);
    if (found == pending_.end() || !found->second.answer) return;
    around_.trace.event(name_, "timeout", found->second.subject);
    std::exchange(found->second.answer, {})(std::nullopt);
  });
}

void Client::received(std::string_view bytes) {
  buffer_ += bytes;
  const std::uint64_t connection = connection_;
  while (connection == connection_ && take_line()) {
  }
  if (connection != connection_) return;
  buffer_.erase(0, taken_);
  taken_ = 0;
}

bool Client::take_line() {
  const std::size_t end = buffer_.find("\r\n", taken_);
  if (end == std::string::npos) return false;
  const std::string line = buffer_.substr(taken_, end - taken_);
  if (line.starts_with("MSG ") || line.starts_with("HMSG ")) return take_message(line, end + 2);
  taken_ = end + 2;
  if (line == "PING") {
    send("PONG\r\n");
  } else if (line == "PONG") {
    ready_ = true;
  } else if (as_ == As::guest && line.starts_with("-ERR 'Permissions Violation for ")) {
    // As it should be.
  } else if (line.starts_with("-ERR")) {
    around_.checkers.fail('e', name_ + " was told " + line);
  } else if (!line.starts_with("INFO ") && line != "+OK") {
    around_.checkers.fail('e', name_ + " cannot read the line " + line);
  }
  return true;
}

bool Client::take_message(std::string_view line, std::size_t start) {
  const std::vector<std::string_view> fields = fields_of(line);
  const bool headers = fields[0] == "HMSG";
  const std::size_t sizes = headers ? 2 : 1;
  if (fields.size() != 3 + sizes && fields.size() != 4 + sizes) {
    around_.checkers.fail('e', name_ + " cannot read the line " + std::string(line));
    taken_ = buffer_.size();
    return false;
  }
  const auto total = static_cast<std::size_t>(number(fields.back()));
  if (buffer_.size() < start + total + 2) return false;
  const auto header_size =
      headers ? static_cast<std::size_t>(number(fields[fields.size() - 2])) : std::size_t{0};
  Delivered message;
  message.subject = fields[1];
  if (fields.size() == 4 + sizes) message.reply = fields[3];
  message.header = buffer_.substr(start, header_size);
  message.payload = buffer_.substr(start + header_size, total - header_size);
  if (buffer_.compare(start + total, 2, "\r\n") != 0) {
    around_.checkers.fail('e', name_ + " finds no end of the message " + std::string(line));
  }
  const std::uint64_t sid = number(fields[2]);
  taken_ = start + total + 2;
  if (around_.lie == Lie::wrong_subject && message.subject.starts_with("core.")) {
    message.subject += "x";
  }
  dispatch(sid, message);
  return true;
}

void Client::dispatch(std::uint64_t sid, const Delivered& message) {
  if (sid == 1) {
    answered(message);
    if (around_.lie == Lie::double_puback && ready_) answered(message);
    return;
  }
  const auto found = subscriptions_.find(sid);
  if (found == subscriptions_.end()) return;  // It crossed our UNSUB.
  const Handler handler = found->second.handler;
  handler(message);
}

void Client::answered(const Delivered& message) {
  const std::size_t dot = message.subject.rfind('.');
  const std::uint64_t id = number(std::string_view(message.subject).substr(dot + 1));
  if (message.subject != "_INBOX." + name_ + "." + std::to_string(id)) {
    around_.checkers.fail('e', name_ + " got " + message.subject + " in its inbox");
    return;
  }
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;  // The answer to a request of an earlier connection.
  // After a timeout the first answer may still come; a second one never may.
  if (++found->second.answers > 1) {
    around_.checkers.fail('e',
                          name_ + " got two answers to one request on " + found->second.subject);
    return;
  }
  if (found->second.answer) std::exchange(found->second.answer, {})(message);
}

}  // namespace frond::sim
