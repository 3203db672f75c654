#pragma once
// The program's arguments: nats-server's flags with one dash or two. Flags win over the
// configuration file. Used by main only.

#include "server/conf/settings.h"

#include <stdexcept>
#include <string>
#include <vector>

namespace frond::server {

/// What the arguments ask main to do.
enum class CommandAction {
  run,
  show_help,
  show_version,
  check_config,  ///< -t: the settings have been read without an error.
};

struct Command {
  CommandAction action = CommandAction::run;
  Settings settings;
};

/// A wrong flag; the text is what nats-server says after its own name.
class CommandError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// `arguments` without the program's name. Throws CommandError or ConfError.
Command parse_command_line(const std::vector<std::string>& arguments);

/// The text of -h.
std::string command_help();
/// The text of -v, with the version of this server.
std::string command_version();

}  // namespace frond::server
