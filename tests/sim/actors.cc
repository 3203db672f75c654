#include "sim/actors.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

namespace frond::sim {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {
constexpr Duration kAnswerWait = seconds(20);
// The duplicate window is two minutes; answers within this time after the first attempt surely fall
// into it.
constexpr Duration kWindowSure = seconds(100);
constexpr Duration kRepeatWithin = seconds(60);

json parsed(const Delivered& answer) {
  json value = json::parse(answer.payload, nullptr, false);
  return value.is_object() ? value : json::object();
}
int error_code(const json& answer) {
  return answer.contains("error") ? answer["error"].value("err_code", -1) : 0;
}
std::string token(std::string_view subject, int index) {
  for (; index > 0; --index) {
    const std::size_t dot = subject.find('.');
    if (dot == std::string_view::npos) return {};
    subject.remove_prefix(dot + 1);
  }
  return std::string(subject.substr(0, subject.find('.')));
}
std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}
/// Mostly small; now and then as large as several blocks or a torn write need.
std::string filler(Random& random) {
  const std::uint64_t kind = random.below(20);
  const std::uint64_t size = kind == 0 ? random.between(1000, 60'000) : random.below(kind * 8 + 1);
  return std::string(static_cast<std::size_t>(size), static_cast<char>('a' + random.below(26)));
}
}  // namespace

Creator::Creator(Client& client, std::string subject, std::string body)
    : client_(client), subject_(std::move(subject)), json_(std::move(body)) {}

bool Creator::makes(const std::string& node, const std::string& stream, bool beside) const {
  const std::string api = beside ? "$JS.API." : "$JS." + node + ".API.";
  return subject_ == api + "STREAM.CREATE." + stream ||
         subject_.starts_with(api + "CONSUMER.CREATE." + stream + ".");
}

void Creator::step() {
  if (done_ || waiting_ || !client_.ready()) return;
  waiting_ = true;
  client_.request(subject_, "", json_, seconds(5), [this](const std::optional<Delivered>& answer) {
    waiting_ = false;
    if (!answer || answer->status() != 0) return;
    const json reply = parsed(*answer);
    done_ = reply.contains("config") && error_code(reply) == 0;
  });
}

Publisher::Publisher(Node::Surroundings around, Client& client, std::string stream,
                     std::string prefix)
    : around_(around),
      client_(client),
      key_(client.node().name() + "/" + std::move(stream)),
      prefix_(std::move(prefix)) {}

void Publisher::step() {
  if (!client_.ready()) return;
  if (calm_) return speak();
  Random& random = around_.random;
  const std::uint64_t burst = random.chance(15) ? random.between(2, 12) : 1;
  for (std::uint64_t i = 0; i < burst; ++i) {
    if (!sent_.empty() && random.chance(20)) {
      repeat(random.pick(sent_));
    } else {
      fresh();
    }
  }
}

void Publisher::fresh() {
  Sent sent;
  sent.subject = prefix_ + std::to_string(around_.random.below(4));
  sent.payload = prefix_ + "#" + std::to_string(sent_.size()) + " " + filler(around_.random);
  if (around_.random.chance(60)) sent.id = prefix_ + "id" + std::to_string(sent_.size());
  sent.first_sent = around_.scheduler.now();
  if (around_.random.chance(15)) expect_something(sent);
  around_.checkers.history().offered(key_, sent.payload);
  sent_.push_back(std::move(sent));
  send(sent_.size() - 1);
  // Again before the first can be durable: the second answer promises as much as the first.
  if (!sent_.back().id.empty() && around_.random.chance(15)) send(sent_.size() - 1);
}

/// Without an id: a duplicate is answered before anything else is looked at.
void Publisher::expect_something(Sent& sent) {
  sent.id.clear();
  switch (around_.random.below(4)) {
    case 0:
      sent.refused_header = header_block({{"Nats-Expected-Stream", "ANOTHER"}});
      break;
    case 1:
      sent.refused_header = header_block({{"Nats-Expected-Last-Msg-Id", "never"}});
      break;
    default:
      sent.expects_last = last_seq_ - std::min(last_seq_, around_.random.below(3));
      break;
  }
}

void Publisher::speak() {
  if (!speaks_ || has_spoken()) return;
  if (!last_word_) {
    Sent sent;
    sent.subject = prefix_ + "0";
    sent.payload = prefix_ + std::string(last_word_mark) + " word";
    sent.id = prefix_ + "last";
    sent.first_sent = around_.scheduler.now();
    around_.checkers.history().offered(key_, sent.payload);
    last_word_ = sent_.size();
    sent_.push_back(std::move(sent));
  }
  send(*last_word_);
}

/// What a misfortune has taken from the stream is not published again: it would rightly be stored,
/// and arrive, a second time.
bool Publisher::repeatable(const Sent& sent) const {
  const History& history = around_.checkers.history();
  return !sent.id.empty() && !history.before_break(key_, sent.payload) &&
         !history.may_differ(key_, key_, sent.payload) && !history.is_damaged(key_, sent.payload);
}

void Publisher::repeat(Sent& sent) {
  if (!repeatable(sent)) return;
  // Long after the first attempt a repeat would be stored anew, and rightly so.
  if (sent.seq && around_.scheduler.now() - sent.first_sent > kRepeatWithin) return;
  send(static_cast<std::size_t>(&sent - sent_.data()));
}

void Publisher::send(std::size_t index) {
  const Sent& sent = sent_[index];
  const bool again = sent.seq.has_value();
  std::string header;
  if (!sent.id.empty()) {
    const bool forgets = around_.lie == Lie::forget_id && again;
    header = header_block({{forgets ? "Nats-Msg-Xd" : "Nats-Msg-Id", sent.id}});
  }
  if (sent.expects_last) {
    header = header_block({{"Nats-Expected-Last-Sequence", std::to_string(*sent.expects_last)}});
  }
  if (!sent.refused_header.empty()) header = sent.refused_header;
  if (around_.lie == Lie::deaf_to_expect && sent.id.empty()) header.clear();
  client_.request(sent.subject, header, sent.payload, kAnswerWait,
                  [this, index, again](const std::optional<Delivered>& answer) {
                    answered(index, again, answer);
                  });
}

void Publisher::answered(std::size_t index, bool again, const std::optional<Delivered>& answer) {
  if (!answer || answer->status() != 0) return;  // Unknown, or no stream yet.
  const json reply = parsed(*answer);
  if (error_code(reply) != 0) return;
  // While the stream is deleted a message goes on to the hub, whose stream answers for itself.
  if (!key_.ends_with("/" + reply.value("stream", ""))) return;
  const std::uint64_t seq = reply.value("seq", std::uint64_t{0});
  Sent& sent = sent_[index];
  const Stored stored{seq, sent.subject, sent.payload};
  if (!sent.refused_header.empty()) {
    around_.checkers.fail('a', key_ + " stored against " + sent.refused_header);
  }
  const bool in_window = around_.scheduler.now() - sent.first_sent < kWindowSure &&
                         !client_.node().clock_set_since(sent.first_sent);
  if (sent.seq && *sent.seq != seq && in_window && repeatable(sent)) {
    around_.checkers.fail('a', key_ + " stored one message id twice: " + sent.id);
  }
  const bool sure = again && in_window && repeatable(sent);
  around_.checkers.acked(key_, stored, reply.value("duplicate", false),
                         sure ? sent.seq : std::nullopt);
  if (sent.expects_last) around_.checkers.followed(key_, stored, *sent.expects_last);
  last_seq_ = std::max(last_seq_, seq);
  if (!sent.seq) sent.seq = seq;
}

Swapper::Swapper(Node::Surroundings around, Client& client, std::string stream, std::string prefix)
    : around_(around),
      client_(client),
      key_(client.node().name() + "/" + std::move(stream)),
      prefix_(std::move(prefix)) {}

void Swapper::step() {
  if (calm_ || !client_.ready()) return;
  const std::string subject = prefix_ + "k" + std::to_string(around_.random.below(3));
  const std::string payload = subject + "#" + client_.name() + std::to_string(count_++);
  around_.checkers.history().offered(key_, payload);
  std::uint64_t expected = last_[subject];
  if (around_.random.chance(15)) expected = around_.random.below(expected + 2);
  Swap swap{subject, payload, expected, std::nullopt};
  std::string header =
      header_block({{"Nats-Expected-Last-Subject-Sequence", std::to_string(expected)}});
  if (around_.random.chance(25)) {
    swap.expects_last = last_seq_;
    header = header_block({{"Nats-Expected-Last-Subject-Sequence", std::to_string(expected)},
                           {"Nats-Expected-Last-Sequence", std::to_string(last_seq_)}});
  }
  client_.request(subject, header, payload, kAnswerWait,
                  [this, swap](const std::optional<Delivered>& answer) { answered(swap, answer); });
}

void Swapper::answered(const Swap& swap, const std::optional<Delivered>& answer) {
  if (!answer || answer->status() != 0) return;
  const json reply = parsed(*answer);
  std::uint64_t& last = last_[swap.subject];
  if (error_code(reply) == 10071) {
    const std::string text = reply["error"].value("description", "");
    // The same error for both expectations; the stream's sequence is no less than the subject's.
    const std::uint64_t told = number(std::string_view(text).substr(text.rfind(' ') + 1));
    (swap.expects_last && told > last_seq_ ? last_seq_ : last) = told;
    return;
  }
  if (error_code(reply) != 0) return;
  const Stored message{reply.value("seq", std::uint64_t{0}), swap.subject, swap.payload};
  around_.checkers.acked(key_, message, false, std::nullopt);
  around_.checkers.swapped(key_, message, swap.expected);
  if (swap.expects_last) around_.checkers.followed(key_, message, *swap.expects_last);
  last = std::max(last, message.seq);
  last_seq_ = std::max(last_seq_, message.seq);
}

Puller::Puller(Node::Surroundings around, Client& client, std::string key, std::string api,
               std::string stream, std::string consumer, std::uint64_t deliveries_max)
    : around_(around), client_(client), key_(std::move(key)), deliveries_max_(deliveries_max) {
  consumer_key_ = key_ + "/" + consumer;
  subject_ = api + ".CONSUMER.MSG.NEXT." + stream + "." + consumer;
}

void Puller::step() {
  if (!client_.ready() || pull_) return;
  const std::uint64_t pull = ++pulls_;
  const std::string inbox = client_.fresh_inbox();
  pull_ = client_.subscribe(inbox, "", [this](const Delivered& message) { take(message); });
  open_ = static_cast<unsigned>(calm_ ? 100 : around_.random.between(1, 12));
  const std::uint64_t wait = around_.random.between(1, 8);
  json request = {{"batch", open_}, {"expires", wait * 1'000'000'000}};
  if (around_.random.chance(30)) request = {{"batch", open_}, {"no_wait", true}};
  bytes_left_ = std::numeric_limits<std::int64_t>::max();
  if (!calm_ && around_.random.chance(30)) {
    bytes_left_ = static_cast<std::int64_t>(around_.random.between(100, 3000));
    request["max_bytes"] = bytes_left_;
  }
  client_.publish(subject_, inbox, "", request.dump());
  around_.scheduler.after(seconds(wait) + seconds(2), [this, pull] {
    if (pull == pulls_) end_pull();
  });
}

void Puller::end_pull() {
  if (pull_) client_.unsubscribe(*std::exchange(pull_, std::nullopt));
}

/// What the pull and the consumer allow.
bool Puller::within_bounds(const Delivered& message, std::uint64_t deliveries) {
  bytes_left_ -= static_cast<std::int64_t>(message.subject.size() + message.reply.size() +
                                           message.header.size() + message.payload.size());
  if (around_.lie == Lie::swollen_pull) bytes_left_ -= 300;
  if (bytes_left_ < 0) {
    around_.checkers.fail('e', consumer_key_ + " brought more bytes than a pull asked for");
    return false;
  }
  if (around_.lie == Lie::one_too_many) ++deliveries;
  if (deliveries_max_ > 0 && deliveries > deliveries_max_) {
    around_.checkers.fail('d', consumer_key_ + " delivered for the " + std::to_string(deliveries) +
                                   ". time: " + message.subject);
    return false;
  }
  return true;
}

void Puller::take(const Delivered& message) {
  if (message.status() != 0) {
    if (message.status() != 100) end_pull();
    return;
  }
  // AK-03 has nine tokens, AK-04 two more in front of the stream's name.
  const bool names_node = std::count(message.reply.begin(), message.reply.end(), '.') > 8;
  const std::uint64_t seq = number(token(message.reply, names_node ? 7 : 5));
  if (!message.reply.starts_with("$JS.ACK.") || seq == 0) {
    return around_.checkers.fail('e', consumer_key_ + " delivered with reply " + message.reply);
  }
  if (!within_bounds(message, number(token(message.reply, names_node ? 6 : 4)))) return;
  if (around_.lie == Lie::eat_delivery && around_.random.chance(10)) {
    return client_.publish(message.reply, "", "", "+ACK");
  }
  const Stored stored{seq, message.subject, message.payload};
  around_.checkers.read(key_, stored);
  around_.checkers.delivered(key_, consumer_key_, stored);
  acknowledge(message.reply, stored);
  if (open_ == 0 || --open_ == 0) end_pull();
}

void Puller::acknowledge(const std::string& reply, const Stored& message) {
  const std::uint64_t way = calm_ ? 0 : around_.random.below(10);
  if (way < 7) around_.checkers.ack_sent(consumer_key_, message.seq);
  if (way < 5) {
    const std::uint64_t sent = around_.checkers.history().now();
    client_.request(reply, "", "+ACK", seconds(10),
                    [this, message, sent](const std::optional<Delivered>& answer) {
                      if (answer && answer->status() == 0) {
                        around_.checkers.double_acked(key_, consumer_key_, message, sent);
                      }
                    });
  } else if (way < 7) {
    client_.publish(reply, "", "", "+ACK");
  } else if (way < 8) {
    client_.publish(reply, "", "", "-NAK");
  }
}

Talker::Talker(Node::Surroundings around, Client& client, std::vector<std::string> others)
    : around_(around), client_(client), others_(std::move(others)) {
  const std::string mine = "core." + client.node().name() + ".";
  client_.subscribe(mine + "*", "", [this, mine](const Delivered& message) {
    around_.checkers.core_delivered(client_.name(), mine, message.subject, message.payload);
  });
  // All members of the group are one receiver: a message reaches at most one of them.
  client_.subscribe("core.shared.*", "group", [this](const Delivered& message) {
    around_.checkers.core_delivered("group", "core.shared.", message.subject, message.payload);
  });
}

void Talker::step() {
  if (calm_ || !client_.ready()) return;
  std::string subject = "core.shared.";
  if (around_.random.chance(60)) subject = "core." + around_.random.pick(others_) + ".";
  subject += std::to_string(around_.random.below(3));
  client_.publish(subject, "", "", subject + " " + client_.name() + "-" + std::to_string(count_++));
}

}  // namespace frond::sim
