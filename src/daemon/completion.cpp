#include <algorithm>

#include <fmt/format.h>

#include "manual.hpp"

namespace mailpod::daemon {
namespace {

/// Each command that can stand, by the words that lead to it, joined by `/`; the options of those above go along.
struct Stop {
  std::string path;
  std::vector<std::string> words;  ///< what may come next
  const CommandTree* command;
};

void walk(const CommandTree& tree, const std::string& path, const std::vector<std::string>& from_above,
          std::vector<Stop>& stops) {
  auto options = from_above;
  for (const auto& option : tree.options) {
    if (!option.positional()) options.insert(options.end(), option.names.begin(), option.names.end());
  }
  auto words = options;
  for (const auto& command : tree.commands) words.push_back(command.name);
  stops.push_back({path, words, &tree});
  for (const auto& command : tree.commands)
    walk(command, path.empty() ? command.name : path + "/" + command.name, options, stops);
}

std::vector<Stop> stops_of(const CommandTree& tree) {
  std::vector<Stop> stops;
  walk(tree, "", {}, stops);
  return stops;
}

/// In single quotes of a shell.
std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char octet : text) out += octet == '\'' ? std::string("'\\''") : std::string(1, octet);
  return out + "'";
}

/// A shell function that puts into `words_so_far` the commands among the words before the cursor, and the candidates
/// for each of them.
std::string cases(const CommandTree& tree) {
  std::string out;
  for (const auto& stop : stops_of(tree)) {
    const std::string pattern = stop.path.empty() ? "''" : stop.path;
    out +=
        fmt::format("    {}) candidates={} ;;\n", pattern, shell_quoted(fmt::format("{}", fmt::join(stop.words, " "))));
  }
  return out;
}

/// Whether a word leads on from a path.
std::string steps(const CommandTree& tree) {
  std::string out;
  for (const auto& stop : stops_of(tree)) {
    if (!stop.path.empty()) out += fmt::format(" {} ", stop.path);
  }
  return out;
}

}  // namespace

std::string write_bash_completion(const CommandTree& tree) {
  return fmt::format(
      "# bash completion of mailpod\n"
      "_mailpod() {{\n"
      "  local path='' word candidates=''\n"
      "  local known={}\n"
      "  for word in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do\n"
      "    [[ $known == *\" ${{path:+$path/}}$word \"* ]] && path=\"${{path:+$path/}}$word\"\n"
      "  done\n"
      "  case $path in\n{}  esac\n"
      "  COMPREPLY=($(compgen -W \"$candidates\" -- \"${{COMP_WORDS[COMP_CWORD]}}\"))\n"
      "}}\n"
      "complete -o default -F _mailpod mailpod\n",
      shell_quoted(steps(tree)), cases(tree));
}

std::string write_zsh_completion(const CommandTree& tree) {
  return fmt::format(
      "#compdef mailpod\n"
      "_mailpod() {{\n"
      "  local way='' word candidates=''\n"
      "  local known={}\n"
      "  for word in ${{words[2,CURRENT-1]}}; do\n"
      "    [[ $known == *\" ${{way:+$way/}}$word \"* ]] && way=\"${{way:+$way/}}$word\"\n"
      "  done\n"
      "  case $way in\n{}  esac\n"
      "  compadd -- ${{=candidates}}\n"
      "  _files\n"
      "}}\n"
      "_mailpod \"$@\"\n",
      shell_quoted(steps(tree)), cases(tree));
}

std::string write_fish_completion(const CommandTree& tree) {
  std::string out = "# fish completion of mailpod\n";
  for (const auto& stop : stops_of(tree)) {
    std::string condition = "__fish_use_subcommand";
    if (!stop.path.empty()) {
      std::string words = stop.path;
      std::ranges::replace(words, '/', ' ');
      condition = "true";
      for (std::size_t at = 0; at < words.size();) {
        const auto end = std::min(words.find(' ', at), words.size());
        condition += "; and __fish_seen_subcommand_from " + words.substr(at, end - at);
        at = end + 1;
      }
    }
    for (const auto& command : stop.command->commands)
      out += fmt::format("complete -c mailpod -n {} -a {} -d {}\n", shell_quoted(condition), command.name,
                         shell_quoted(command.help));
    for (const auto& option : stop.command->options) {
      for (const auto& name : option.names) {
        if (!name.starts_with("--")) continue;
        const auto when = stop.path.empty() ? "true" : condition;
        out += fmt::format("complete -c mailpod -n {} -l {}{} -d {}\n", shell_quoted(when), name.substr(2),
                           option.takes_value ? " -r" : "", shell_quoted(option.help));
      }
    }
  }
  return out;
}

}  // namespace mailpod::daemon
