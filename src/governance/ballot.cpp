#include <mailpod/governance/ballot.hpp>

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <mailpod/governance/vote.hpp>

#include "charter_words.hpp"
#include "signed_text.hpp"

namespace mailpod::governance {
namespace {

constexpr Word<Answer> answer_words[] = {{"yes", Answer::yes}, {"no", Answer::no}, {"abstain", Answer::abstain}};
// Every option, `none` and what stands between them.
constexpr std::size_t longest_ranking = (most_candidates + 1) * 35;

std::vector<std::string_view> split(std::string_view text, std::string_view at) {
  std::vector<std::string_view> out;
  for (auto found = text.find(at); found != std::string_view::npos; found = text.find(at)) {
    out.push_back(text.substr(0, found));
    text.remove_prefix(found + at.size());
  }
  out.push_back(text);
  return out;
}

Approval read_approval(TableReader& reader, const TomlTable& table) {
  Approval out;
  const auto* list = std::get_if<std::vector<TomlValue>>(&table.entries.find("approve")->second.value);
  // To approve of nobody is a choice, too.
  if (list == nullptr || !list->empty()) out.options = reader.texts("approve", most_candidates);
  std::set<std::string> seen;
  for (const auto& option : out.options) {
    if (!is_option(option) || !seen.insert(option).second)
      reader.refuse("approve", "names what is no option, or one twice", "write each option once, as the vote does");
  }
  return out;
}

std::string choice_text(const Ballot& ballot) {
  if (const auto* answer = std::get_if<Answer>(&ballot.choice))
    return fmt::format("answer = \"{}\"\n", spelling(*answer, answer_words));
  if (const auto* ranking = std::get_if<Ranking>(&ballot.choice))
    return fmt::format("ranking = {}\n", quoted(ranking_text(*ranking)));
  std::vector<std::string> options;
  for (const auto& option : std::get<Approval>(ballot.choice).options) options.push_back(quoted(option));
  return fmt::format("approve = [{}]\n", fmt::join(options, ", "));
}

}  // namespace

std::string ranking_text(const Ranking& ranking) {
  std::vector<std::string> places;
  for (const auto& equals : ranking.places) places.push_back(fmt::format("{}", fmt::join(equals, " = ")));
  return fmt::format("{}", fmt::join(places, " > "));
}

std::optional<Ranking> parse_ranking(std::string_view text) {
  Ranking out;
  if (text.empty()) return out;
  std::set<std::string_view> seen;
  for (const auto place : split(text, " > ")) {
    auto& equals = out.places.emplace_back();
    for (const auto option : split(place, " = ")) {
      if (!(is_option(option) || option == no_candidate) || !seen.insert(option).second) return std::nullopt;
      equals.emplace_back(option);
    }
  }
  return out;
}

std::string write_ballot(const Ballot& ballot) {
  return fmt::format("type = \"ballot\"\npod = {}\ncharter = {}\nvote = \"{}\"\nissued = {}\n", quoted(ballot.pod),
                     ballot.charter, base::hex(base::octets(ballot.vote)), time_text(ballot.issued)) +
         choice_text(ballot);
}

Verdict<Ballot> parse_ballot(std::string_view octets, std::string_view file_name) {
  const auto table = parse_signed_text(octets, "ballot", file_name);
  if (!table) return table.error();
  Findings findings(file_name);
  TableReader reader(*table, "", findings);
  Ballot out;
  reader.text("type");
  out.pod = reader.domain("pod");
  out.charter = reader.number("charter", 1, 9999);
  out.vote = *base::byte_array<32>(reader.hex("vote", 32));
  out.issued = reader.time("issued");
  if (reader.has("approve")) {
    out.choice = read_approval(reader, *table);
  } else if (reader.has("ranking")) {
    const auto ranking = parse_ranking(reader.text("ranking", {.longest = longest_ranking}));
    if (ranking) {
      out.choice = *ranking;
    } else {
      reader.refuse("ranking", "is no ranking", "write each option once, as in `ada > bob = carl > none`");
    }
  } else {
    out.choice = reader.word("answer", answer_words);
  }
  if (findings.ok() && write_ballot(out) != octets)
    findings.complain(Errc::not_canonical, 0, "is not written as Mailpod writes ballots",
                      "have it made by `mailpod`, without comments or other spacing");
  if (!findings.ok()) return findings.complaint();
  return out;
}

}  // namespace mailpod::governance
