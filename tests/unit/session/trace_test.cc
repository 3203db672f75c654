#include "unit/session/session_rig.h"

using namespace frond;
using frond::session::Fixture;

TEST_CASE_METHOD(Fixture, "session: a message to be traced only is not delivered (TR-04)") {
  auto a = client();
  auto b = client();
  send(*b, "SUB a 1\r\n");
  send(*a, "SUB _INBOX.a 5\r\n");
  const std::string traced = "NATS/1.0\r\nNats-Trace-Dest: t\r\nNats-Trace-Only: true\r\n\r\n";
  const auto sizes = std::to_string(traced.size()) + " " + std::to_string(traced.size());
  CHECK(send(*a, "HPUB a _INBOX.a " + sizes + "\r\n" + traced + "\r\n").empty());
  CHECK(b->output().take().empty());
  CHECK(send(*a, "HPUB none _INBOX.a " + sizes + "\r\n" + traced + "\r\n")
            .starts_with("HMSG _INBOX.a 5 "));
}
