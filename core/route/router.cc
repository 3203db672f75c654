#include "route/router.h"

#include "route/delivery.h"
#include "route/interest.h"
#include "route/request_subjects.h"
#include "route/subscriptions.h"

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

namespace frond::route {
namespace {

/// A publish from inside a delivery, with its own copy of everything.
struct Queued {
  std::string subject, reply, header, payload, target;
  std::vector<std::string> queues;
  const Sink* from;
  bool echo;
  bool answer;
};

}  // namespace

struct Router::Impl {
  explicit Impl(Entropy& entropy) : delivery(entropy) {}

  Subscriptions subscriptions;
  Interest interest;
  InterestListener* listener = nullptr;
  Delivery delivery;
  bool delivering = false;
  std::deque<Queued> queue;

  SubscriptionId announce(const Entry& entry) {
    const SubscriptionId id = entry.id;
    const SinkKind kind = entry.sink->kind();
    const std::uint64_t total = interest.add(entry.subject, entry.queue, kind, entry.weight);
    if (listener != nullptr) {
      // The entry may be gone afterwards: tell with copies.
      const std::string subject = entry.subject;
      const std::string queue_name = entry.queue;
      listener->interest_changed(subject, queue_name, kind, total);
    }
    return id;
  }

  void remove(Entry& entry) {
    const SinkKind kind = entry.sink->kind();
    const std::uint64_t left = interest.remove(entry.subject, entry.queue, kind, entry.weight);
    // The entry may be gone afterwards: tell with copies.
    const std::string subject = entry.subject;
    const std::string queue_name = entry.queue;
    subscriptions.remove(entry);
    if (listener != nullptr) {
      listener->interest_changed(subject, queue_name, kind, left);
    }
  }

