#include "server/conf/command_line.h"

#include "server/conf/parser.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

using namespace frond::server;

namespace {

std::string error_of(const std::vector<std::string>& arguments) {
  try {
    parse_command_line(arguments);
  } catch (const CommandError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("flags with one dash or two, with a space or an equals sign") {
  const Command c = parse_command_line({"-a", "127.0.0.1", "--port=4333", "-js", "-sd", "/tmp/x",
                                        "--name", "n1", "-m", "8222", "-DV", "--ws_port", "-1"});
  const Settings& s = c.settings;
  CHECK(c.action == CommandAction::run);
  CHECK(s.clients.host == "127.0.0.1");
  CHECK(s.clients.port == 4333);
  CHECK(s.engine.jetstream);
  CHECK(s.store_dir == "/tmp/x");
  CHECK(s.engine.name == "n1");
  REQUIRE(s.monitoring);
  CHECK(s.monitoring->host == "127.0.0.1");
  CHECK(s.monitoring->port == 8222);
  CHECK(s.debug);
  CHECK(s.trace);
  REQUIRE(s.websocket);
  CHECK(s.websocket->port == 0);
}

TEST_CASE("without -js there is no JetStream, and a switch can be set to false") {
  CHECK_FALSE(parse_command_line({}).settings.engine.jetstream);
  CHECK_FALSE(parse_command_line({"-js=false"}).settings.engine.jetstream);
  CHECK(parse_command_line({}).settings.clients.port == 4222);
}

TEST_CASE("user and password, or a token") {
  const Command c = parse_command_line({"-user", "ivan", "--pass", "pwd"});
  REQUIRE(c.settings.engine.users.size() == 1);
  CHECK(c.settings.engine.users[0].name == "ivan");
  CHECK(c.settings.engine.users[0].password == "pwd");
  CHECK(parse_command_line({"-auth", "tok"}).settings.engine.token == "tok");
  // nats-server would take the token and forget the user; here neither is forgotten silently.
  CHECK_THROWS_AS(parse_command_line({"-user", "ivan", "-auth", "tok"}), CommandError);
}

TEST_CASE("flags win over the configuration file, wherever they stand") {
  const auto file = std::filesystem::temp_directory_path() / "frond-flags.conf";
  std::ofstream(file) << "port: 5000\nhost: 10.0.0.1\nauthorization { token: t }\n";
  const Command c = parse_command_line({"-p", "6000", "-c", file.string(), "-user", "u"});
  CHECK(c.settings.clients.port == 6000);
  CHECK(c.settings.clients.host == "10.0.0.1");
  CHECK(c.settings.engine.token.empty());
  CHECK(parse_command_line({"-c", file.string()}).settings.engine.token == "t");
  CHECK(parse_command_line({"-t", "-c", file.string()}).action == CommandAction::check_config);
  std::ofstream(file) << "nonsense: 1\n";
  CHECK_THROWS_AS(parse_command_line({"-c", file.string()}), ConfError);
  std::filesystem::remove(file);
}

TEST_CASE("wrong flags are told as nats-server tells them") {
  CHECK(error_of({"--nope"}) == "flag provided but not defined: -nope");
  CHECK(error_of({"-p"}) == "flag needs an argument: -p");
  CHECK(error_of({"-p", "x"}) == "invalid value \"x\" for flag -p: parse error");
  CHECK(error_of({"serve"}) == "unrecognized command: \"serve\"");
  CHECK(error_of({"-t"}).find("--config") != std::string::npos);
}

TEST_CASE("help names every flag and version its server") {
  CHECK(parse_command_line({"-h"}).action == CommandAction::show_help);
  CHECK(parse_command_line({"version"}).action == CommandAction::show_version);
  for (const char* flag :
       {"--addr", "--store_dir", "-js", "--ws_port", "-DV", "--ports_file_dir"}) {
    CHECK(command_help().find(flag) != std::string::npos);
  }
  CHECK(command_version().starts_with("frond-server: v"));
}
