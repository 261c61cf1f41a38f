// Any octets as a ballot, as the opening of a vote and as its result. Each has only the octets that its writer makes;
// and a ballot that parses is counted, or rejected with a reason, in whichever vote it falls into.

#include <cstdint>
#include <cstdlib>

#include <mailpod/governance/vote_result.hpp>

using namespace mailpod::governance;

namespace {

/// Counted as if by a voter, whose signature nobody could make here: past it, all that a count does.
void count_in(const Vote& vote, const std::string& octets) {
  Poll poll;
  poll.vote = vote;
  poll.opened = vote.issued;
  for (const auto method : {Charter::Method::approval, Charter::Method::schulze}) {
    poll.rules.method = method;
    const ReceivedBallot received{{"ballot", octets, {}}, vote.issued};
    const auto outcome = count(poll, {&received, 1});
    if (outcome.rejected.size() != 1 || outcome.counted != 0) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string octets(reinterpret_cast<const char*>(data), size);
  if (const auto ballot = parse_ballot(octets, "ballot.toml")) {
    if (write_ballot(*ballot) != octets) std::abort();
  } else if (ballot.error().remedy.empty()) {
    std::abort();
  }
  if (const auto vote = parse_vote(octets, "vote.toml")) {
    if (write_vote(*vote) != octets) std::abort();
    count_in(*vote, octets);
  } else if (vote.error().remedy.empty()) {
    std::abort();
  }
  if (const auto result = parse_vote_result(octets, "result.toml")) {
    if (write_vote_result(*result) != octets) std::abort();
  } else if (result.error().remedy.empty()) {
    std::abort();
  }
  // As a command line may give it.
  if (const auto ranking = parse_ranking(octets); ranking && ranking_text(*ranking) != octets) std::abort();
  return 0;
}
