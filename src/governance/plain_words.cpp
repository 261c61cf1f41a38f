#include <mailpod/governance/plain_words.hpp>

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "toml_text.hpp"

namespace mailpod::governance {
namespace {

// docs/charter-format.md, "Charter".
constexpr std::string_view not_acted_on =
    "Some rules are agreed and signed, and the server does not act on them yet: whoever the maintainers admit has\n"
    "joined, vouched for or not; no vote with sealed or secret ballots or transferable votes is opened; and recovery\n"
    "is for people to keep.\n";

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

/// What stands between the lines that both begin and end with.
std::string text_change(std::string_view last, std::string_view next) {
  const auto before = lines_of(last);
  const auto after = lines_of(next);
  const auto [from, to] = std::ranges::mismatch(before, after);
  auto old_end = before.end();
  auto new_end = after.end();
  while (old_end != from && new_end != to && *std::prev(old_end) == *std::prev(new_end)) {
    --old_end;
    --new_end;
  }
  std::string out = fmt::format("  from line {}:\n", from - before.begin() + 1);
  for (auto line = from; line != old_end; ++line) out += fmt::format("  - {}\n", *line);
  for (auto line = to; line != new_end; ++line) out += fmt::format("  + {}\n", *line);
  return out;
}

std::string times_of(const Charter& charter) {
  return fmt::format("It was issued at {}, takes effect at {} and expires at {}.\n", time_text(charter.issued),
                     time_text(charter.effective), time_text(charter.expires));
}

std::vector<std::string> in_term(const Charter& charter, base::Time at) {
  std::vector<std::string> out;
  for (const auto& maintainer : charter.maintainers) {
    if (maintainer.in_term(at)) out.push_back(maintainer.name);
  }
  return out;
}

std::string acts_now(const Charter& charter, base::Time at) {
  const auto who = in_term(charter, at);
  if (charter.expired(at))
    return fmt::format(
        "It expired at {}. Mail goes on; admissions and all other acts wait until its successor has taken effect.\n",
        time_text(charter.expires));
  if (who.size() < charter.threshold)
    return fmt::format("Only {} of its maintainers are in term and {} must sign: no act can be made, and no charter.\n",
                       who.size(), charter.threshold);
  return fmt::format("In term: {}. Any {} of them can admit, suspend, reinstate and sign the next charter.\n",
                     fmt::join(who, ", "), charter.threshold);
}

}  // namespace

std::string explain(const Charter& charter) {
  std::string out = fmt::format("Charter {} of {}\n{}", charter.seq, charter.pod, times_of(charter));
  std::string_view heading;
  for (const auto& statement : statements(charter)) {
    if (statement.part != heading) out += fmt::format("\n{}\n", statement.part);
    heading = statement.part;
    out += "  " + statement.words + "\n";
  }
  if (charter.text.empty()) return out;
  out += "\n[text]\n";
  for (const auto line : lines_of(charter.text)) out += line.empty() ? "\n" : fmt::format("  {}\n", line);
  return out;
}

std::string explain_situation(const Roster& roster, base::Time at) {
  const auto& chain = roster.charters();
  const auto& in_force = chain.at(at);
  std::string out = fmt::format("At {} charter {} is in force.\n", time_text(at), in_force.seq);
  out += acts_now(in_force, at);
  if (in_force.members.expulsion == Charter::Expulsion::vote) out += "Nobody can be expelled by maintainers alone.\n";
  for (auto seq = in_force.seq + 1; seq <= chain.size(); ++seq) {
    const auto& staged = chain.charter(seq);
    out += fmt::format("Charter {} is accepted and takes effect by itself at {}.\n", seq, time_text(staged.effective));
  }
  const auto earliest = std::max(at + std::chrono::days(chain.latest().votes.notice_days), chain.latest().effective);
  out += fmt::format("A charter {} that is accepted now can take effect from {} on.\n", chain.size() + 1,
                     time_text(earliest));
  out += not_acted_on;
  return out;
}

std::string explain_change(const Charter& last, const Charter& next) {
  std::string out = fmt::format("From charter {} to charter {}\n{}", last.seq, next.seq, times_of(next));
  const auto changes = differences(last, next);
  if (changes.empty() && last.text == next.text) out += "\nNo rule changes.\n";
  std::string_view heading;
  for (const auto& change : changes) {
    if (change.part != heading) out += fmt::format("\n{}{}\n", change.part, change.needs_vote ? " (needs a vote)" : "");
    heading = change.part;
    if (!change.was.empty()) out += "  - " + change.was + "\n";
    if (!change.becomes.empty()) out += "  + " + change.becomes + "\n";
  }
  if (last.text != next.text) out += "\n[text]\n" + text_change(last.text, next.text);

  out += "\nIt needs\n";
  out += fmt::format("  the signatures of {} of charter {}'s maintainers in term", last.threshold, last.seq);
  out += fmt::format(", and of {} of its own\n", next.threshold);
  out += fmt::format("  to be accepted {} days or more before {}\n", last.votes.notice_days, time_text(next.effective));
  const auto parts = parts_that_need_a_vote(last, next);
  if (parts.empty()) {
    out += "  no vote\n";
  } else {
    out += fmt::format("  a vote on exactly this file, for it changes {}: at least {} % yes, and {} % of the members\n",
                       fmt::join(parts, ", "), last.votes.amend_percent, last.votes.quorum_percent);
  }
  return out;
}

}  // namespace mailpod::governance
