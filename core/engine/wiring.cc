#include "engine/wiring.h"

#include "base/limits.h"
#include "base/nuid.h"
#include "base/retry_pause.h"

#include <algorithm>
#include <utility>

namespace frond::engine {

namespace {

std::string make_loop_guard(Entropy& entropy) { return "$LDS." + base::random_name(entropy); }

Config with_identity(Config config, Entropy& entropy) {
  if (config.server_id.empty()) config.server_id = base::random_server_id(entropy);
  if (config.name.empty()) config.name = config.server_id;
  return config;
}

}  // namespace

Wiring::Wiring(Config given, Host lent, Now start)
    : config(with_identity(std::move(given), lent.entropy)),
      host(lent),
      clock(start),
      now(clock.now()),
      started(now),
      loop_guard(make_loop_guard(lent.entropy)),
      interest_fan(interest),
      router(host.entropy),
      outlet(router),
      endpoint(router),
      intake(router, Endpoint::Takes::storage),
      services(router, Endpoint::Takes::requests),
      gate(journal, outlet),
      streams(journal, host.files, host.entropy,
              {.storage_bytes_max = config.storage_bytes_max,
               .memory_bytes_max = config.memory_bytes_max},
              clock),
      consumers(streams,
                {journal, gate, outlet, host.entropy, clock, config.domain,
                 config.hub ? config.domain : std::string()},
                host.files),
      api({streams, consumers, gate, outlet, host.entropy, clock, *this},
          {.domain = config.domain,
           .server_name = config.name,
           .version = config.version,
           .memory_bytes_max = config.memory_bytes_max,
           .storage_bytes_max = config.storage_bytes_max}),
      bridge(router, endpoint, services, outbox, clock, now),
      dead_letters(streams),
      syncs({outlet, bridge, journal, gate, host.files, host.entropy, dead_letters, config.name,
             config.domain}),
      hub(
          config, router, interest, host.entropy, host.signer, outbox,
          [this] { return ConnectionId{next_dialled++}; }, loop_guard, clock, now),
      leafs({.config = config,
             .server_id = config.server_id,
             .router = router,
             .interest = interest,
             .entropy = host.entropy,
             .outbox = outbox,
             .loop_guard = loop_guard,
             .verifier = host.verifier,
             .checks_secrets = host.checks_secrets,
             .now = &now}),
      connections(config, router, host, outbox),
      holds(journal, gate, [this](ConnectionId connection) { return owns(connection); }),
      stream_endpoints(intake, gate, router, syncs, config.domain, now),
      consumer_endpoints(services, now),
      api_endpoints(services, outlet, api, now) {
  router.set_interest_listener(&interest_fan);
  bridge.join(hub, syncs);
  hub.set_synced(&bridge);
  hub.set_listener(&bridge);
  if (config.jetstream) {
    streams.set_listener(this);
    consumers.set_listener(&consumer_endpoints);
    interest_fan.tell(&consumers);
    report(streams.recover(now));
    // Recovered streams were created in another life: they listen to their subjects and sync again.
    for (stream::Stream* recovered : streams.all()) on_created(*recovered);
    report(consumers.recover(now));
    api_endpoints.open(config.domain);
  }
  finish();
}

Wiring::~Wiring() {
  // Parts unsubscribe while they are destroyed; nobody must be told of it any more.
  router.set_interest_listener(nullptr);
  streams.set_listener(nullptr);
  consumers.set_listener(nullptr);
  hub.set_listener(nullptr);
  hub.set_synced(nullptr);
}

void Wiring::advance(Now reading) {
  if (clock.advance(reading)) consumers.wall_clock_set();
  now = clock.now();
  connections.advance(now);
}

void Wiring::finish() {
  report(streams.drop_damaged());
  // What has become durable in this input goes up with it, and not at the next tick.
  if (!hub.behind(now)) syncs.tick(now);
  api.take_turn(now);
  consumers.pump(now);
  api.pump();
  flush_outputs();
  // Behind that, as a link that is lost while it is flushed may have something to write.
  if (now >= commit_at) {
    if (std::optional<CommitStorage> commit = journal.seal()) outbox.push(*std::move(commit));
  }
  holds.settle([this](ConnectionId connection, bool hold) { hold_reading(connection, hold); });
}

void Wiring::flush_outputs() {
  // Who ends takes its interest along, and the links have to tell that on.
  bool more = true;
  while (more) {
    more = connections.flush();
    more = leafs.flush() || more;
    more = hub.flush(now) || more;
  }
}

void Wiring::sent(ConnectionId connection, std::uint64_t bytes) {
  const bool room = connections.owns(connection) ? connections.sent(connection, bytes)
                    : hub.owns(connection)       ? hub.sent(connection, bytes, now)
                                                 : leafs.sent(connection, bytes);
  if (!room) return;
  consumers.room();
  api.wake();
  finish();
}

bool Wiring::owns(ConnectionId connection) const {
  return connections.owns(connection) || hub.owns(connection) || leafs.owns(connection);
}

void Wiring::hold_reading(ConnectionId connection, bool hold) {
  if (connections.owns(connection)) {
    connections.hold(connection, hold, now);
  } else if (hub.owns(connection)) {
    hub.hold(hold, now);
  } else {
    leafs.hold(connection, hold, now);
  }
  outbox.push(HoldReading{connection, hold});
}

void Wiring::commit_returned(Ticket ticket, std::string_view error) {
  api.wake();
  if (error.empty()) {
    commits_failed = 0;
    journal.completed(ticket);
    streams.durable(ticket, now);
    gate.release();
    return;
  }
  commit_at = now + base::retry_pause(++commits_failed, base::storage_retry_first,
                                      base::storage_retry_delay);
  const std::string blamed = journal.blamed(error);
  const Ticket last_lost = journal.failed(ticket);
  outbox.push(Notice{NoticeKind::storage_failed, std::string(error)});
  // The log is the truth: what was not written is forgotten by reading the files again, before
  // anyone is told, so that nobody reads what has been refused.
  streams.reload_unsaved(now);
  if (!blamed.empty()) streams.blame(blamed, now);
  consumers.commit_failed(now);
  gate.refuse(last_lost);
}

Instant Wiring::next_deadline() const {
  const bool commit_waits = journal.pending() && !journal.in_flight();
  const Instant sync_at = std::max(syncs.next_deadline(), hub.caught_up_at());
  return std::min({streams.next_deadline(), consumers.next_deadline(), api.next_deadline(), sync_at,
                   hub.next_deadline(), leafs.next_deadline(), connections.next_deadline(),
                   commit_waits ? commit_at : kNever});
}

void Wiring::report(const std::vector<stream::Quarantined>& damaged) {
  for (const stream::Quarantined& one : damaged) {
    outbox.push(Notice{NoticeKind::block_quarantined, one.path + ": " + one.reason});
  }
}

void Wiring::on_created(stream::Stream& stream) {
  // Sync first, so that the link already knows what it may announce when the subjects come.
  syncs.stream_created(stream, stream.directory(), now);
  stream_endpoints.add(stream);
  api.indexes().attach(stream);
}

stream::ApiError Wiring::check_update(const stream::Stream& stream,
                                      const stream::StreamConfig& after) {
  return consumers.check_stream_update(stream.config(), after);
}

void Wiring::on_updated(stream::Stream& stream, const stream::StreamConfig&) {
  syncs.stream_updated(stream, stream.directory(), now);
  stream_endpoints.update(stream);
  api.indexes().attach(stream);
}

void Wiring::on_deleted(stream::Stream& stream) {
  stream_endpoints.remove(stream);
  api.indexes().detach(stream);
  syncs.stream_deleted(stream);
  consumers.stream_deleted(stream, now);
}

}  // namespace frond::engine
