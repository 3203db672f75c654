// Checks of a publish that meet in one message: each counts, whatever the others say.
#include "rig.h"

using namespace frond;
using frond::test::Rig;

TEST_CASE("PB-05 PB-06: expected sequences are each checked, also side by side") {
  Rig rig;
  stream::Stream& s = rig.make(R"({"name":"S","subjects":["s.*"]})");
  rig.publish(s, "s.a", "1");
  rig.publish(s, "s.b", "2");
  const std::string last = "Nats-Expected-Last-Sequence: ";
  const std::string subject = "Nats-Expected-Last-Subject-Sequence: ";
  const std::string whose = "\r\nNats-Expected-Last-Subject-Sequence-Subject: ";
  const auto why = [&](const std::string& headers) {
    const stream::ApiError error = rig.publish(s, "s.a", "x", headers).error;
    CHECK((!error || error.err_code == 10071));
    return error.description;
  };
  CHECK(why(last + "1") == "wrong last sequence: 2");
  CHECK(why(subject + "2") == "wrong last sequence: 1");
  CHECK(why(subject + "1\r\n" + last + "1") == "wrong last sequence: 2");
  CHECK(why(last + "1\r\n" + subject + "1") == "wrong last sequence: 2");
  CHECK(why(subject + "2\r\n" + last + "2") == "wrong last sequence: 1");
  CHECK(why(subject + "1" + whose + "s.b\r\n" + last + "2") == "wrong last sequence: 2");
  CHECK(why(subject + "2" + whose + "s.b\r\n" + last + "1") == "wrong last sequence: 2");
  CHECK(s.state().messages == 2);
  CHECK(why(subject + "2" + whose + "s.b\r\n" + last + "2").empty());
  CHECK(why(subject + "3\r\n" + last + "3").empty());
  CHECK(s.state().messages == 4);
}

TEST_CASE("PB-11: discard new, where a message takes the place of an older one of its subject") {
  Rig rig(GENERATE(true, false));
  const auto why = [&](stream::Stream& s, std::string_view subject, std::string_view payload) {
    return rig.publish(s, subject, payload).error;
  };
  stream::Stream& s = rig.make(
      R"({"name":"S","subjects":["s.*"],"max_msgs_per_subject":1,"max_bytes":100,"discard":"new"})");
  const auto of = [](std::size_t bytes) { return std::string(bytes - 33, 'x'); };
  CHECK_FALSE(why(s, "s.a", of(42)));
  CHECK_FALSE(why(s, "s.b", of(48)));
  REQUIRE(s.state().bytes == 90);
  // nats-server's rule: only one that is no larger may take the place, room or not.
  CHECK(why(s, "s.a", of(44)).description == "maximum bytes exceeded");
  CHECK_FALSE(why(s, "s.a", of(42)));
  CHECK_FALSE(why(s, "s.b", of(40)));
  CHECK(s.state().bytes == 82);
  CHECK(s.state().messages == 2);
  CHECK(why(s, "s.c", of(40)).description == "maximum bytes exceeded");
  stream::Stream& t = rig.make(
      R"({"name":"T","subjects":["t.*"],"max_msgs_per_subject":1,"max_msgs":1,"discard":"new"})");
  CHECK_FALSE(why(t, "t.a", "x"));
  CHECK_FALSE(why(t, "t.a", "y"));
  CHECK(why(t, "t.b", "x").description == "maximum messages exceeded");
}