  void enqueue(const Publication& publication);
  void run_queue();
  std::size_t deliver(const Publication& publication) {
    const Match& match = subscriptions.match(publication.target);
    // Clients and links publish out of their own buffers, which nothing here changes.
    const bool may_vanish = publication.from == nullptr && match.stored;
    return may_vanish ? deliver_copy(match, publication) : delivery.run(match, publication);
  }
  std::size_t deliver_copy(const Match& match, const Publication& publication);
};

void Router::Impl::enqueue(const Publication& publication) {
  const base::Message& message = publication.message;
  Queued& queued = queue.emplace_back(Queued{std::string(message.subject),
                                             std::string(message.reply),
                                             std::string(message.header),
                                             std::string(message.payload),
                                             std::string(publication.target),
                                             {},
                                             publication.from,
                                             publication.echo,
                                             publication.answer});
  queued.queues.assign(publication.queues.begin(), publication.queues.end());
}

/// What the node sends may be a view of a stored message, and a stream that takes it too appends to
/// the very memory: the message is put aside first, for the stream and for all who hear it after.
std::size_t Router::Impl::deliver_copy(const Match& match, const Publication& publication) {
  const base::Message& message = publication.message;
  const std::string bytes = std::string(message.subject)
                                .append(message.reply)
                                .append(message.header)
                                .append(message.payload);
  std::size_t at = 0;
  const auto next = [&](std::string_view part) {
    const std::string_view copy = std::string_view(bytes).substr(at, part.size());
    at += part.size();
    return copy;
  };
  base::Message copy;
  copy.subject = next(message.subject);
  copy.reply = next(message.reply);
  copy.header = next(message.header);
  copy.payload = next(message.payload);
  return delivery.run(match, {.message = copy,
                              .target = publication.target,
                              .from = publication.from,
                              .echo = publication.echo,
                              .answer = publication.answer,
                              .queues = publication.queues});
}

void Router::Impl::run_queue() {
  while (!queue.empty()) {
    // Stays in the queue while it is delivered, so that remove_sink() finds its publisher.
    const Queued& queued = queue.front();
    const base::Message message{queued.subject, queued.reply, queued.header, queued.payload};
    const std::vector<std::string_view> queues(queued.queues.begin(), queued.queues.end());
    deliver({.message = message,
             .target = queued.target,
             .from = queued.from,
             .echo = queued.echo,
             .answer = queued.answer,
             .queues = queues});
    queue.pop_front();
  }
}

Router::Router(Entropy& entropy) : impl_(std::make_unique<Impl>(entropy)) {}
Router::~Router() = default;

SubscriptionId Router::subscribe(Sink& sink, std::string_view subject, std::string_view queue,
                                 std::string_view sid, std::uint32_t weight) {
  return impl_->announce(impl_->subscriptions.add(sink, subject, queue, sid, weight));
}

SubscriptionId Router::subscribe_alone(Sink& sink, std::string_view subject) {
  return impl_->announce(impl_->subscriptions.add(sink, subject, {}, {}, 1, true));
}

void Router::set_weight(SubscriptionId id, std::uint32_t weight) {
  Entry* entry = impl_->subscriptions.find(id);
  if (entry == nullptr || entry->weight == weight) {
    return;
  }
  // Added before removed, so that the interest is not forgotten in between.
  const SinkKind kind = entry->sink->kind();
  impl_->interest.add(entry->subject, entry->queue, kind, weight);
  const std::uint64_t total =
      impl_->interest.remove(entry->subject, entry->queue, kind, entry->weight);
  entry->weight = weight;
  if (impl_->listener != nullptr) {
    impl_->listener->interest_changed(entry->subject, entry->queue, kind, total);
  }
}

void Router::unsubscribe(SubscriptionId id) {
  if (Entry* entry = impl_->subscriptions.find(id)) {
    impl_->remove(*entry);
  }
}

void Router::remove_sink(const Sink& sink) {
  while (!impl_->subscriptions.of(sink).empty()) {
    impl_->remove(*impl_->subscriptions.of(sink).back());
  }
  impl_->delivery.forget(sink);
  for (Queued& queued : impl_->queue) {
    if (queued.from == &sink) {
      queued.from = nullptr;
    }
  }
}

std::size_t Router::publish(const Publication& publication) {
  if (impl_->delivering) {
    impl_->enqueue(publication);
    return (publication.answer ? reach(publication.target) != base::Reach::nobody
                               : has_interest(publication.target))
               ? 1
               : 0;
  }
  impl_->delivering = true;
  impl_->subscriptions.enter();
  const std::size_t count = impl_->deliver(publication);
  if (!impl_->queue.empty()) {
    impl_->run_queue();
  }
  impl_->subscriptions.leave();
  impl_->delivering = false;
  return count;
}

bool Router::deliver_to(const Sink& sink, std::string_view target, const base::Message& message) {
  const std::vector<Entry*>& local = impl_->subscriptions.match(target).local;
  const auto own = std::find_if(local.begin(), local.end(), [&sink](const Entry* entry) {
    return entry->sink == &sink && !entry->removed;
  });
  if (own == local.end()) {
    return false;
  }
  // As in a delivery: the sink may unsubscribe when this was its last message.
  const Entry& entry = **own;
  if (!impl_->delivering) {
    impl_->subscriptions.enter();
  }
  entry.sink->deliver(entry, message, target);
  if (!impl_->delivering) {
    impl_->subscriptions.leave();
  }
  return true;
}

const Sink* Router::publisher() const { return impl_->delivery.publisher(); }

bool Router::has_interest(std::string_view subject) const {
  return !impl_->subscriptions.match(subject).empty();
}

base::Reach Router::reach(std::string_view subject) const {
  const Match& match = impl_->subscriptions.match(subject);
  bool any = false;
  bool ready = false;
  const auto look = [&](const Entry* entry) {
    if (entry->sink->takes_answers()) {
      any = true;
      ready = ready || (!entry->removed && entry->sink->has_room());
    }
  };
  std::ranges::for_each(match.local, look);
  const bool may_cross =
      (match.links.empty() && match.groups.empty()) || !is_request_subject(subject);
  for (const Match::Link& link : match.links) {
    any = any || may_cross;
    ready = ready || (may_cross && link.sink->has_room());
  }
  for (const Match::Group& group : match.groups) {
    std::ranges::for_each(group.local, look);
    if (may_cross) {
      std::ranges::for_each(group.links, look);
    }
  }
  return ready ? base::Reach::ready : any ? base::Reach::full : base::Reach::nobody;
}

bool Router::has_reader(std::string_view subject) const {
  const Match& match = impl_->subscriptions.match(subject);
  const auto reads = [](const Entry* entry) {
    return entry->sink->takes_answers() && !entry->sink->stores();
  };
  if (std::ranges::any_of(match.local, reads)) {
    return true;
  }
  const bool crosses = !is_request_subject(subject);
  return (crosses && !match.links.empty()) ||
         std::ranges::any_of(match.groups, [&](const Match::Group& group) {
           return std::ranges::any_of(group.local, reads) || (crosses && !group.links.empty());
         });
}

bool Router::has_interest_beside(std::string_view subject, SinkKind kind) const {
  const Match& match = impl_->subscriptions.match(subject);
  const auto other = [kind](const Entry* entry) { return entry->sink->kind() != kind; };
  return std::any_of(match.local.begin(), match.local.end(), other) ||
         std::any_of(match.links.begin(), match.links.end(),
                     [kind](const Match::Link& link) { return link.sink->kind() != kind; }) ||
         std::any_of(match.groups.begin(), match.groups.end(), [&](const Match::Group& group) {
           return std::any_of(group.local.begin(), group.local.end(), other) ||
                  std::any_of(group.links.begin(), group.links.end(), other);
         });
}

std::size_t Router::subscription_count() const { return impl_->subscriptions.size(); }

void Router::each_interest(
    SinkKind except,
    const std::function<void(std::string_view, std::string_view, std::uint64_t)>& visit) const {
  impl_->interest.each(except, visit);
}

void Router::set_interest_listener(InterestListener* listener) { impl_->listener = listener; }

}  // namespace frond::route
