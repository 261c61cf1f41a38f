#include <mailpod/governance/transparency.hpp>

#include <nlohmann/json.hpp>

#include <mailpod/governance/ledger_examination.hpp>

#include "../commands.hpp"
#include "../ledger_copy.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

// A year's record in numbers, by whoever has it: no pod, no lock, no key.
namespace mailpod::daemon {
namespace {

using governance::Transparency;
using nlohmann::json;

std::string_view word_for(governance::Vote::Kind kind) {
  switch (kind) {
    case governance::Vote::Kind::election:
      return "election";
    case governance::Vote::Kind::amendment:
      return "amendment";
    case governance::Vote::Kind::expulsion:
      return "expulsion";
  }
  return "";
}

json numbers_json(const Transparency& numbers) {
  json out{
      {"year", numbers.year},
      {"entries", numbers.entries},
      {"members", numbers.members},
      {"guests", numbers.guests},
      {"admissions",
       {{"by_maintainers", numbers.admissions.by_maintainers},
        {"by_invitation", numbers.admissions.by_invitation},
        {"by_vouches", numbers.admissions.by_vouches}}},
      {"candidates", numbers.candidates},
      {"vouches", numbers.vouches},
      {"objections", numbers.objections},
      {"suspensions", json::array()},
      {"expulsions", numbers.expulsions},
      {"votes", json::array()},
      {"ballots", numbers.ballots},
      {"charters", numbers.charters},
      {"disputes", {{"opened", numbers.disputes_opened}, {"closed", json::array()}, {"open", numbers.disputes_open}}},
      {"announcements", numbers.announcements},
      {"upgrades", numbers.upgrades},
      {"acts", numbers.acts}};
  for (const auto& one : numbers.suspensions)
    out["suspensions"].push_back(
        {{"seconds", one.length.count()}, {"by_threshold", one.by_threshold}, {"ended_early", one.ended_early}});
  for (const auto& one : numbers.votes)
    out["votes"].push_back({{"vote", word_for(one.kind)},
                            {"members", one.members},
                            {"counted", one.counted},
                            {"quorum", one.quorum},
                            {"passed", one.passed}});
  for (const auto& one : numbers.disputes_closed)
    out["disputes"]["closed"].push_back(
        {{"seconds", one.took.count()}, {"answers", one.answers}, {"outcome", governance::name_of(one.outcome)}});
  return out;
}

}  // namespace

int transparency(const TransparencyOptions& options) {
  const Workplace workplace;
  auto& disk = workplace.machine().disk;
  const LedgerCopy copy{options.common.pod, options.folder, options.charter, options.key};
  auto questions = questions_of(disk, copy);
  if (!questions.has_value()) {
    complain(questions.error());
    return 2;
  }
  questions->year = options.year;
  const auto report = governance::examine_ledger(disk, copy.governance(), *questions);
  for (const auto& fault : report.faults) remark("FAULT  {}\n", fault.text());
  if (!report.year) return 1;
  if (options.common.output == Output::json) {
    auto out = numbers_json(*report.year);
    out["origin"] = report.origin;
    out["leaves"] = report.head.size;
    out["sound"] = report.faults.empty();
    say("{}\n", out.dump(2));
  } else {
    say("{} in {}, from {} leaves\n\n", report.origin, options.year, report.head.size);
    for (const auto& line : governance::in_plain_words(*report.year)) say("{}\n", line);
  }
  return report.faults.empty() ? 0 : 1;
}

}  // namespace mailpod::daemon
