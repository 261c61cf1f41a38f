#include <mailpod/governance/vote_count.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/governance/act.hpp>

#include "toml_text.hpp"

namespace mailpod::governance {
namespace {

using Options = std::vector<std::string>;

Complaint complaint(Errc code, const std::string& file, std::string what, std::string remedy) {
  return {code, file, 0, std::move(what), std::move(remedy)};
}

bool is_question(const Poll& poll) {
  return poll.vote.kind != Vote::Kind::election;
}

/// What a ranking may name; `none` is the last.
Options options_of(const Poll& poll) {
  Options out;
  for (const auto& candidate : poll.vote.candidates) out.push_back(candidate.option);
  out.emplace_back(no_candidate);
  return out;
}

bool are_options(const std::vector<std::string>& named, const Options& known) {
  return std::ranges::all_of(named,
                             [&](const auto& option) { return std::ranges::find(known, option) != known.end(); });
}

/// Whether the vote asks for such a choice, among the options that there are.
bool fits(const Poll& poll, const Ballot& ballot) {
  if (is_question(poll)) return std::holds_alternative<Answer>(ballot.choice);
  const auto known = options_of(poll);
  if (poll.rules.method == Charter::Method::approval) {
    const auto* approval = std::get_if<Approval>(&ballot.choice);
    return approval != nullptr && are_options(approval->options, known);
  }
  const auto* ranking = std::get_if<Ranking>(&ballot.choice);
  return ranking != nullptr &&
         std::ranges::all_of(ranking->places, [&](const auto& equals) { return are_options(equals, known); });
}

Verdict<void> check_time(const Poll& poll, const ReceivedBallot& received) {
  if (received.received >= poll.opened && received.received < poll.vote.closes) return {};
  return complaint(Errc::ballot_late, received.file.name,
                   fmt::format("was received at {}, and the vote was open from {} until {}",
                               time_text(received.received), time_text(poll.opened), time_text(poll.vote.closes)),
                   "nothing can be done: what came in time counts");
}

Verdict<const Poll::Voter*> signing_voter(const Poll& poll, const SignedFile& file) {
  if (file.minisigs.size() != 1)
    return complaint(file.minisigs.empty() ? Errc::no_signatures : Errc::signature_repeated, file.name,
                     fmt::format("has {} signatures", file.minisigs.size()),
                     "put the voter's .minisig file beside it, and no other");
  const auto signature = crypto::minisign::parse_signature(file.minisigs.front());
  if (!signature)
    return complaint(Errc::signature_malformed, file.name,
                     "its signature file is malformed: " + signature.error().message(),
                     "copy the .minisig file exactly, or sign again");
  const auto voter = std::ranges::find(poll.voters, signature->id, [](const auto& each) { return each.key.id; });
  if (voter != poll.voters.end()) return &*voter;
  return complaint(Errc::not_a_voter, file.name,
                   fmt::format("is signed by {}, a key that was no member's citizen key when the vote was opened",
                               crypto::minisign::PublicKey{signature->id, {}}.id_text()),
                   "sign with the citizen key that was registered then");
}

Verdict<void> check_ballot(const Poll& poll, const ReceivedBallot& received, const Ballot& ballot) {
  const auto& name = received.file.name;
  if (ballot.pod != poll.vote.pod || ballot.charter != poll.vote.charter || ballot.vote != poll.identity)
    return complaint(Errc::ballot_of_another_vote, name, "is a ballot of another vote",
                     "have it made for this one, " + base::hex(base::octets(poll.identity)));
  if (ballot.issued > received.received + clock_tolerance)
    return complaint(Errc::not_yet_issued, name, "was issued in the future: " + time_text(ballot.issued),
                     "correct the clock, and make it anew");
  return check_choice(poll, ballot, name);
}

/// A ballot that its voter may still replace.
struct Cast {
  ValidBallot ballot;
  std::string file;
};

Outcome::Rejected rejected(const ReceivedBallot& received, const Complaint& why) {
  return {received.file.name, identity(received.file.octets), why.code, why.what};
}

/// In an order of their own, so that the one in which they came says nothing.
std::vector<const ReceivedBallot*> sorted(std::span<const ReceivedBallot> ballots) {
  using Key = std::tuple<Hash, base::Time, std::string, std::vector<std::string>>;
  std::map<Key, const ReceivedBallot*> by_key;
  for (const auto& each : ballots)
    by_key.emplace(Key{identity(each.file.octets), each.received, each.file.name, each.file.minisigs}, &each);
  std::vector<const ReceivedBallot*> out;
  for (const auto& [key, each] : by_key) out.push_back(each);
  return out;
}

/// Those that are valid; the others go to the rejected ones.
std::vector<Cast> valid_ones(const Poll& poll, std::span<const ReceivedBallot> ballots, Outcome& out) {
  std::vector<Cast> valid;
  for (const auto* each : sorted(ballots)) {
    auto judged = judge_ballot(poll, *each);
    if (judged) {
      valid.push_back({std::move(*judged), each->file.name});
    } else {
      out.rejected.push_back(rejected(*each, judged.error()));
    }
  }
  return valid;
}

/// One ballot of each voter; the others go to the rejected ones.
std::vector<Ballot> one_of_each(std::vector<Cast> ballots, Outcome& out) {
  std::map<MemberId, Cast> last;
  std::set<std::pair<MemberId, Hash>> taken;
  for (auto& cast : ballots) {
    // The same ballot twice is one.
    if (!taken.emplace(cast.ballot.voter, cast.ballot.identity).second) continue;
    const auto [place, first] = last.try_emplace(cast.ballot.voter, cast);
    if (first) continue;
    if (counts_before(cast.ballot, place->second.ballot)) std::swap(cast, place->second);
    out.rejected.push_back(
        {cast.file, cast.ballot.identity, Errc::ballot_superseded, "the same key cast a later ballot"});
  }
  std::ranges::sort(out.rejected, [](const auto& a, const auto& b) {
    return a.identity != b.identity ? a.identity < b.identity : a.file < b.file;
  });
  std::vector<Ballot> counted;
  for (auto& [voter, cast] : last) counted.push_back(std::move(cast.ballot.ballot));
  return counted;
}

void count_question(const Poll& poll, std::span<const Ballot> ballots, Outcome& out) {
  Outcome::Option yes{"yes"};
  Outcome::Option no{"no"};
  for (const auto& ballot : ballots) {
    const auto answer = std::get<Answer>(ballot.choice);
    if (answer == Answer::yes) ++yes.votes;
    if (answer == Answer::no) ++no.votes;
  }
  const auto percent = poll.vote.kind == Vote::Kind::amendment ? poll.rules.amend_percent : poll.rules.pass_percent;
  // A tie changes nothing, whatever the percentage.
  out.passed = out.quorum && yes.votes > no.votes && reaches(yes.votes, yes.votes + no.votes, percent);
  out.options = {yes, no};
}

Ranks ranks_of(const Ranking& ranking, const Options& options) {
  Ranks ranks(options.size(), static_cast<std::uint16_t>(options.size()));
  for (std::size_t place = 0; place < ranking.places.size(); ++place) {
    for (const auto& option : ranking.places[place]) {
      const auto at = std::ranges::find(options, option) - options.begin();
      ranks[static_cast<std::size_t>(at)] = static_cast<std::uint16_t>(place);
    }
  }
  return ranks;
}

std::vector<Hash> lots_of(const Poll& poll, const Options& options) {
  std::vector<Hash> out;
  for (const auto& option : options) out.push_back(lot(poll.identity, option));
  return out;
}

/// What an election's method makes of the ballots.
struct Order {
  std::vector<std::size_t> best_first;
  std::vector<std::uint32_t> votes;  ///< of each option: who prefers it to nobody
  std::vector<bool> wanted;          ///< likewise: that it is not below `none`
};

Order order_by_approval(std::span<const Ballot> ballots, const Options& options, std::span<const Hash> lots) {
  Order out{{}, std::vector<std::uint32_t>(options.size(), 0), std::vector<bool>(options.size(), true)};
  for (const auto& ballot : ballots) {
    for (const auto& option : std::get<Approval>(ballot.choice).options) {
      ++out.votes[static_cast<std::size_t>(std::ranges::find(options, option) - options.begin())];
    }
  }
  out.best_first = approval_order(out.votes, lots);
  return out;
}

Order order_by_schulze(std::span<const Ballot> ballots, const Options& options, std::span<const Hash> lots) {
  std::vector<Ranks> ranks;
  for (const auto& ballot : ballots) ranks.push_back(ranks_of(std::get<Ranking>(ballot.choice), options));
  const auto preferred = preferences(ranks, options.size());
  const auto strength = beatpaths(preferred);
  const auto none = options.size() - 1;
  Order out{schulze_order(strength, lots), {}, {}};
  for (std::size_t option = 0; option < options.size(); ++option) {
    out.votes.push_back(preferred[option][none]);
    out.wanted.push_back(strength[option][none] > strength[none][option]);
  }
  return out;
}

void count_election(const Poll& poll, std::span<const Ballot> ballots, Outcome& out) {
  const auto options = options_of(poll);
  const auto lots = lots_of(poll, options);
  const auto order = poll.rules.method == Charter::Method::approval ? order_by_approval(ballots, options, lots)
                                                                    : order_by_schulze(ballots, options, lots);
  std::size_t elected = 0;
  for (const auto option : order.best_first) {
    if (options[option] == no_candidate) continue;
    const bool enough = order.wanted[option] && reaches(order.votes[option], out.counted, poll.rules.pass_percent);
    const bool in = out.quorum && out.counted != 0 && enough && elected < poll.vote.seats;
    if (in) ++elected;
    out.options.push_back({options[option], order.votes[option], in});
  }
  out.passed = elected >= poll.threshold;
  if (out.passed) return;
  // Fewer than could ever act: nobody is elected, and who was in office stays.
  for (auto& option : out.options) option.elected = false;
}

}  // namespace

Hash lot(const Hash& vote, std::string_view option) {
  crypto::Sha256 hash;
  hash.update(base::octets(vote)).update(option);
  return hash.finish();
}

Verdict<void> can_be_counted(const Vote& vote, const Charter::Votes& rules, std::string_view file_name) {
  if (rules.ballot != Charter::Ballot::open)
    return complaint(Errc::bad_value, std::string(file_name), "is under a charter whose ballots are not open",
                     "this version takes open ballots only");
  if (vote.kind == Vote::Kind::election && rules.method == Charter::Method::stv)
    return complaint(Errc::bad_value, std::string(file_name), "is under a charter that elects by transferable votes",
                     "this version counts approval and Schulze");
  return {};
}

Verdict<void> check_choice(const Poll& poll, const Ballot& ballot, const std::string& file_name) {
  if (fits(poll, ballot)) return {};
  return complaint(Errc::ballot_wrong_kind, file_name, "is not the choice that this vote asks for",
                   is_question(poll)                                ? "answer yes, no or abstain"
                   : poll.rules.method == Charter::Method::approval ? "approve candidates, by the options they have"
                                                                    : "rank candidates, by the options they have");
}

Verdict<ValidBallot> judge_ballot(const Poll& poll, const ReceivedBallot& received, const SignaturesSeen* seen) {
  if (auto v = check_time(poll, received); !v) return v.error();
  const auto voter = signing_voter(poll, received.file);
  if (!voter) return voter.error();
  auto ballot = parse_ballot(received.file.octets, received.file.name);
  if (!ballot) return ballot.error();
  if (auto v = check_ballot(poll, received, *ballot); !v) return v.error();
  const Hash id = identity(received.file.octets);
  const Maintainer known{(*voter)->member.str(), (*voter)->key, {}, {}, std::nullopt};
  const auto signers =
      verified_signers(received.file, trusted_comment("ballot", ballot->pod, ballot->charter, id), {&known, 1}, seen);
  if (!signers) return signers.error();
  return ValidBallot{std::move(*ballot), (*voter)->member, id};
}

bool counts_before(const ValidBallot& a, const ValidBallot& b) {
  if (a.ballot.issued != b.ballot.issued) return a.ballot.issued > b.ballot.issued;
  return a.identity < b.identity;
}

namespace {

Outcome outcome_of(const Poll& poll, std::vector<Cast> valid, Outcome out) {
  const auto counted = one_of_each(std::move(valid), out);
  out.counted = counted.size();
  out.quorum = reaches(out.counted, poll.members, poll.rules.quorum_percent);
  if (is_question(poll)) {
    count_question(poll, counted, out);
  } else {
    count_election(poll, counted, out);
  }
  return out;
}

}  // namespace

Outcome count(const Poll& poll, std::span<const ReceivedBallot> ballots) {
  Outcome out;
  auto valid = valid_ones(poll, ballots, out);
  return outcome_of(poll, std::move(valid), std::move(out));
}

Outcome count_valid(const Poll& poll, std::span<const ValidBallot> ballots) {
  std::vector<Cast> valid;
  for (const auto& ballot : ballots) valid.push_back({ballot, {}});
  return outcome_of(poll, std::move(valid), {});
}

}  // namespace mailpod::governance
