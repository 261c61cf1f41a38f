#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailpod::daemon {

/// The command line as a value: what help, manual and completions are written from, so that none can differ.
struct CommandTree {
  struct Option {
    std::vector<std::string> names;  ///< `--pod`; a positional one has one, without dashes
    std::string help;
    std::string fallback;     ///< what it is if not given; may be empty
    std::string environment;  ///< the variable that says it too; may be empty
    bool takes_value = false;
    bool required = false;
    bool repeatable = false;

    bool positional() const { return !names.front().starts_with('-'); }
  };

  std::string name;
  std::string help;
  std::vector<Option> options;
  std::vector<CommandTree> commands;
};

/// What is wrong with arguments whose words lead nowhere, for a person; nothing if each word is a command where one is
/// asked for. `arguments` without the program's name.
std::optional<std::string> unknown_command(const CommandTree& tree, const std::vector<std::string>& arguments);

}  // namespace mailpod::daemon
