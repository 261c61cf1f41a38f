#include "named_vote.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace mailpod::daemon {
namespace {

using governance::Charter;
using governance::Complaint;
using governance::Errc;
using governance::Poll;
using governance::Vote;

constexpr std::size_t fewest_digits = 16;  // as `vote list` prints

}  // namespace

governance::Verdict<Poll> named_vote(const nlohmann::json& shown, std::string_view name) {
  if (name.size() < fewest_digits)
    return Complaint{
        Errc::vote_unknown, std::string(name), 0, "is too short for the vote of a ballot",
        fmt::format("write {} of its digits at least: fewer could be made to fit another vote", fewest_digits)};
  const auto text = shown.at("text").get<std::string>();
  auto vote = governance::parse_vote(text, "the vote");
  if (!vote.has_value()) return vote.error();
  Poll poll;
  poll.vote = std::move(*vote);
  poll.identity = governance::identity(text);
  const auto identity = base::hex(base::octets(poll.identity));
  if (!identity.starts_with(name))
    return Complaint{Errc::vote_unknown, std::string(name), 0,
                     fmt::format("the pod shows another vote instead, {}, \"{}\"", identity, poll.vote.title),
                     "sign nothing; ask others what they are shown, and look into a copy of the ledger"};
  poll.rules.method = shown.at("choice") == "ranking" ? Charter::Method::schulze : Charter::Method::approval;
  return poll;
}

std::string question_of(const Poll& poll) {
  const Vote& vote = poll.vote;
  std::string out = fmt::format("vote     {}\ntitle    {}\n", base::hex(base::octets(poll.identity)), vote.title);
  if (vote.amendment)
    out += fmt::format("asks     whether charter {} may be the next\n", base::hex(base::octets(*vote.amendment)));
  if (vote.member) out += fmt::format("asks     whether member {} may be expelled\n", vote.member->str());
  if (vote.kind != Vote::Kind::election) return out;
  out += fmt::format("asks     who shall be maintainer, {} at most\n", vote.seats);
  for (const auto& candidate : vote.candidates)
    out += fmt::format("         {}  {}\n", candidate.option, candidate.name);
  return out;
}

}  // namespace mailpod::daemon
