#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <mailpod/base/ports.hpp>
#include <mailpod/governance/error.hpp>
#include <mailpod/governance/signatures.hpp>

namespace mailpod::governance {

/// To a question.
enum class Answer { yes, no, abstain };
/// Whom a voter approves, in any order; nobody: of none.
struct Approval {
  std::vector<std::string> options;
  friend bool operator==(const Approval&, const Approval&) = default;
};
/// The best first; those that stand together are equal, and those that are missing are equal below all others.
struct Ranking {
  std::vector<std::vector<std::string>> places;
  friend bool operator==(const Ranking&, const Ranking&) = default;
};

/// What one voter says in one vote, signed by their citizen key. docs/votes.md, "Ballots".
struct Ballot {
  std::string pod;
  std::uint64_t charter = 1;  ///< seq of the charter that the vote was opened under
  Hash vote{};                ///< identity of the file that opened it
  base::Time issued;          ///< of several ballots by one key, the one issued last counts
  std::variant<Answer, Approval, Ranking> choice;
  friend bool operator==(const Ballot&, const Ballot&) = default;
};

/// `ada > bob = carl > none`
std::string ranking_text(const Ranking& ranking);
/// Nothing unless each option is one, and there once.
std::optional<Ranking> parse_ranking(std::string_view text);

/// The exact octets to sign. parse_ballot(write_ballot(b)) == b, and a ballot has no other octets than these.
std::string write_ballot(const Ballot& ballot);
Verdict<Ballot> parse_ballot(std::string_view octets, std::string_view file_name);

}  // namespace mailpod::governance
