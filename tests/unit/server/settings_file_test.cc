#include "server/conf/settings_file.h"

#include "settings_reading.h"

#include <chrono>

using namespace frond;
using namespace frond::server;

TEST_CASE("the file the official JavaScript suite writes") {
  const Settings s = read(
      "port: -1\nhost: 127.0.0.1\nhttp: 127.0.0.1:-1\nports_file_dir: /tmp\n"
      "leafnodes {\n listen: 127.0.0.1:-1\n}\nserver_tags [\n x:y\n]\n"
      "jetstream {\n max_file_store: 1048576\n max_mem_store: 1048576\n store_dir: /tmp/js\n}\n"
      "websocket {\n port: -1\n no_tls: true\n}\n");
  CHECK(s.clients.port == 0);
  CHECK(s.clients.host == "127.0.0.1");
  REQUIRE(s.monitoring);
  CHECK(s.monitoring->host == "127.0.0.1");
  CHECK(s.monitoring->port == 0);
  REQUIRE(s.leafs);
  CHECK(s.leafs->port == 0);
  REQUIRE(s.websocket);
  CHECK(s.websocket->port == 0);
  CHECK(s.engine.jetstream);
  CHECK(s.store_dir == "/tmp/js");
  CHECK(s.engine.storage_bytes_max == 1048576);
  CHECK(s.engine.memory_bytes_max == 1048576);
  CHECK(s.sync.always());
  CHECK(s.warnings.empty());
}

TEST_CASE("users, their permissions and the defaults for those who have none") {
  const Settings s = read(R"(
    authorization {
      default_permissions { publish: "d.>", subscribe { deny: ["e.>"] } }
      timeout: 0.5
      users = [
        { user: a, password: "x", permissions { publish { allow: ["p.>", "q"], deny: "p.no" }, subscribe: "s" } }
        { user: b, pass: "1234" }
      ]
    })");
  REQUIRE(s.engine.users.size() == 2);
  const User& a = s.engine.users[0];
  CHECK(a.publish.allow == std::vector<std::string>{"p.>", "q"});
  CHECK(a.publish.deny == std::vector<std::string>{"p.no"});
  CHECK(a.subscribe.allow == std::vector<std::string>{"s"});
  const User& b = s.engine.users[1];
  CHECK(b.password == "1234");
  CHECK(b.publish.allow == std::vector<std::string>{"d.>"});
  CHECK(b.subscribe.deny == std::vector<std::string>{"e.>"});
  CHECK(s.engine.auth_timeout == std::chrono::milliseconds(500));
}

TEST_CASE("users with an nkey have neither name nor password") {
  const std::string key = "UDF6XWFONQ3OX2LUZB7642R72E7INWV5YXVG6S2ITDHXVAPQVB7346WG";
  const auto users = [](const std::string& list) {
    return "authorization { users [" + list + "] }";
  };
  const Settings s = read(users("{nkey: " + key + ", permissions: {publish: a}}"));
  REQUIRE(s.engine.users.size() == 1);
  CHECK(s.engine.users[0].nkey == key);
  CHECK(s.engine.users[0].publish.allow == std::vector<std::string>{"a"});
  CHECK(error_of(users("{nkey: UDF6X}")).ends_with("Not a valid public nkey for a user"));
  CHECK(error_of(users("{nkey: " + key + ", user: a}"))
            .ends_with("Nkey users do not take usernames or passwords"));
  CHECK(error_of(users("{nkey: " + key + "}, {nkey: " + key + "}"))
            .ends_with("Duplicate nkey \"" + key + "\" detected"));
  CHECK(error_of(users("{password: a}")).ends_with("User entry requires a user"));
  CHECK(error_of("leafnodes { port: 1, authorization { users [{nkey: " + key + "}] } }")
            .ends_with("nkey users of leafs are not supported"));
  CHECK(read(users("{nkey: " + key + "}") + "\nno_auth_user: " + key).engine.no_auth_user == key);
}

TEST_CASE("allow_responses: yes, no, or how many and how long") {
  const Settings s = read(R"(
    authorization {
      users = [
        { user: a, permissions { allow_responses: true } }
        { user: b, permissions { allow_responses: false } }
        { user: c, permissions { publish: "p", allow_responses: { max: 5, expires: "1m" } } }
        { user: d, permissions { allow_responses: { max: -1, ttl: "0s" } } }
      ]
    })");
  REQUIRE(s.engine.users.size() == 4);
  REQUIRE(s.engine.users[0].responses);
  CHECK(s.engine.users[0].responses->messages_max == 1);
  CHECK(s.engine.users[0].responses->expires == std::chrono::minutes(2));
  CHECK_FALSE(s.engine.users[1].responses);
  REQUIRE(s.engine.users[2].responses);
  CHECK(s.engine.users[2].responses->messages_max == 5);
  CHECK(s.engine.users[2].responses->expires == std::chrono::minutes(1));
  REQUIRE(s.engine.users[3].responses);
  CHECK(s.engine.users[3].responses->messages_max == -1);
  CHECK(s.engine.users[3].responses->expires == std::chrono::minutes(2));
}

