#include "sync/forward_flights.h"

#include <algorithm>
#include <utility>

namespace frond::sync {

void ForwardFlights::sent(StreamSeq sequence, std::string id, std::size_t bytes, Instant now) {
  Flight& flight = flights_[sequence];
  leave(flight);
  flight.id = std::move(id);
  flight.bytes = bytes;
  flight.sent = now;
  flight.repeated = flight.first_sent.has_value();
  flight.first_sent = flight.first_sent.value_or(now);
  enter(flight, State::waiting);
}

void ForwardFlights::settle(StreamSeq sequence, std::optional<HubPlace> place) {
  Flight& flight = flights_[sequence];
  flight.place = std::move(place);
  if (flight.place && flight.place->id.empty()) {
    flight.place->id = std::move(flight.id);
  }
  change(flight, State::settled);
}

void ForwardFlights::send_again(StreamSeq sequence) { change(flights_[sequence], State::again); }

void ForwardFlights::send_anew(StreamSeq sequence) {
  Flight& flight = flights_[sequence];
  change(flight, State::again);
  flight.first_sent.reset();
  flight.repeated = false;
}

void ForwardFlights::send_waiting_again() {
  for (auto& [sequence, flight] : flights_) {
    if (flight.state == State::waiting) {
      change(flight, State::again);
    }
  }
}

std::optional<SettledFlight> ForwardFlights::take_settled(StreamSeq end) {
  if (flights_.empty() || flights_.begin()->first >= end ||
      flights_.begin()->second.state != State::settled) {
    return std::nullopt;
  }
  auto first = flights_.extract(flights_.begin());
  leave(first.mapped());
  return SettledFlight{first.key(), std::move(first.mapped().place)};
}

std::optional<StreamSeq> ForwardFlights::first_again(StreamSeq from) const {
  const auto found =
      std::find_if(flights_.lower_bound(from), flights_.end(),
                   [](const auto& entry) { return entry.second.state == State::again; });
  return found == flights_.end() ? std::nullopt : std::optional(found->first);
}

Instant ForwardFlights::oldest_sent() const {
  Instant oldest = kNever;
  for (const auto& [sequence, flight] : flights_) {
    if (flight.state == State::waiting) {
      oldest = std::min(oldest, flight.sent);
    }
  }
  return oldest;
}

bool ForwardFlights::all_first_sent_after(Instant since) const {
  return std::ranges::all_of(flights_, [since](const auto& entry) {
    const Flight& flight = entry.second;
    return flight.state != State::waiting || (flight.first_sent && *flight.first_sent > since);
  });
}

bool ForwardFlights::sent_once(StreamSeq sequence) const {
  const auto found = flights_.find(sequence);
  return found != flights_.end() && found->second.first_sent && !found->second.repeated;
}

bool ForwardFlights::is(StreamSeq sequence, State state) const {
  const auto found = flights_.find(sequence);
  return found != flights_.end() && found->second.state == state;
}

void ForwardFlights::leave(const Flight& flight) {
  if (flight.state == State::waiting) {
    --waiting_;
    waiting_bytes_ -= flight.bytes;
  } else if (flight.state == State::settled) {
    --settled_;
  }
}

void ForwardFlights::enter(Flight& flight, State state) {
  flight.state = state;
  if (state == State::waiting) {
    ++waiting_;
    waiting_bytes_ += flight.bytes;
  } else if (state == State::settled) {
    ++settled_;
  }
}

}  // namespace frond::sync
