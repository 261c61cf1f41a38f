#include <mailpod/governance/vote.hpp>

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "charter_words.hpp"
#include "signed_text.hpp"

namespace mailpod::governance {
namespace {

constexpr Word<Vote::Kind> kind_words[] = {
    {"election", Vote::Kind::election}, {"amendment", Vote::Kind::amendment}, {"expulsion", Vote::Kind::expulsion}};

std::string candidate_text(const Vote::Candidate& candidate) {
  std::string out = fmt::format("\n[[candidates]]\noption = {}\nname = {}\nkey = {}\n", quoted(candidate.option),
                                quoted(candidate.name), quoted(candidate.key.str()));
  if (candidate.member) out += fmt::format("member = \"{}\"\n", candidate.member->str());
  return out;
}

Vote::Candidate read_candidate(const TomlTable& table, Findings& findings) {
  TableReader reader(table, "[[candidates]]", findings);
  Vote::Candidate out;
  out.option = reader.text("option");
  if (!is_option(out.option))
    reader.refuse("option", "is no option", "write 1 to 32 lower-case letters, digits and hyphens; not `none`");
  out.name = reader.text("name");
  if (out.name.empty()) reader.refuse("name", "is empty", "name the candidate");
  out.key = reader.public_key("key");
  if (reader.has("member")) out.member = MemberId{*base::byte_array<16>(reader.hex("member", 16))};
  reader.finish();
  return out;
}

void read_election(Vote& vote, TableReader& reader, Findings& findings) {
  vote.seats = static_cast<std::uint32_t>(reader.number("seats", 1, most_candidates));
  vote.term_to = reader.time("term_to");
  for (const auto* entry : reader.tables("candidates", most_candidates))
    vote.candidates.push_back(read_candidate(*entry, findings));
  std::set<std::string> options;
  std::set<crypto::minisign::KeyId> keys;
  for (const auto& candidate : vote.candidates) {
    if (!options.insert(candidate.option).second || !keys.insert(candidate.key.id).second)
      reader.refuse("candidates", "name an option or key twice", "one option and one key for each");
  }
  if (*vote.term_to <= vote.closes || *vote.term_to > vote.closes + longest_term)
    reader.refuse("term_to", "is no end of a term", "let it end after the vote closes, and within four years");
}

}  // namespace

bool is_option(std::string_view text) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !text.empty() && text.size() <= 32 && text != no_candidate && std::ranges::all_of(text, plain);
}

std::string write_vote(const Vote& vote) {
  std::string out = fmt::format(
      "type = \"vote\"\nvote = \"{}\"\npod = {}\ncharter = {}\nnonce = \"{}\"\nissued = {}\ncloses = {}\n"
      "title = {}\n",
      spelling(vote.kind, kind_words), quoted(vote.pod), vote.charter, base::hex(base::octets(vote.nonce)),
      time_text(vote.issued), time_text(vote.closes), quoted(vote.title));
  if (vote.amendment) out += fmt::format("amendment = \"{}\"\n", base::hex(base::octets(*vote.amendment)));
  if (vote.member) out += fmt::format("member = \"{}\"\n", vote.member->str());
  if (vote.term_to) out += fmt::format("seats = {}\nterm_to = {}\n", vote.seats, time_text(*vote.term_to));
  for (const auto& candidate : vote.candidates) out += candidate_text(candidate);
  return out;
}

Verdict<Vote> parse_vote(std::string_view octets, std::string_view file_name) {
  const auto table = parse_signed_text(octets, "vote", file_name);
  if (!table) return table.error();
  Findings findings(file_name);
  TableReader reader(*table, "", findings);
  Vote out;
  reader.text("type");
  out.kind = reader.word("vote", kind_words);
  out.pod = reader.domain("pod");
  out.charter = reader.number("charter", 1, 9999);
  out.nonce = *base::byte_array<16>(reader.hex("nonce", 16));
  out.issued = reader.time("issued");
  out.closes = reader.time("closes");
  if (out.closes <= out.issued || out.closes > out.issued + longest_vote)
    reader.refuse("closes", "is not within 90 days after `issued`", "correct the time");
  out.title = reader.text("title");
  if (out.title.find('@') != std::string::npos)
    reader.refuse("title", "seems to hold an address", "votes are public: name it otherwise");
  if (out.kind == Vote::Kind::election) read_election(out, reader, findings);
  if (out.kind == Vote::Kind::amendment) out.amendment = base::byte_array<32>(reader.hex("amendment", 32));
  if (out.kind == Vote::Kind::expulsion) out.member = MemberId{*base::byte_array<16>(reader.hex("member", 16))};
  reader.finish();
  if (findings.ok() && write_vote(out) != octets)
    findings.complain(Errc::not_canonical, 0, "is not written as Mailpod writes votes",
                      "have it made by `mailpod`, without comments or other spacing");
  if (!findings.ok()) return findings.complaint();
  return out;
}

}  // namespace mailpod::governance
