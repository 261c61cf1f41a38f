#include <algorithm>

#include <nlohmann/json.hpp>

#include <mailpod/admin/vote_json.hpp>
#include <mailpod/governance/ledger_examination.hpp>

#include "../commands.hpp"
#include "../ledger_copy.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"
#include "vote_words.hpp"

// Votes recounted from a record, by whoever has it: no pod, no lock, no key.
namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;
using governance::LedgerReport;
using governance::RecordedVote;
using governance::Verdict;
using nlohmann::json;

Verdict<LedgerReport> examined(base::Disk& disk, const VoteOptions& options) {
  const LedgerCopy copy{options.common.pod, options.folder, options.charter, options.key};
  const auto questions = questions_of(disk, copy);
  if (!questions.has_value()) return questions.error();
  return governance::examine_ledger(disk, copy.governance(), *questions);
}

/// An open vote as it stands: its ballots are open, too.
json counted_json(const RecordedVote& vote, base::Time now) {
  if (vote.result) return admin::vote_json(vote, now);
  std::vector<governance::ValidBallot> ballots;
  for (const auto& ballot : vote.ballots) ballots.push_back(*ballot);
  RecordedVote as_it_stands = vote;
  as_it_stands.result = governance::result_of(*vote.poll, governance::count_valid(*vote.poll, ballots), vote.cast);
  return admin::vote_json(as_it_stands, now);
}

void say_faults(const LedgerReport& report) {
  for (const auto& fault : report.faults) remark("FAULT  {}\n", fault.text());
}

Verdict<const RecordedVote*> find_vote(const LedgerReport& report, const std::string& given) {
  std::vector<const RecordedVote*> found;
  for (const auto& [id, vote] : report.votes) {
    if (base::hex(base::octets(id)).starts_with(given)) found.push_back(&vote);
  }
  if (found.size() == 1) return found.front();
  return Complaint{Errc::vote_unknown, given, 0,
                   found.empty() ? "there is no such vote" : "is how several votes' names begin",
                   "`mailpod vote verify` shows them all"};
}

}  // namespace

int vote_count(const VoteOptions& options) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  const auto report = examined(machine.disk, options);
  if (!report.has_value()) return complain(report.error());
  const auto vote = find_vote(*report, options.vote);
  if (!vote.has_value()) return complain(vote.error());
  auto counted = counted_json(**vote, machine.clock.now());
  counted["sound"] = report->faults.empty();
  if (options.common.output == Output::json) {
    say("{}\n", counted.dump(2));
  } else {
    say_vote(counted);
    if (!(*vote)->decided) say("         as it stands; the vote has no result yet\n");
  }
  say_faults(*report);
  return report->faults.empty() ? 0 : 1;
}

int vote_verify(const VoteOptions& options) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  const auto report = examined(machine.disk, options);
  if (!report.has_value()) {
    complain(report.error());
    return 2;
  }
  json out{{"origin", report->origin},
           {"sound", report->faults.empty()},
           {"faults", json::array()},
           {"votes", json::array()}};
  for (const auto& fault : report->faults)
    out["faults"].push_back({{"file", fault.file}, {"what", fault.what}, {"remedy", fault.remedy}});
  for (const auto& [id, vote] : report->votes) out["votes"].push_back(counted_json(vote, machine.clock.now()));
  if (options.common.output == Output::json) {
    say("{}\n", out.dump(2));
    return report->faults.empty() ? 0 : 1;
  }
  for (const auto& vote : out["votes"]) say_vote_line(vote);
  say_faults(*report);
  if (report->faults.empty())
    say("OK     votes of {} recounted: {}; each came to what its result says\n", report->origin, report->votes.size());
  return report->faults.empty() ? 0 : 1;
}

}  // namespace mailpod::daemon
