#include <mailpod/admin/vote_json.hpp>

#include <nlohmann/json.hpp>

#include "person_json.hpp"

namespace mailpod::admin {
namespace {

using governance::Charter;
using governance::Vote;

const char* name_of(Vote::Kind kind) {
  switch (kind) {
    case Vote::Kind::election:
      return "election";
    case Vote::Kind::amendment:
      return "amendment";
    case Vote::Kind::expulsion:
      return "expulsion";
  }
  return "unknown";
}

/// What a ballot must say.
const char* choice_of(const governance::Poll& poll) {
  if (poll.vote.kind != Vote::Kind::election) return "answer";
  return poll.rules.method == Charter::Method::approval ? "approve" : "ranking";
}

json candidates_json(const Vote& vote) {
  json out = json::array();
  for (const auto& candidate : vote.candidates) {
    json one{{"option", candidate.option}, {"name", candidate.name}, {"key", candidate.key.str()}};
    if (candidate.member) one["member"] = candidate.member->str();
    out.push_back(std::move(one));
  }
  return out;
}

json result_json(const governance::VoteResult& result) {
  json out{{"counted", result.counted}, {"quorum", result.quorum}, {"passed", result.passed}};
  for (const auto& option : result.options)
    out["options"].push_back({{"option", option.name}, {"votes", option.votes}, {"elected", option.elected}});
  return out;
}

}  // namespace

json vote_json(const governance::RecordedVote& vote, base::Time now) {
  const auto& poll = *vote.poll;
  const Vote& asked = poll.vote;
  json out{{"vote", base::hex(base::octets(poll.identity))},
           {"kind", name_of(asked.kind)},
           {"title", asked.title},
           {"charter", asked.charter},
           {"opened", time_text(poll.opened)},
           {"closes", time_text(asked.closes)},
           {"state", vote.decided         ? "decided"
                     : now < asked.closes ? "open"
                                          : "over"},
           {"choice", choice_of(poll)},
           {"members", poll.members},
           {"voters", poll.voters.size()},
           {"cast", vote.cast},
           {"result", vote.result ? result_json(*vote.result) : json()}};
  if (asked.amendment) out["amendment"] = base::hex(base::octets(*asked.amendment));
  if (asked.member) out["member"] = asked.member->str();
  if (asked.kind == Vote::Kind::election) {
    out["seats"] = asked.seats;
    out["term_to"] = time_text(*asked.term_to);
    out["candidates"] = candidates_json(asked);
  }
  if (vote.decided) out["decided"] = time_text(*vote.decided);
  return out;
}

}  // namespace mailpod::admin
