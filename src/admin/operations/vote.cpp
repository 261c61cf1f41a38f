#include <algorithm>

#include <fmt/format.h>

#include <mailpod/admin/vote_json.hpp>

#include "../arguments.hpp"
#include "../operation.hpp"

namespace mailpod::admin {
namespace {

using governance::Complaint;
using governance::Errc;
using governance::Hash;
using governance::Verdict;

constexpr std::size_t fewest_digits = 8;

/// The vote named under `vote`: by its identity, or the beginning of it.
Verdict<Hash> vote_argument(const governance::Roster& roster, const json& arguments) {
  const auto& given = text_argument(arguments, "vote");
  if (given.size() < fewest_digits)
    return Complaint{Errc::vote_unknown, given, 0, "is too short for the name of a vote",
                     fmt::format("write {} of its digits at least", fewest_digits)};
  std::optional<Hash> found;
  for (const auto& [id, vote] : roster.votes()) {
    if (!base::hex(base::octets(id)).starts_with(given)) continue;
    if (found)
      return Complaint{Errc::vote_unknown, given, 0, "is how several votes' names begin", "write more of its digits"};
    found = id;
  }
  if (found) return *found;
  return Complaint{Errc::vote_unknown, given, 0, "there is no such vote", "`mailpod vote list` shows them"};
}

/// What is said of one vote once something was recorded.
json recorded(const Premises& premises, const Hash& id) {
  premises.directory.remember(premises.registry.tally());
  return vote_json(premises.registry.gate().roster()->votes().at(id), premises.clock.now());
}

}  // namespace

Answer vote_open(const Premises& premises, const json& arguments) {
  const auto opened = premises.registry.record_vote(file_argument(arguments, "opening"), premises.clock.now());
  if (!opened.has_value()) return opened.error();
  return recorded(premises, *opened);
}

/// The answer is the voter's receipt: which leaf of the ledger the ballot is.
Answer vote_cast(const Premises& premises, const json& arguments) {
  const auto file = file_argument(arguments, "ballot");
  const auto vote = premises.registry.record_ballot(file, premises.clock.now());
  if (!vote.has_value()) return vote.error();
  premises.directory.remember(premises.registry.tally());
  return json{{"vote", base::hex(base::octets(*vote))},
              {"ballot", base::hex(base::octets(governance::identity(file.octets)))},
              {"leaf", premises.registry.tally().count}};
}

Answer vote_settle(const Premises& premises, const json&) {
  const auto settled = premises.registry.settle_votes(premises.clock.now());
  if (!settled.has_value()) return settled.error();
  if (*settled != 0) premises.directory.remember(premises.registry.tally());
  return json{{"decided", *settled}};
}

/// Enters the result, if the vote is over; nobody can before, and nobody needs to ask for it.
Answer vote_close(const Premises& premises, const json& arguments) {
  auto settled = vote_settle(premises, json::object());
  if (settled.refusal) return settled;
  const auto roster = premises.registry.gate().roster();
  const auto id = vote_argument(*roster, arguments);
  if (!id.has_value()) return id.error();
  const auto& vote = roster->votes().at(*id);
  auto shown = vote_json(vote, premises.clock.now());
  if (vote.decided) return shown;
  return Complaint{Errc::vote_not_over, shown.at("vote").get<std::string>(), 0, "the vote is still open",
                   "it closes at " + shown.at("closes").get<std::string>() + ", whoever asks"};
}

Answer vote_list(const Premises& premises, const json&) {
  const auto roster = premises.registry.gate().roster();
  std::vector<const governance::RecordedVote*> all;
  for (const auto& [id, vote] : roster->votes()) all.push_back(&vote);
  std::ranges::sort(all, {}, [](const auto* vote) { return std::pair(vote->poll->opened, vote->poll->identity); });
  json out = json::array();
  for (const auto* vote : all) out.push_back(vote_json(*vote, premises.clock.now()));
  return json{{"votes", std::move(out)}};
}

/// With the octets that opened it.
Answer vote_show(const Premises& premises, const json& arguments) {
  const auto roster = premises.registry.gate().roster();
  const auto id = vote_argument(*roster, arguments);
  if (!id.has_value()) return id.error();
  const auto& vote = roster->votes().at(*id);
  auto out = vote_json(vote, premises.clock.now());
  out["pod"] = vote.poll->vote.pod;
  out["text"] = governance::write_vote(vote.poll->vote);
  return out;
}

}  // namespace mailpod::admin
