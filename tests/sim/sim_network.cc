#include "sim/sim_network.h"

#include <algorithm>
#include <utility>

namespace frond::sim {

Link::Link(Scheduler& scheduler, Random& random, Trace& trace, std::string name, Quality quality)
    : scheduler_(scheduler),
      random_(random),
      trace_(trace),
      name_(std::move(name)),
      quality_(quality) {}

void Link::attach(Side side, End value) { end(side) = std::move(value); }

void Link::tamper(Side from, std::function<void(std::string&)> change) {
  tamper_[static_cast<std::size_t>(from)] = std::move(change);
}

void Link::open(Duration delay) {
  scheduler_.after(delay, [self = shared_from_this()] {
    if (self->ended_) return;
    self->open_ = true;
    self->trace_.event(self->name_, "open");
    for (const Side side : {Side::right, Side::left}) {
      if (!self->ended_ && self->listens(side)) self->end(side).opened();
    }
  });
}

void Link::write(Side from, std::string bytes) {
  if (bytes.empty() || ended_ || !listens(from)) return;
  if (silent_) {
    // The kernel still takes some bytes of a dead connection; nobody gets them.
    const std::uint64_t taken = bytes.size();
    if (random_.chance(50)) {
      scheduler_.after(quality_.delay_min, [self = shared_from_this(), from, taken] {
        if (self->listens(from)) self->end(from).written(taken);
      });
    }
    return;
  }
  if (auto& change = tamper_[static_cast<std::size_t>(from)]) change(bytes);
  Way& way = toward(other(from));
  std::string_view rest = bytes;
  while (!rest.empty()) {
    std::size_t length = rest.size();
    if (length > 1 && random_.chance(quality_.split_percent)) {
      length = 1 + static_cast<std::size_t>(random_.below(length - 1));
    }
    way.last_due = std::max(
        way.last_due, scheduler_.now() + random_.duration(quality_.delay_min, quality_.delay_max));
    way.flight.emplace_back(rest.substr(0, length));
    way.bytes += length;
    rest.remove_prefix(length);
    scheduler_.at(way.last_due,
                  [self = shared_from_this(), to = other(from)] { self->arrive(to); });
  }
}

void Link::arrive(Side to) {
  Way& way = toward(to);
  if (way.flight.empty()) return;  // Lost by a cut.
  const std::string bytes = std::move(way.flight.front());
  way.flight.pop_front();
  way.bytes -= bytes.size();
  const auto self = shared_from_this();
  if (listens(to)) {
    trace_.event(name_, to == Side::left ? "<<" : ">>", bytes);
    end(to).bytes(bytes);
  }
  if (listens(other(to))) end(other(to)).written(bytes.size());
}

void Link::tell_closed(Side side, Instant when, std::string cause) {
  scheduler_.at(when, [self = shared_from_this(), side, cause = std::move(cause)] {
    if (!std::exchange(self->listens(side), false)) return;
    self->trace_.event(self->name_, side == Side::left ? "closed left" : "closed right", cause);
    self->end(side).closed(cause);
  });
}

void Link::close(Side from, std::string_view cause) {
  if (!std::exchange(listens(from), false) || ended_) return;
  trace_.event(name_, from == Side::left ? "left closes" : "right closes", cause);
  if (silent_) return;
  const Side to = other(from);
  toward(from).flight.clear();
  toward(from).bytes = 0;
  const Instant when = std::max(toward(to).last_due, scheduler_.now() + quality_.delay_min);
  tell_closed(to, when, "Connection closed by the other side");
}

void Link::truncate(Way& way) {
  std::uint64_t keep = random_.below(way.bytes + 1);
  std::deque<std::string> kept;
  for (std::string& piece : way.flight) {
    if (keep == 0) break;
    if (piece.size() > keep) piece.resize(static_cast<std::size_t>(keep));
    keep -= piece.size();
    kept.push_back(std::move(piece));
  }
  way.flight = std::move(kept);
  way.bytes = 0;
  for (const std::string& piece : way.flight) way.bytes += piece.size();
}

void Link::cut(std::string_view cause) {
  if (std::exchange(ended_, true)) return;
  trace_.event(name_, "cut", cause);
  for (const Side side : {Side::left, Side::right}) {
    Way& way = toward(side);
    truncate(way);
    const Instant when = std::max(way.last_due, scheduler_.now()) +
                         random_.duration(Duration{0}, std::chrono::seconds(2));
    tell_closed(side, when, std::string(cause));
  }
}

void Link::silence() {
  if (ended_ || std::exchange(silent_, true)) return;
  trace_.event(name_, "silent");
  for (Way& way : ways_) truncate(way);
}

void Link::abandon(Side side) { listens(side) = false; }

}  // namespace frond::sim
