#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "command_tree.hpp"

/// Manual pages and completions, written from what the program itself has: its commands, its settings, and the text of
/// docs/charter-format.md, which is built in.
namespace mailpod::daemon {

/// The names of all pages, as they are installed.
std::vector<std::string_view> manual_pages();
/// One of them; nothing if there is none of that name.
std::optional<std::string> manual_page(std::string_view name, const CommandTree& tree);

/// man(7), bash, zsh and fish.
std::string write_command_manual(const CommandTree& tree);
std::string write_settings_manual();
std::string write_charter_manual(std::string_view markdown);
std::string write_bash_completion(const CommandTree& tree);
std::string write_zsh_completion(const CommandTree& tree);
std::string write_fish_completion(const CommandTree& tree);

/// Text as man(7) takes it: nothing in it is a request or an escape.
std::string roff(std::string_view text);

}  // namespace mailpod::daemon
