#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <mailpod/governance/roster.hpp>

namespace mailpod::governance {

/// What a year's record adds up to: how often, how long, with what result; never who. A function of the record alone,
/// so that whoever has a copy comes to the same. docs/care.md, "A year in numbers".
struct Transparency {
  std::uint32_t year = 0;  ///< in UTC, by when entries were accepted
  std::uint64_t entries = 0;
  std::uint64_t members = 0;  ///< at its end, or at that of the record; who left by their own wish is not in the record
  std::uint64_t guests = 0;
  struct Admissions {
    std::uint64_t by_maintainers = 0;
    std::uint64_t by_invitation = 0;  ///< or where anybody may join
    std::uint64_t by_vouches = 0;
  };
  Admissions admissions;
  std::uint64_t candidates = 0;  ///< who asked to join where that takes vouches
  std::uint64_t vouches = 0;
  std::uint64_t objections = 0;
  struct Suspension {
    std::chrono::seconds length{0};  ///< as it was: until its end, or until it was ended
    bool by_threshold = false;
    bool ended_early = false;
  };
  std::vector<Suspension> suspensions;  ///< that began in it, in order
  std::uint64_t expulsions = 0;
  struct VoteHeld {
    Vote::Kind kind = Vote::Kind::election;
    std::uint64_t members = 0;
    std::uint64_t counted = 0;
    bool quorum = false;
    bool passed = false;
  };
  std::vector<VoteHeld> votes;  ///< decided in it, in order
  std::uint64_t ballots = 0;
  std::vector<std::uint64_t> charters;  ///< accepted in it, by number; the first counts when it was issued
  struct DisputeClosed {
    std::chrono::seconds took{0};
    std::uint64_t answers = 0;
    DisputeOutcome outcome = DisputeOutcome::settled;
  };
  std::uint64_t disputes_opened = 0;
  std::vector<DisputeClosed> disputes_closed;  ///< whenever they were opened
  std::uint64_t disputes_open = 0;             ///< at its end
  std::uint64_t announcements = 0;
  std::vector<std::string> upgrades;          ///< the versions agreed on, in order
  std::map<std::string, std::uint64_t> acts;  ///< all acts, by their kind's name
};

/// Adds up one year of a record, entry by entry.
class YearInNumbers {
public:
  explicit YearInNumbers(std::uint32_t year);
  /// The next entry, once it stands; `after` is what it made of the record.
  void note(const SignedFile& file, base::Time accepted_at, const Roster& after);
  Transparency numbers() const { return numbers_; }

private:
  void note_act(const Act& act, base::Time at, const Roster& after);
  void note_suspension(const Act& act, base::Time at, const Roster& after);
  void end_suspension(MemberId member, base::Time at);
  void note_vote(const SignedFile& file, const Roster& after);
  void note_word(const SignedFile& file, const Roster& after);
  void note_state(const Roster& after);

  struct Running {
    std::size_t index;
    base::Time from;
  };
  base::Time begin_, end_;
  Transparency numbers_;
  std::map<MemberId, Running> suspended_;  // of those that began in the year
};

/// For people: a line each, plain words.
std::vector<std::string> in_plain_words(const Transparency& numbers);

}  // namespace mailpod::governance
