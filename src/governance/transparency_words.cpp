#include <fmt/format.h>
#include <fmt/ranges.h>

#include <mailpod/governance/transparency.hpp>

namespace mailpod::governance {
namespace {

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

/// Whole hours up to two days, then days.
std::string length(std::chrono::seconds time) {
  const auto hours = std::chrono::round<std::chrono::hours>(time).count();
  return hours <= 48 ? fmt::format("{} h", hours) : fmt::format("{} days", (hours + 12) / 24);
}

std::string_view word_for(Vote::Kind kind) {
  switch (kind) {
    case Vote::Kind::election:
      return "An election of maintainers";
    case Vote::Kind::amendment:
      return "A vote on an amendment";
    case Vote::Kind::expulsion:
      return "A vote on an expulsion";
  }
  return "";
}

using Lines = std::vector<std::string>;

void say_people(const Transparency& numbers, Lines& out) {
  const auto& in = numbers.admissions;
  out.push_back(fmt::format(
      "{} came in: {} by the maintainers, {} by an invitation or because anybody may, {} by vouches.",
      in.by_maintainers + in.by_invitation + in.by_vouches, in.by_maintainers, in.by_invitation, in.by_vouches));
  if (numbers.candidates != 0)
    out.push_back(fmt::format("{} asked to join by vouches; members vouched {} times and objected {} times.",
                              numbers.candidates, numbers.vouches, numbers.objections));
  out.push_back(fmt::format("{} and {} at the end; who left by their own wish is not in the record.",
                            counted(numbers.members, "member", "members"), counted(numbers.guests, "guest", "guests")));
}

void say_measures(const Transparency& numbers, Lines& out) {
  out.push_back(counted(numbers.suspensions.size(), "suspension.", "suspensions."));
  for (const auto& one : numbers.suspensions)
    out.push_back(
        fmt::format("  {}, {}{}.", length(one.length),
                    one.by_threshold ? "by as many maintainers as the threshold" : "by fewer, to protect others",
                    one.ended_early ? ", ended before its time" : ""));
  out.push_back(counted(numbers.expulsions, "expulsion.", "expulsions."));
}

void say_decisions(const Transparency& numbers, Lines& out) {
  out.push_back(fmt::format("{}, {}.", counted(numbers.votes.size(), "vote was decided", "votes were decided"),
                            counted(numbers.ballots, "ballot was cast", "ballots were cast")));
  for (const auto& vote : numbers.votes)
    out.push_back(fmt::format("  {}: {}, {} of {} members took part{}.", word_for(vote.kind),
                              vote.passed ? "passed" : "failed", vote.counted, vote.members,
                              vote.quorum ? "" : ", too few"));
  if (numbers.charters.empty()) {
    out.emplace_back("No charter was accepted.");
  } else {
    out.push_back(fmt::format("Accepted: charter {}.", fmt::join(numbers.charters, ", ")));
  }
}

void say_care(const Transparency& numbers, Lines& out) {
  out.push_back(fmt::format("{}, {} closed, {} open at the end.",
                            counted(numbers.disputes_opened, "dispute was opened", "disputes were opened"),
                            numbers.disputes_closed.size(), numbers.disputes_open));
  for (const auto& one : numbers.disputes_closed)
    out.push_back(fmt::format("  {} after {}, with {}.", name_of(one.outcome), length(one.took),
                              counted(one.answers, "answer", "answers")));
  out.push_back(counted(numbers.announcements, "announcement to everybody.", "announcements to everybody."));
  if (numbers.upgrades.empty()) {
    out.emplace_back("No other program was agreed on.");
  } else {
    out.push_back(fmt::format("Agreed to run: {}.", fmt::join(numbers.upgrades, ", ")));
  }
}

}  // namespace

std::vector<std::string> in_plain_words(const Transparency& numbers) {
  Lines out;
  say_people(numbers, out);
  say_measures(numbers, out);
  say_decisions(numbers, out);
  say_care(numbers, out);
  out.push_back(fmt::format("{} in all, {} of them acts of the maintainers.",
                            counted(numbers.entries, "entry of the record", "entries of the record"), [&] {
                              std::uint64_t acts = 0;
                              for (const auto& [kind, number] : numbers.acts) acts += number;
                              return acts;
                            }()));
  return out;
}

}  // namespace mailpod::governance
