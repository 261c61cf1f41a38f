#include "strangers_settings.hpp"

#include "setting_kinds.hpp"

namespace mailpod::daemon {
namespace {

using Greylisting = delivery::StrangerRules::Greylisting;
using Reputation = delivery::StrangerRules::Reputation;

constexpr Choice<Greylisting> greylistings[] = {
    {"off", Greylisting::off}, {"unproved", Greylisting::unproved}, {"unknown", Greylisting::unknown}};
constexpr Choice<Reputation> reputations[] = {{"off", Reputation::off}, {"junk", Reputation::junk}};

Setting lists(std::string_view section, std::string_view name, std::string_view comment) {
  return {section,
          name,
          comment,
          Setting::Presence::optional,
          [](Configuration& into, const Value& value) -> std::optional<std::string> {
            constexpr std::string_view expected =
                "a list of at most 16 such as \"zen.example.org 4\" or \"list.example.org -2 127.0.1.0-127.0.1.9\"";
            const auto* given = std::get_if<std::vector<std::string>>(&value);
            if (given == nullptr || given->size() > 16) return std::string(expected);
            into.strangers.lists.clear();
            for (const std::string& text : *given) {
              const auto list = delivery::parse_block_list(text);
              if (!list) return std::string(expected);
              into.strangers.lists.push_back(*list);
            }
            return std::nullopt;
          },
          [](const Configuration& from) -> Value {
            std::vector<std::string> out;
            for (const auto& list : from.strangers.lists) out.push_back(delivery::write_block_list(list));
            return out;
          }};
}

}  // namespace

void add_strangers_settings(std::vector<Setting>& rows) {
  constexpr std::string_view section = "strangers";
  rows.push_back(choice(
      section, "greylisting", greylistings, [](auto& c) -> auto& { return c.strangers.greylisting; },
      "Whose first mail to somebody is put off (451) until it comes again: `off`, nobody's; `unproved`, of those for "
      "whom neither SPF nor DKIM shows any domain; `unknown`, of all whom nobody here knows."));
  rows.push_back(seconds(
      section, "greylist_delay_seconds", {1, 86'400}, [](auto& c) -> auto& { return c.strangers.delay; },
      "It must come again after that long …"));
  rows.push_back(seconds(
      section, "greylist_window_seconds", {3600, 30 * 86'400}, [](auto& c) -> auto& { return c.strangers.window; },
      "… and before that."));
  rows.push_back(seconds(
      section, "greylist_memory_seconds", {86'400, 365 * 86'400}, [](auto& c) -> auto& { return c.strangers.memory; },
      "Who has come again is not asked to for so long after their last mail."));
  rows.push_back(lists(section, "lists",
                       "Lists in DNS of addresses: zone, what being listed adds (negative: it speaks for the sender), "
                       "and which answers count, if not all. Each is told who sends to you."));
  rows.push_back(number(
      section, "junk_score", {0, 100}, [](auto& c) -> auto& { return c.strangers.junk_score; },
      "From this sum on a stranger's mail goes into Junk. 0: never."));
  rows.push_back(number(
      section, "refuse_score", {0, 100}, [](auto& c) -> auto& { return c.strangers.refuse_score; },
      "From this sum on it is refused (550). 0: never."));
  rows.push_back(choice(
      section, "reputation", reputations, [](auto& c) -> auto& { return c.strangers.reputation; },
      "What meets mail of a stranger whose domain, or network where no domain is shown, sent hardly anything but what "
      "was refused or set aside, in the last weeks: `junk` or `off`."));
}

}  // namespace mailpod::daemon
