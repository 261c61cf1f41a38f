#include <mailpod/governance/vote_result.hpp>

#include <fmt/format.h>

#include "charter_words.hpp"
#include "signed_text.hpp"

namespace mailpod::governance {
namespace {

constexpr Word<bool> quorum_words[] = {{"reached", true}, {"missed", false}};
constexpr Word<bool> outcome_words[] = {{"passed", true}, {"failed", false}};
constexpr Word<bool> seat_words[] = {{"elected", true}, {"not elected", false}};
constexpr std::uint64_t most_people = 1'000'000'000;

std::string option_text(const VoteResult& result, const Outcome::Option& option) {
  std::string out = fmt::format("\n[[options]]\noption = {}\nvotes = {}\n", quoted(option.name), option.votes);
  if (result.seats != 0) out += fmt::format("seat = \"{}\"\n", spelling(option.elected, seat_words));
  return out;
}

Outcome::Option read_option(const VoteResult& result, const TomlTable& table, Findings& findings) {
  TableReader reader(table, "[[options]]", findings);
  Outcome::Option out;
  out.name = reader.text("option");
  if (!is_option(out.name)) reader.refuse("option", "is no option", "write it as the vote does");
  out.votes = static_cast<std::uint32_t>(reader.number("votes", 0, most_people));
  if (result.seats != 0) out.elected = reader.word("seat", seat_words);
  reader.finish();
  return out;
}

}  // namespace

VoteResult result_of(const Poll& poll, const Outcome& outcome, std::uint64_t ballots) {
  return {poll.vote.pod,   poll.vote.charter, poll.identity,  poll.members,    poll.voters.size(), ballots,
          outcome.counted, outcome.quorum,    outcome.passed, poll.vote.seats, outcome.options};
}

std::string write_vote_result(const VoteResult& result) {
  std::string out = fmt::format(
      "type = \"result\"\npod = {}\ncharter = {}\nvote = \"{}\"\nmembers = {}\nvoters = {}\nballots = {}\n"
      "counted = {}\nquorum = \"{}\"\noutcome = \"{}\"\n",
      quoted(result.pod), result.charter, base::hex(base::octets(result.vote)), result.members, result.voters,
      result.ballots, result.counted, spelling(result.quorum, quorum_words), spelling(result.passed, outcome_words));
  if (result.seats != 0) out += fmt::format("seats = {}\n", result.seats);
  for (const auto& option : result.options) out += option_text(result, option);
  return out;
}

Verdict<VoteResult> parse_vote_result(std::string_view octets, std::string_view file_name) {
  const auto table = parse_signed_text(octets, "result", file_name);
  if (!table) return table.error();
  Findings findings(file_name);
  TableReader reader(*table, "", findings);
  VoteResult out;
  reader.text("type");
  out.pod = reader.domain("pod");
  out.charter = reader.number("charter", 1, 9999);
  out.vote = *base::byte_array<32>(reader.hex("vote", 32));
  out.members = reader.number("members", 0, most_people);
  out.voters = reader.number("voters", 0, most_people);
  out.ballots = reader.number("ballots", 0, most_people);
  out.counted = reader.number("counted", 0, most_people);
  out.quorum = reader.word("quorum", quorum_words);
  out.passed = reader.word("outcome", outcome_words);
  if (reader.has("seats")) out.seats = static_cast<std::uint32_t>(reader.number("seats", 1, most_candidates));
  for (const auto* entry : reader.tables("options", most_candidates))
    out.options.push_back(read_option(out, *entry, findings));
  reader.finish();
  if (findings.ok() && write_vote_result(out) != octets)
    findings.complain(Errc::not_canonical, 0, "is not written as Mailpod writes results",
                      "compute it from the record: `mailpod vote verify`");
  if (!findings.ok()) return findings.complaint();
  return out;
}

}  // namespace mailpod::governance
