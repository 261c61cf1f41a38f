#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <mailpod/governance/roster.hpp>

namespace mailpod::governance {

/// `2026-11-23T08:00:00Z`
std::string time_text(base::Time time);

/// One rule of a charter as a sentence for people.
struct Statement {
  std::string_view part;  ///< where the charter says it: "maintainers", "[members]" …
  std::string subject;    ///< what it is about; the same in each charter that says anything about it
  std::string words;
  friend bool operator==(const Statement&, const Statement&) = default;
};

/// All that a charter rules, in the order of docs/charter-format.md; without times, seq, and the constitution's text.
std::vector<Statement> statements(const Charter& charter);

/// What one charter says and the other does not. Empty `was`: it is new; empty `becomes`: it is gone.
struct Difference {
  std::string_view part;
  std::string was, becomes;
  bool needs_vote = false;
};
std::vector<Difference> differences(const Charter& last, const Charter& next);

/// A charter in plain words: its statements under headings, its times, and its constitution.
std::string explain(const Charter& charter);
/// What the rules allow at this time: whether acts are frozen, whose signatures are enough, what waits for its time.
std::string explain_situation(const Roster& roster, base::Time at);
/// Two charters compared: what changes, line by line of the constitution too, and which signatures, notice and votes
/// the newer one needs.
std::string explain_change(const Charter& last, const Charter& next);

}  // namespace mailpod::governance
