// frond-server: reads flags and configuration, then runs the host until a signal ends it.

#include "server/conf/command_line.h"
#include "server/disk/descriptors.h"
#include "server/host/engine_host.h"

#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  using namespace frond::server;
  const std::string program = argc > 0 ? argv[0] : "frond-server";
  const std::string name = std::filesystem::path(program).filename().string();
  try {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    Command command = parse_command_line(arguments);
    switch (command.action) {
      case CommandAction::show_help:
        std::cout << command_help();
        return 0;
      case CommandAction::show_version:
        std::cout << command_version() << '\n';
        return 0;
      case CommandAction::check_config:
        for (const std::string& warning : command.settings.warnings) {
          std::cerr << name << ": " << warning << '\n';
        }
        std::cerr << name << ": configuration file " << command.settings.config_file
                  << " is valid\n";
        return 0;
      case CommandAction::run:
        break;
    }
    raise_descriptor_limit();
    const auto reread = [&arguments] { return parse_command_line(arguments).settings; };
    EngineHost(std::move(command.settings), program, reread).run();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << name << ": " << error.what() << '\n';
    return 1;
  }
}
