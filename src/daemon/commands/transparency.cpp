#include <mailpod/governance/transparency.hpp>

#include <nlohmann/json.hpp>

#include <mailpod/governance/ledger_examination.hpp>

#include "../commands.hpp"
#include "../configuration.hpp"
#include "../pod_folder.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

// A year's record in numbers, by whoever has it: no pod, no lock, no key.
namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;
using governance::LedgerQuestions;
using governance::Transparency;
using nlohmann::json;

/// The pin of a pod that is named without a copy is in its configuration.
governance::Verdict<LedgerQuestions> questions_of(base::Disk& disk, const TransparencyOptions& options) {
  LedgerQuestions questions;
  questions.year = options.year;
  if (!options.key.empty()) {
    auto key = governance::parse_verifier_key(options.key, options.key);
    if (!key.has_value()) return key.error();
    questions.key = std::move(*key);
  }
  if (!options.charter.empty()) {
    const auto octets = base::unhex(options.charter);
    questions.charter = octets ? base::byte_array<32>(*octets) : std::nullopt;
    if (!questions.charter)
      return Complaint{Errc::bad_value, options.charter, 0, "is no SHA-256", "write it in hexadecimal, 64 digits"};
  } else if (options.folder.empty()) {
    const auto configuration = read_configuration(disk, options.common.pod);
    if (!configuration.has_value()) return configuration.error();
    questions.charter = configuration->charter;
  }
  return questions;
}

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
  const auto questions = questions_of(disk, options);
  if (!questions.has_value()) {
    complain(questions.error());
    return 2;
  }
  const PodFolder pod{options.common.pod};
  const auto report =
      governance::examine_ledger(disk, options.folder.empty() ? pod.governance() : options.folder, *questions);
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
