#include "vote_words.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "../terminal.hpp"

namespace mailpod::daemon {
namespace {

using nlohmann::json;

std::string text(const json& vote, const char* key) {
  return vote.at(key).get<std::string>();
}

/// `open until …`, `over since …`, `passed`, `failed`
std::string state_of(const json& vote) {
  const auto state = text(vote, "state");
  if (state == "open") return "open until " + text(vote, "closes");
  if (state == "over") return "over since " + text(vote, "closes");
  return vote.at("result").at("passed").get<bool>() ? "passed" : "failed";
}

void say_candidates(const json& vote) {
  say("seats    {}, until {}\n", vote.at("seats").get<std::uint32_t>(), text(vote, "term_to"));
  for (const auto& candidate : vote.at("candidates"))
    say("         {}  {}  {}\n", text(candidate, "option"), text(candidate, "name"), text(candidate, "key"));
}

void say_result(const json& vote) {
  const auto& result = vote.at("result");
  say("counted  {}, one of each voter; the quorum is {}\n", result.at("counted").get<std::uint64_t>(),
      result.at("quorum").get<bool>() ? "reached" : "missed");
  for (const auto& option : result.at("options"))
    say("  {:>6} {}{}\n", option.at("votes").get<std::uint32_t>(), text(option, "option"),
        option.at("elected").get<bool>() ? "  elected" : "");
  say("result   {}\n", result.at("passed").get<bool>() ? "passed" : "failed");
}

}  // namespace

void say_vote_line(const json& vote) {
  say("{}  {:9}  {}  {}\n", text(vote, "vote").substr(0, 16), text(vote, "kind"), state_of(vote), text(vote, "title"));
}

void say_vote(const json& vote) {
  say("vote     {}\ntitle    {}\nkind     {}\nopened   {} under charter {}\ncloses   {}\n", text(vote, "vote"),
      text(vote, "title"), text(vote, "kind"), text(vote, "opened"), vote.at("charter").get<std::uint64_t>(),
      text(vote, "closes"));
  if (vote.contains("amendment")) say("charter  {}\n", text(vote, "amendment"));
  if (vote.contains("member")) say("member   {}\n", text(vote, "member"));
  if (vote.contains("candidates")) say_candidates(vote);
  say("members  {}, of whom {} have a citizen key\nballots  {}\n", vote.at("members").get<std::uint64_t>(),
      vote.at("voters").get<std::uint64_t>(), vote.at("cast").get<std::uint64_t>());
  if (!vote.at("result").is_null()) say_result(vote);
}

}  // namespace mailpod::daemon
