#include "sync/forward/forward_flights.h"

#include <algorithm>
#include <utility>

namespace frond::sync {

void ForwardFlights::sent(StreamSeq sequence, std::string id, std::size_t bytes, Instant now) {
  Flight& flight = flights_[sequence];
  leave(sequence, flight);
  flight.id = std::move(id);
  flight.bytes = bytes;
  flight.sent = now;
  flight.blind = false;
  flight.repeated = flight.first_sent.has_value();
  flight.first_sent = flight.first_sent.value_or(now);
  enter(sequence, flight, State::waiting);
  by_age_.push_back({sequence, now});
  trim_by_age();
}

void ForwardFlights::settle(StreamSeq sequence, std::optional<HubPlace> place) {
  Flight& flight = flights_[sequence];
  flight.place = std::move(place);
  if (flight.place && flight.place->id.empty()) {
    flight.place->id = std::move(flight.id);
  }
  change(sequence, State::settled);
}

void ForwardFlights::send_again(StreamSeq sequence) { change(sequence, State::again); }

void ForwardFlights::send_anew(StreamSeq sequence) {
  change(sequence, State::again);
  Flight& flight = flights_[sequence];
  flight.first_sent.reset();
  flight.repeated = false;
}

void ForwardFlights::send_unknown_again(bool blind) {
  for (auto& [sequence, flight] : flights_) {
    if (flight.state == State::waiting || flight.state == State::unsure) {
      leave(sequence, flight);
      enter(sequence, flight, State::again);
      flight.blind = blind;
    }
  }
  trim_by_age();
}

void ForwardFlights::doubt_blind() {
  for (auto& [sequence, flight] : flights_) {
    if (flight.state == State::again && std::exchange(flight.blind, false)) {
      leave(sequence, flight);
      enter(sequence, flight, State::unsure);
    }
  }
}

std::optional<SettledFlight> ForwardFlights::take_settled(StreamSeq end) {
  if (flights_.empty() || flights_.begin()->first >= end ||
      flights_.begin()->second.state != State::settled) {
    return std::nullopt;
  }
  auto first = flights_.extract(flights_.begin());
  leave(first.key(), first.mapped());
  return SettledFlight{first.key(), std::move(first.mapped().place)};
}

std::optional<StreamSeq> ForwardFlights::first_again(StreamSeq from) const {
  const auto found = again_.lower_bound(from);
  return found == again_.end() ? std::nullopt : std::optional(*found);
}

void ForwardFlights::trim_by_age() {
  const auto waits_still = [this](const Oldest& one) {
    const auto found = flights_.find(one.sequence);
    return found != flights_.end() && found->second.state == State::waiting &&
           found->second.sent == one.sent;
  };
  while (!by_age_.empty() && !waits_still(by_age_.front())) {
    by_age_.pop_front();
  }
}

bool ForwardFlights::all_first_sent_after(Instant since) const {
  return std::ranges::all_of(flights_, [since](const auto& entry) {
    const Flight& flight = entry.second;
    const bool unknown = flight.state == State::waiting || flight.state == State::unsure;
    return !unknown || (flight.first_sent && *flight.first_sent > since);
  });
}

std::optional<Instant> ForwardFlights::sent_once_at(StreamSeq sequence) const {
  const auto found = flights_.find(sequence);
  const bool once = found != flights_.end() && found->second.first_sent && !found->second.repeated;
  return once ? found->second.first_sent : std::nullopt;
}

bool ForwardFlights::stored(StreamSeq sequence) const {
  const auto found = flights_.find(sequence);
  return found != flights_.end() && found->second.state == State::settled && found->second.place;
}

std::vector<StreamSeq> ForwardFlights::from_last() const {
  std::vector<StreamSeq> all;
  for (auto at = flights_.rbegin(); at != flights_.rend(); ++at) {
    all.push_back(at->first);
  }
  return all;
}

std::vector<StreamSeq> ForwardFlights::unknown() const {
  std::vector<StreamSeq> all;
  for (const auto& [sequence, flight] : flights_) {
    if (flight.state == State::waiting || flight.state == State::unsure) {
      all.push_back(sequence);
    }
  }
  return all;
}

std::string ForwardFlights::id_of(StreamSeq sequence) const {
  const auto found = flights_.find(sequence);
  return found == flights_.end() ? std::string() : found->second.id;
}

bool ForwardFlights::is(StreamSeq sequence, State state) const {
  const auto found = flights_.find(sequence);
  return found != flights_.end() && found->second.state == state;
}

void ForwardFlights::change(StreamSeq sequence, State state) {
  Flight& flight = flights_[sequence];
  leave(sequence, flight);
  enter(sequence, flight, state);
  trim_by_age();
}

void ForwardFlights::leave(StreamSeq sequence, const Flight& flight) {
  switch (flight.state) {
    case State::waiting:
      --waiting_;
      waiting_bytes_ -= flight.bytes;
      break;
    case State::unsure:
      --unsure_;
      break;
    case State::settled:
      --settled_;
      break;
    case State::again:
      again_.erase(sequence);
      break;
    case State::left_out:
      break;
  }
}

void ForwardFlights::enter(StreamSeq sequence, Flight& flight, State state) {
  flight.state = state;
  switch (state) {
    case State::waiting:
      ++waiting_;
      waiting_bytes_ += flight.bytes;
      break;
    case State::unsure:
      ++unsure_;
      break;
    case State::settled:
      ++settled_;
      break;
    case State::again:
      again_.insert(sequence);
      break;
    case State::left_out:
      break;
  }
}

}  // namespace frond::sync
