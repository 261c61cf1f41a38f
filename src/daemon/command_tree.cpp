#include "command_tree.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace mailpod::daemon {
namespace {

/// How many octets must be changed, put in or taken out to make `from` into `to`.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (const char letter : from) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < to.size(); ++j) {
      const auto replaced = diagonal + (letter == to[j] ? 0U : 1U);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

std::string suggestion(const CommandTree& tree, std::string_view path, std::string_view word) {
  if (word.size() > 64) return {};
  const auto nearest = std::ranges::min_element(
      tree.commands, {}, [&](const CommandTree& command) { return distance(word, command.name); });
  const bool near = nearest != tree.commands.end() && distance(word, nearest->name) <= 2;
  return near ? fmt::format(" did you mean `{} {}`?", path, nearest->name) : "";
}

}  // namespace

std::optional<std::string> unknown_command(const CommandTree& tree, const std::vector<std::string>& arguments) {
  // Options of those above may stand anywhere.
  std::vector<const CommandTree*> way{&tree};
  std::string path = tree.name;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto& word = arguments[i];
    if (word.starts_with('-')) {
      for (const auto* command : way) {
        const auto named = std::ranges::find_if(command->options, [&](const CommandTree::Option& option) {
          return std::ranges::find(option.names, word) != option.names.end();
        });
        if (named == command->options.end()) continue;
        if (named->takes_value) ++i;
        break;
      }
      continue;
    }
    const auto& commands = way.back()->commands;
    if (commands.empty()) return std::nullopt;
    const auto found = std::ranges::find(commands, word, &CommandTree::name);
    if (found == commands.end())
      return fmt::format("there is no command `{} {}`;{} `{} --help` shows all", path, word.substr(0, 64),
                         suggestion(*way.back(), path, word), path);
    way.push_back(&*found);
    path += " " + word;
  }
  if (way.back()->commands.empty()) return std::nullopt;
  return fmt::format("`{}` wants one more word; `{} --help` shows which", path, path);
}

}  // namespace mailpod::daemon
