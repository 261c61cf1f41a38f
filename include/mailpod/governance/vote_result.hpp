#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/governance/vote_count.hpp>

namespace mailpod::governance {

/// What a vote came to, as the record says it. Nobody signs it: it has exactly one text, which whoever has the record
/// computes. docs/votes.md, "Results".
struct VoteResult {
  std::string pod;
  std::uint64_t charter = 1;  ///< seq of the charter that the vote was opened under
  Hash vote{};                ///< identity of the file that opened it
  std::uint64_t members = 0;  ///< what the quorum is of
  std::uint64_t voters = 0;   ///< of them, those with a citizen key
  std::uint64_t ballots = 0;  ///< valid ones that were cast, those that were replaced included
  std::uint64_t counted = 0;  ///< one of each voter
  bool quorum = false;
  bool passed = false;
  std::uint32_t seats = 0;               ///< election: how many there were to fill; else 0
  std::vector<Outcome::Option> options;  ///< yes, no; or candidates from the best to the worst
  friend bool operator==(const VoteResult&, const VoteResult&) = default;
};

/// Of an outcome of `ballots` valid ballots.
VoteResult result_of(const Poll& poll, const Outcome& outcome, std::uint64_t ballots);

/// parse_vote_result(write_vote_result(r)) == r, and a result has no other octets than these.
std::string write_vote_result(const VoteResult& result);
Verdict<VoteResult> parse_vote_result(std::string_view octets, std::string_view file_name);

}  // namespace mailpod::governance