TEST_CASE("lame duck times") {
  CHECK(read("port: 1").lame_duck.duration == std::chrono::minutes(2));
  CHECK(read("port: 1").lame_duck.grace == std::chrono::seconds(10));
  const Settings s = read("lame_duck_duration: 40s\nlame_duck_grace_period: \"3s\"");
  CHECK(s.lame_duck.duration == std::chrono::seconds(40));
  CHECK(s.lame_duck.grace == std::chrono::seconds(3));
  CHECK(error_of("lame_duck_duration: 20s")
            .ends_with("invalid lame_duck_duration of 20s, minimum is 30 seconds"));
}

TEST_CASE("one user, a token, or one account's users") {
  const Settings single = read("authorization { user: u, password: p }");
  REQUIRE(single.engine.users.size() == 1);
  CHECK(single.engine.users[0].name == "u");
  CHECK(read("authorization { token: t }").engine.token == "t");
  const Settings account =
      read("accounts { A { jetstream: enabled, users [{user: u, password: p}] } }");
  REQUIRE(account.engine.users.size() == 1);
}

TEST_CASE("numbers, sizes and durations") {
  const Settings s = read(
      "max_payload: 8MB\nmax_pending: 16MB\nmax_control_line: 2KB\nping_interval: "
      "\"30s\"\nping_max: 3\n"
      "write_deadline: 2m\njetstream { sync_interval: \"10s\", max_file: \"1GB\", domain: hub }\n");
  CHECK(s.engine.payload_bytes_max == 8u * 1024 * 1024);
  CHECK(s.engine.pending_bytes_max == 16u * 1024 * 1024);
  CHECK(s.engine.control_line_bytes_max == 2048);
  CHECK(s.engine.ping_interval == std::chrono::seconds(30));
  CHECK(s.engine.pings_out_max == 3);
  CHECK(s.write_deadline == std::chrono::minutes(2));
  CHECK(s.sync.interval == std::chrono::seconds(10));
  CHECK(s.engine.storage_bytes_max == std::int64_t{1} << 30);
  CHECK(s.engine.domain == "hub");
  CHECK(read("jetstream { sync_interval: always }").sync.always());
  CHECK(read("ping_interval: 20").engine.ping_interval == std::chrono::seconds(20));
}

TEST_CASE("jetstream may be a word") {
  CHECK(read("jetstream: enabled").engine.jetstream);
  CHECK(read("jetstream: true").engine.jetstream);
  CHECK_FALSE(read("jetstream: disabled").engine.jetstream);
  CHECK_FALSE(read("jetstream { enabled: false }").engine.jetstream);
}

TEST_CASE("leafs that join, and the hub we join") {
  const Settings s = read(
      "leafnodes { listen: \"0.0.0.0:7422\", authorization { user: l, password: p }\n"
      " remotes [ { url: \"ws://dev:secret@hub.example:8080\", domain: hub } ] }");
  REQUIRE(s.leafs);
  CHECK(s.leafs->port == 7422);
  REQUIRE(s.engine.leaf_users.size() == 1);
  REQUIRE(s.engine.hub);
  CHECK(s.engine.hub->url == "ws://hub.example:8080");
  CHECK(s.engine.hub->user == "dev");
  CHECK(s.engine.hub->password == "secret");
  CHECK(s.engine.hub->domain == "hub");
  CHECK_FALSE(read("leafnodes { remotes [ { url: \"nats-leaf://h:1\" } ] }").leafs);
}

TEST_CASE("what is unknown or not done here is refused with its line") {
  CHECK(error_of("port: 1\nfoo: 2") == "x.conf:2: unknown field \"foo\"");
  CHECK(error_of("jetstream { bar: 1 }") == "x.conf:1: unknown field \"bar\"");
  CHECK(error_of("tls { cert_file: x }") == "x.conf:1: \"tls\" is not supported");
  CHECK(error_of("cluster { name: c }") == "x.conf:1: \"cluster\" is not supported");
  CHECK(error_of("operator: x.jwt") == "x.conf:1: \"operator\" is not supported");
  CHECK(error_of("\nwebsocket { port: 80 }").starts_with("x.conf:2: websocket needs \"no_tls"));
  CHECK(error_of("accounts { A { users [] }, B { users [] } }").find("several accounts") !=
        std::string::npos);
  CHECK(error_of("authorization { users [ { nkey: U } ] }").find("nkey") != std::string::npos);
  CHECK(error_of("port: 70000") == "x.conf:1: \"port\" must be a port");
  CHECK(error_of("listen: nonsense") ==
        "x.conf:1: \"listen\" could not parse address string \"nonsense\"");
  CHECK(error_of("ping_interval: soon").find("duration") != std::string::npos);
}

TEST_CASE("a key that is a variable need not be known, ignored keys give a warning") {
  CHECK(read("MY_PORT: 4321\nport: $MY_PORT").clients.port == 4321);
  const Settings s = read("\n\njetstream { strict: true }");
  REQUIRE(s.warnings.size() == 1);
  CHECK(s.warnings[0] == "x.conf:3: jetstream \"strict\" is ignored");
}

TEST_CASE("a configuration that says nothing does not open the server") {
  CHECK(error_of("") == "x.conf:1: config has no values or is empty");
  CHECK(error_of("# authorization { user: a, password: b }\n") ==
        "x.conf:1: config has no values or is empty");
}
