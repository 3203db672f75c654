#include "route/router.h"

#include "base/assert.h"
#include "route/interest.h"
#include "route/subscriptions.h"

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

namespace frond::route {
namespace {

/// What one link gets of one message; the vectors are reused from message to message.
struct Forward {
  Sink* sink = nullptr;  ///< Null when the link was removed meanwhile.
  bool plain = false;
  std::vector<std::string_view> queues;
};

/// A publish from inside a delivery, with its own copy of everything.
struct Queued {
  std::string subject, reply, header, payload, target;
  std::vector<std::string> queues;
  const Sink* from;
  bool echo;
};

}  // namespace

struct Router::Impl {
  explicit Impl(Entropy& source) : entropy(source) {}

  Entropy& entropy;
  Subscriptions subscriptions;
  Interest interest;
  InterestListener* listener = nullptr;
  bool delivering = false;
  const Sink* publisher = nullptr;
  std::vector<Forward> forwards;
  std::size_t forward_count = 0;
  std::deque<Queued> queue;

  void remove(Entry& entry) {
    const SinkKind kind = entry.sink->kind();
    const std::uint32_t left = interest.remove(entry.subject, entry.queue, kind, entry.weight);
    // The entry may be gone afterwards: tell with copies.
    const std::string subject = entry.subject;
    const std::string queue_name = entry.queue;
    subscriptions.remove(entry);
    if (listener != nullptr) {
      listener->interest_changed(subject, queue_name, kind, left);
    }
  }

  std::size_t deliver(const Publication& publication);
  std::size_t deliver_local(const Match& match, const Publication& publication);
  std::size_t deliver_groups(const Match& match, const Publication& publication);
  std::size_t deliver_links(const Publication& publication);
  bool deliver_member(const Match::Group& group, const Publication& publication);
  void choose_link(const Match::Group& group, const Publication& publication);
  Forward& forward_to(Sink& sink);
  void enqueue(const Publication& publication);
  void run_queue();
};

namespace {

bool is_link(SinkKind kind) { return kind == SinkKind::leaf || kind == SinkKind::hub; }

/// An ack subject of the short form does not name the node that delivered (AK-03): on the other side
/// of a link a consumer of the same stream and name would take it for its own. So an ack that a
/// consumer here takes goes no further.
bool is_own_ack(const Match& match, std::string_view target) {
  return target.starts_with("$JS.ACK.") &&
         std::any_of(match.local.begin(), match.local.end(), [](const Entry* entry) {
           return !entry->removed && entry->sink->kind() == SinkKind::internal;
         });
}

/// A message never goes back over the link it came from. There is one hub at most, but between two
/// links to it (one being replaced) the rule holds as well.
bool may_forward(const Sink& link, const Sink* from) {
  if (from == nullptr) {
    return true;
  }
  return &link != from && !(link.kind() == SinkKind::hub && from->kind() == SinkKind::hub);
}

bool is_muted(const Entry& entry, const Publication& publication) {
  return entry.removed || (!publication.echo && entry.sink == publication.from);
}

}  // namespace

std::size_t Router::Impl::deliver(const Publication& publication) {
  const Match& match = subscriptions.match(publication.target);
  if (match.empty()) {
    return 0;
  }
  publisher = publication.from;
  forward_count = 0;
  std::size_t count = deliver_local(match, publication);
  const bool stays_here = is_own_ack(match, publication.target);
  for (const Match::Link& link : match.links) {
    const bool wanted = std::any_of(link.plain.begin(), link.plain.end(),
                                    [](const Entry* entry) { return !entry->removed; });
    if (wanted && !stays_here && may_forward(*link.sink, publication.from)) {
      forward_to(*link.sink).plain = true;
    }
  }
  count += deliver_groups(match, publication);
  count += deliver_links(publication);
  publisher = nullptr;
  return count;
}

std::size_t Router::Impl::deliver_local(const Match& match, const Publication& publication) {
  std::size_t count = 0;
  for (const Entry* entry : match.local) {
    if (!is_muted(*entry, publication)) {
      entry->sink->deliver(*entry, publication.message, publication.target);
      ++count;
    }
  }
  return count;
}

std::size_t Router::Impl::deliver_groups(const Match& match, const Publication& publication) {
  std::size_t count = 0;
  const bool from_link = publication.from != nullptr && is_link(publication.from->kind());
  for (const Match::Group& group : match.groups) {
    // Over a link the sender has chosen which groups we serve; the others it serves elsewhere.
    if (from_link && std::find(publication.queues.begin(), publication.queues.end(), group.name) ==
                         publication.queues.end()) {
      continue;
    }
    if (deliver_member(group, publication)) {
      ++count;
    } else {
      choose_link(group, publication);
    }
  }
  return count;
}

/// One local member, at random; the next one when that one has gone (SU-04).
bool Router::Impl::deliver_member(const Match::Group& group, const Publication& publication) {
  const std::size_t size = group.local.size();
  if (size == 0) {
    return false;
  }
  const std::size_t start = size == 1 ? 0 : static_cast<std::size_t>(entropy.next() % size);
  for (std::size_t i = 0; i < size; ++i) {
    const Entry& entry = *group.local[(start + i) % size];
    if (!is_muted(entry, publication)) {
      entry.sink->deliver(entry, publication.message, publication.target);
      return true;
    }
  }
  return false;
}

/// One link of a group without local members, at random by weight.
void Router::Impl::choose_link(const Match::Group& group, const Publication& publication) {
  std::uint64_t total = 0;
  for (const Entry* entry : group.links) {
    if (!entry->removed && may_forward(*entry->sink, publication.from)) {
      total += entry->weight;
    }
  }
  if (total == 0) {
    return;
  }
  std::uint64_t pick = entropy.next() % total;
  for (const Entry* entry : group.links) {
    if (entry->removed || !may_forward(*entry->sink, publication.from)) {
      continue;
    }
    if (pick < entry->weight) {
      forward_to(*entry->sink).queues.push_back(group.name);
      return;
    }
    pick -= entry->weight;
  }
}

std::size_t Router::Impl::deliver_links(const Publication& publication) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < forward_count; ++i) {
    const Forward& forward = forwards[i];
    if (forward.sink != nullptr && forward.sink->forward(publication.message, publication.target,
                                                         forward.plain, forward.queues)) {
      ++count;
    }
  }
  forward_count = 0;
  return count;
}

