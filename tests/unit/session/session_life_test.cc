// Time passes, the client is slow, the session ends.
#include "unit/session/session_rig.h"

using namespace frond;
using namespace frond::session;
using namespace std::chrono_literals;

TEST_CASE_METHOD(Fixture, "session: pings, and the stale connection (CP-15)") {
  auto a = client();
  CHECK(a->next_deadline() >= now + 2s);
  CHECK(a->next_deadline() < now + 2400ms);
  now = a->next_deadline();
  a->tick(now);
  CHECK(a->output().take() == "PING\r\n");
  now += 5ms;
  send(*a, "PONG\r\n");
  CHECK(a->round_trip() == 5ms);

  // Traffic stands for a pong.
  now = a->next_deadline() - 1s;
  send(*a, "PING\r\n");
  now += 1s;
  a->tick(now);
  CHECK(a->output().take().empty());
  now = a->next_deadline();
  a->tick(now);
  CHECK(a->output().take() == "PING\r\n");
  now = a->next_deadline();
  a->tick(now);
  CHECK(a->output().take() == "PING\r\n");
  now = a->next_deadline();
  a->tick(now);
  CHECK(a->output().take() == "-ERR 'Stale Connection'\r\n");
  CHECK(a->output().close_reason() == "Stale Connection");
}

TEST_CASE_METHOD(Fixture, "session: deliveries do not keep a connection alive") {
  config.ping_interval = 10s;
  auto dead = client();
  auto busy = client();
  send(*dead, "SUB s 1\r\n");
  for (int i = 0; i < 100 && !dead->closing(); ++i) {
    now += 1s;
    send(*busy, "PUB s 1\r\nx\r\n");
    dead->tick(now);
  }
  CHECK(dead->output().close_reason() == "Stale Connection");
  CHECK(now < start_time + 40s);
}

TEST_CASE_METHOD(Fixture, "session: slow consumers are cut off (CP-17)") {
  config.pending_bytes_max = 1000;
  auto slow = client();
  auto fast = client();
  slow->sent(10'000);  // What the handshake wrote.
  send(*slow, "SUB s 1\r\n");
  const std::string publish = "PUB s 100\r\n" + std::string(100, 'x') + "\r\n";
  std::string got;
  for (int i = 0; i < 5; ++i) {
    send(*fast, publish);
    const std::string bytes = slow->output().take();
    slow->sent(bytes.size());
    got += bytes;
  }
  CHECK_FALSE(slow->closing());
  std::size_t handed_over = 0;
  for (int i = 0; i < 200 && !slow->closing(); ++i) {
    send(*fast, publish);
    handed_over += slow->output().take().size();
  }
  CHECK(slow->output().close_reason() == "Slow Consumer (Pending Bytes)");
  CHECK(slow->output().take().empty());
  send(*fast, publish);
  CHECK(slow->output().take().empty());
}

TEST_CASE_METHOD(Fixture, "session: a session that goes takes its subscriptions along") {
  auto a = client();
  send(*a, "SUB s 1\r\nSUB s.* q 2\r\n");
  CHECK(router.subscription_count() == 2);
  a.reset();
  CHECK(router.subscription_count() == 0);
  CHECK(dirty.take().empty());
}

TEST_CASE_METHOD(Fixture, "session: announces changes to clients that can take it (CP-19, CP-20)") {
  auto modern = client("\"protocol\":1");
  auto old = client();
  auto unconnected = open();
  unconnected->output().take();
  node.lame_duck = true;
  modern->announce();
  old->announce();
  unconnected->announce();
  CHECK(info_of(modern->output().take())["ldm"] == true);
  CHECK(old->output().take().empty());
  CHECK(unconnected->output().take().empty());
}

TEST_CASE_METHOD(Fixture, "session: what it tells connz") {
  auto a = client();
  send(*a, "SUB s q 7\r\n");
  std::string seen;
  a->each_subscription(
      [&seen](std::string_view subject, std::string_view queue, std::string_view sid) {
        seen = std::string(subject) + "/" + std::string(queue) + "/" + std::string(sid);
      });
  CHECK(seen == "s/q/7");
  CHECK(a->started() == start_time);
  CHECK(a->info().address == "10.1.2.3");
}
