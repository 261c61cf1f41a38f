#include <nlohmann/json.hpp>

#include <mailpod/governance/vote.hpp>

#include "../commands.hpp"
#include "../signing_desk.hpp"
#include "../terminal.hpp"
#include "charter_files.hpp"
#include "vote_options.hpp"

// What maintainers sign to open a vote.
namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;
using governance::Verdict;
using governance::Vote;
using nlohmann::json;

/// Where an opening is made: with the maintainers' keys, or without them, for others to sign.
class OpeningDesk {
public:
  explicit OpeningDesk(const VoteOptions& options) : options_(options), desk_(options.common) {}

  Verdict<Vote> draft(Vote::Kind kind) {
    const auto ready = options_.sign == VoteOptions::Signed::here ? desk_.open(options_.maintainer_keys) : desk_.open();
    if (!ready.has_value()) return ready.error();
    Vote vote;
    vote.kind = kind;
    vote.pod = desk_.charter().pod;
    vote.charter = desk_.charter().seq;
    vote.nonce = desk_.machine().entropy.bytes<16>();
    vote.issued = base::from_seconds(base::to_seconds(desk_.machine().clock.now()));
    vote.title = options_.title;
    // A day to have it signed and handed in before the notice begins.
    vote.closes = vote.issued + std::chrono::days(options_.days.value_or(desk_.charter().votes.notice_days + 1));
    if (!options_.closes.empty()) {
      const auto closes = time_option(options_.closes);
      if (!closes.has_value()) return closes.error();
      vote.closes = *closes;
    }
    return vote;
  }

  SigningDesk& signing() { return desk_; }

  /// Signs it and hands it in; or prints it, to be signed elsewhere.
  int finish(const Verdict<Vote>& vote) {
    if (!vote.has_value()) return complain(vote.error());
    const auto octets = governance::write_vote(*vote);
    // What cannot be read need not be signed.
    if (const auto again = governance::parse_vote(octets, "the vote"); !again.has_value())
      return complain(again.error());
    if (options_.sign == VoteOptions::Signed::elsewhere) {
      say("{}", octets);
      remark(
          "Have maintainers sign exactly this file, then: mailpod vote open file FILE\nminisign -Sm FILE -x "
          "NAME.KEY.minisig -t '{}'\n",
          governance::trusted_comment_for(octets, "the vote").value());
      return 0;
    }
    const auto file = desk_.keys().sign("the vote", octets);
    if (!file.has_value()) return complain(file.error());
    return say_opened(options_.common, desk_.ask("vote.open", {{"opening", file_json(*file)}}));
  }

  static int say_opened(const Common& common, const Verdict<json>& opened) {
    if (!opened.has_value()) return complain(opened.error());
    if (common.output == Output::json) {
      say("{}\n", opened->dump(2));
    } else {
      say("opened {} until {}\n", opened->at("vote").get<std::string>(), opened->at("closes").get<std::string>());
    }
    return 0;
  }

private:
  const VoteOptions& options_;
  SigningDesk desk_;
};

std::vector<std::string> fields(std::string_view text) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    if (c == '=') {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

/// OPTION=KEY[=NAME[=MEMBER]]
Verdict<Vote::Candidate> candidate(SigningDesk& desk, const std::string& given) {
  const auto parts = fields(given);
  if (parts.size() < 2 || parts.size() > 4)
    return Complaint{Errc::bad_value, given, 0, "is no candidate", "write OPTION=KEY, OPTION=KEY=NAME or …=MEMBER"};
  Vote::Candidate out;
  out.option = parts[0];
  out.name = parts.size() > 2 ? parts[2] : parts[0];
  const auto key = public_key_option(desk.machine().disk, parts[1]);
  if (!key.has_value()) return key.error();
  out.key = *key;
  if (parts.size() < 4) return out;
  const auto member = desk.member(parts[3]);
  if (!member.has_value()) return member.error();
  out.member = *member;
  return out;
}

}  // namespace

int vote_open_election(const VoteOptions& options) {
  OpeningDesk desk(options);
  auto vote = desk.draft(Vote::Kind::election);
  if (!vote.has_value()) return complain(vote.error());
  vote->seats = options.seats;
  vote->term_to = vote->closes + std::chrono::days(options.term_days);
  for (const auto& given : options.candidates) {
    auto one = candidate(desk.signing(), given);
    if (!one.has_value()) return complain(one.error());
    vote->candidates.push_back(std::move(*one));
  }
  return desk.finish(vote);
}

int vote_open_amendment(const VoteOptions& options) {
  OpeningDesk desk(options);
  auto vote = desk.draft(Vote::Kind::amendment);
  if (!vote.has_value()) return complain(vote.error());
  const auto file = read_signed_file(desk.signing().machine().disk, options.file);
  if (!file.has_value()) return complain(file.error());
  if (const auto charter = governance::parse_charter(file->octets, options.file); !charter.has_value())
    return complain(charter.error());
  vote->amendment = governance::identity(file->octets);
  return desk.finish(vote);
}

int vote_open_expulsion(const VoteOptions& options) {
  OpeningDesk desk(options);
  auto vote = desk.draft(Vote::Kind::expulsion);
  if (!vote.has_value()) return complain(vote.error());
  const auto member = desk.signing().member(options.member);
  if (!member.has_value()) return complain(member.error());
  vote->member = *member;
  return desk.finish(vote);
}

int vote_open_file(const VoteOptions& options) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  const auto file = read_signed_file(machine.disk, options.file);
  if (!file.has_value()) return complain(file.error());
  Office office(machine, options.common);
  return OpeningDesk::say_opened(options.common, office.ask("vote.open", {{"opening", file_json(*file)}}));
}

}  // namespace mailpod::daemon