Forward& Router::Impl::forward_to(Sink& sink) {
  for (std::size_t i = 0; i < forward_count; ++i) {
    if (forwards[i].sink == &sink) {
      return forwards[i];
    }
  }
  if (forward_count == forwards.size()) {
    forwards.emplace_back();
  }
  Forward& forward = forwards[forward_count++];
  forward.sink = &sink;
  forward.plain = false;
  forward.queues.clear();
  return forward;
}

void Router::Impl::enqueue(const Publication& publication) {
  const base::Message& message = publication.message;
  Queued& queued = queue.emplace_back(Queued{std::string(message.subject),
                                             std::string(message.reply),
                                             std::string(message.header),
                                             std::string(message.payload),
                                             std::string(publication.target),
                                             {},
                                             publication.from,
                                             publication.echo});
  queued.queues.assign(publication.queues.begin(), publication.queues.end());
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
             .queues = queues});
    queue.pop_front();
  }
}

Router::Router(Entropy& entropy) : impl_(std::make_unique<Impl>(entropy)) {}
Router::~Router() = default;

SubscriptionId Router::subscribe(Sink& sink, std::string_view subject, std::string_view queue,
                                 std::string_view sid, std::uint32_t weight) {
  const Entry& entry = impl_->subscriptions.add(sink, subject, queue, sid, weight);
  const SubscriptionId id = entry.id;
  const SinkKind kind = sink.kind();
  const std::uint32_t total = impl_->interest.add(subject, queue, kind, weight);
  if (impl_->listener != nullptr) {
    impl_->listener->interest_changed(subject, queue, kind, total);
  }
  return id;
}

void Router::set_weight(SubscriptionId id, std::uint32_t weight) {
  Entry* entry = impl_->subscriptions.find(id);
  if (entry == nullptr || entry->weight == weight) {
    return;
  }
  // Added before removed, so that the interest is not forgotten in between.
  const SinkKind kind = entry->sink->kind();
  impl_->interest.add(entry->subject, entry->queue, kind, weight);
  const std::uint32_t total =
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
  for (Forward& forward : impl_->forwards) {
    if (forward.sink == &sink) {
      forward.sink = nullptr;
    }
  }
  for (Queued& queued : impl_->queue) {
    if (queued.from == &sink) {
      queued.from = nullptr;
    }
  }
  if (impl_->publisher == &sink) {
    impl_->publisher = nullptr;
  }
}

std::size_t Router::publish(const Publication& publication) {
  if (impl_->delivering) {
    impl_->enqueue(publication);
    return has_interest(publication.target) ? 1 : 0;
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

const Sink* Router::publisher() const { return impl_->publisher; }

bool Router::has_interest(std::string_view subject) const {
  return !impl_->subscriptions.match(subject).empty();
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
    const std::function<void(std::string_view, std::string_view, std::uint32_t)>& visit) const {
  impl_->interest.each(except, visit);
}

void Router::set_interest_listener(InterestListener* listener) { impl_->listener = listener; }

}  // namespace frond::route
