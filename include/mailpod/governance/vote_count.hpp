#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <mailpod/governance/ballot.hpp>
#include <mailpod/governance/counting.hpp>
#include <mailpod/governance/vote.hpp>

namespace mailpod::governance {

/// What was fixed when a vote was opened, and all that its count depends on beside the ballots.
struct Poll {
  struct Voter {
    MemberId member;
    crypto::minisign::PublicKey key;
    friend bool operator==(const Voter&, const Voter&) = default;
  };
  Vote vote;
  Hash identity{};              ///< of the file that opened it
  base::Time opened;            ///< when that was accepted
  Charter::Votes rules;         ///< of the charter then in force
  std::uint32_t threshold = 1;  ///< likewise: fewer maintainers than that could not act
  std::vector<Voter> voters;    ///< members with a citizen key, each once
  std::size_t members = 0;      ///< all members, those without a key included: what the quorum is of
};

/// Whether this version counts such a vote. Errors: bad_value, for sealed or secret ballots and transferable votes.
Verdict<void> can_be_counted(const Vote& vote, const Charter::Votes& rules, std::string_view file_name);

struct ReceivedBallot {
  SignedFile file;
  base::Time received;  ///< whole seconds
};

/// The ballot that a file is, if it is valid in this vote: received while it was open, signed once by a voter's key, of
/// this vote, with a choice that this vote asks for. Errors: ballot_late, not_a_voter, ballot_of_another_vote,
/// ballot_wrong_kind, those of signatures and of parse_ballot.
struct ValidBallot {
  Ballot ballot;
  MemberId voter;
  Hash identity{};
};
Verdict<ValidBallot> judge_ballot(const Poll& poll, const ReceivedBallot& received,
                                  const SignaturesSeen* seen = nullptr);
/// Whether the ballot makes a choice that this vote asks for, among the options that there are. Errors:
/// ballot_wrong_kind. Of the poll only vote and rules are looked at.
Verdict<void> check_choice(const Poll& poll, const Ballot& ballot, const std::string& file_name);
/// Of two ballots by one key: whether `a` counts. The one issued last; of those issued in the same second the one with
/// the smaller identity, so that the order in which they came says nothing.
bool counts_before(const ValidBallot& a, const ValidBallot& b);

/// A vote's result, and how it came about.
struct Outcome {
  struct Option {
    std::string name;         ///< a candidate's option, or `yes`, `no`
    std::uint32_t votes = 0;  ///< ballots that approve it, that rank it above `none`, or that give this answer
    bool elected = false;
    friend bool operator==(const Option&, const Option&) = default;
  };
  struct Rejected {
    std::string file;
    Hash identity{};
    Errc reason{};
    std::string why;
    friend bool operator==(const Rejected&, const Rejected&) = default;
  };
  std::size_t counted = 0;  ///< one ballot of each voter, abstentions included
  bool quorum = false;
  bool passed = false;             ///< a question: yes; an election: as many were elected as the threshold
  std::vector<Option> options;     ///< candidates from the best to the worst; or yes, no
  std::vector<Rejected> rejected;  ///< ordered by identity
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Pure, and independent of the order in which ballots are given. docs/votes.md, "Counting".
Outcome count(const Poll& poll, std::span<const ReceivedBallot> ballots);
/// The same of ballots that were judged to be valid when they came.
Outcome count_valid(const Poll& poll, std::span<const ValidBallot> ballots);

/// Where voters leave candidates equal: SHA-256(identity of the vote's file ‖ option), the smaller first.
Hash lot(const Hash& vote, std::string_view option);

}  // namespace mailpod::governance
