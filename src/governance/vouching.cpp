#include <algorithm>

#include <fmt/format.h>

#include <mailpod/governance/roster.hpp>

#include "roster_word.hpp"
#include "toml_text.hpp"

// What members say of newcomers, and what follows from it. docs/joining.md.
namespace mailpod::governance {

const Candidate* Roster::find_candidate(MemberId member, base::Time at) const {
  const auto found = candidates_.find(member);
  const bool is_there = found != candidates_.end() && at < found->second.since + longest_candidacy;
  return is_there ? &found->second : nullptr;
}

base::Time Standing::unsuspended_since(base::Time at) const {
  auto since = admitted;
  if (suspended_until && *suspended_until <= at) since = std::max(since, *suspended_until);
  if (reinstated) since = std::max(since, *reinstated);
  return since;
}

std::optional<base::Time> Roster::ripe_at(const Candidate& candidate, base::Time at) const {
  const Charter& charter = charters_.at(at);
  const auto& rules = charter.members;
  if (rules.join != Charter::Join::vouches) return std::nullopt;
  for (const auto& [by, when] : candidate.objections) {
    if (holds_objections(by, at)) return std::nullopt;
  }
  std::vector<base::Time> vouches;
  for (const auto& [by, when] : candidate.vouches) {
    if (is_member(by, at)) vouches.push_back(std::max(when, find(by)->unsuspended_since(at)));
  }
  if (vouches.size() < rules.vouches) return std::nullopt;
  std::ranges::sort(vouches);
  // Whoever may object has seen the candidate with enough vouches, and the day, under this charter.
  const auto enough_since = std::max(vouches[rules.vouches - 1], charter.effective);
  return enough_since + std::chrono::days(rules.objection_days);
}

/// Fewer maintainers than the threshold may protect, but not overrule a member.
bool Roster::holds_objections(MemberId member, base::Time at) const {
  const Standing* standing = find(member);
  return standing != nullptr && standing->principal == Principal::member && !standing->expelled &&
         !(standing->suspended(at) && standing->suspended_by_threshold);
}

Verdict<Vouch> Roster::apply_vouch(const SignedFile& file, base::Time at, const SignaturesSeen* seen) {
  auto vouch = parse_vouch(file.octets, file.name);
  if (!vouch) return vouch;
  const Word word{file, at, vouch->pod, vouch->charter, vouch->issued, vouch_validity};
  if (auto v = check_frame(word); !v) return v.error();
  if (nonces_.contains(vouch->nonce)) {
    return word.refuse(Errc::nonce_seen, "was taken already", "a vouch counts once; make a new one");
  }
  if (auto v = check_speaker(*vouch, word, seen); !v) return v.error();
  if (auto v = check_said(*vouch, word); !v) return v.error();
  const bool counts = vouch->kind == Vouch::Kind::invite || vouch->kind == Vouch::Kind::vouch;
  if (counts) {
    if (auto v = check_voucher(*vouch, word); !v) return v.error();
  }

  forget_old_candidates(at);
  nonces_.insert(vouch->nonce);
  confirmed_ = std::max(confirmed_, vouch->issued);
  if (counts) vouched_[vouch->by].push_back(at);
  if (vouch->kind == Vouch::Kind::invite) {
    invitations_[*vouch->invitation] = {at, *vouch->until, vouch->by, std::nullopt};
    return vouch;
  }
  Candidate& candidate = candidates_.at(*vouch->newcomer);
  ++candidate.said[vouch->by];
  if (vouch->kind == Vouch::Kind::vouch) candidate.vouches[vouch->by] = at;
  if (vouch->kind == Vouch::Kind::object) candidate.objections[vouch->by] = at;
  if (vouch->kind == Vouch::Kind::withdraw) {
    candidate.vouches.erase(vouch->by);
    candidate.objections.erase(vouch->by);
  }
  return vouch;
}

/// Whether it is said by a member, where members have a say.
Verdict<void> Roster::check_speaker(const Vouch& vouch, const Word& word, const SignaturesSeen* seen) const {
  const auto rule = charters_.at(word.at).members.join;
  if (rule != Charter::Join::vouches) {
    return word.refuse(Errc::joins_otherwise,
                       rule == Charter::Join::open
                           ? "speaks of a newcomer where the charter lets anybody join (join = \"open\")"
                           : "speaks of a newcomer where the maintainers invite (join = \"invitation\")",
                       "`mailpod charter explain` says how one joins");
  }
  const Standing* standing = find(vouch.by);
  if (!is_member(vouch.by, word.at)) {
    return word.refuse(standing != nullptr && standing->suspended(word.at) ? Errc::suspended : Errc::not_admitted,
                       "is of somebody who is no member, or suspended", "only members speak of newcomers");
  }
  if (!standing->citizen_key) {
    return word.refuse(Errc::signature_unknown_key, "is of a member without a citizen key",
                       "have the maintainers enter it: `mailpod member citizen-key`");
  }
  std::vector<Maintainer> known(1);
  known[0].name = "the member";
  known[0].key = *standing->citizen_key;
  const auto comment = trusted_comment("vouch", vouch.pod, vouch.charter, identity(word.file.octets));
  const auto signers = verified_signers(word.file, comment, known, seen);
  if (!signers) return signers.error();
  return {};
}

/// Whether this member may vouch for one more.
Verdict<void> Roster::check_voucher(const Vouch& vouch, const Word& word) const {
  const auto& rules = charters_.at(word.at).members;
  const std::chrono::days age(rules.voucher_age_days);
  const auto old_enough = find(vouch.by)->admitted + age;
  if (word.at < old_enough) {
    return word.refuse(
        Errc::voucher_too_young,
        fmt::format("is of somebody who has not been a member for {} days (voucher_age_days)", age.count()),
        "they may vouch from " + time_text(old_enough));
  }
  const auto budget = rules.voucher_budget == 0 ? Charter::largest_voucher_budget : rules.voucher_budget;
  const auto found = vouched_.find(vouch.by);
  if (found == vouched_.end()) return {};
  const auto of_this_year =
      std::ranges::count_if(found->second, [&](base::Time when) { return word.at - when < budget_period; });
  if (static_cast<std::uint32_t>(of_this_year) < budget) return {};
  return word.refuse(
      Errc::budget_spent,
      fmt::format("is of somebody who vouched for {} newcomers within a year (voucher_budget)", of_this_year),
      "another member may vouch");
}

/// Whether it can be said of this newcomer, now.
Verdict<void> Roster::check_said(const Vouch& vouch, const Word& word) const {
  if (vouch.kind == Vouch::Kind::invite) {
    if (!invitations_.contains(*vouch.invitation)) return {};
    return word.refuse(Errc::invitation_repeated, "invites by a key that was used before", "make another invitation");
  }
  const Candidate* candidate = find_candidate(*vouch.newcomer, word.at);
  if (candidate == nullptr) {
    return word.refuse(find(*vouch.newcomer) != nullptr ? Errc::already_admitted : Errc::no_candidate,
                       find(*vouch.newcomer) != nullptr ? "is about somebody who is a member"
                                                        : "is about nobody who asks to join, or no more",
                       "`mailpod candidates` shows who does");
  }
  const bool vouched = candidate->vouches.contains(vouch.by);
  const bool objected = candidate->objections.contains(vouch.by);
  if (vouch.kind == Vouch::Kind::withdraw) {
    if (vouched || objected) return {};
    return word.refuse(Errc::not_there, "withdraws what was never said", "nothing to do");
  }
  if (vouched || objected) {
    return word.refuse(Errc::already_added,
                       vouched ? "is of somebody who vouches for them" : "is of somebody who objects to them",
                       "withdraw that first, to say something else");
  }
  const auto said = candidate->said.find(vouch.by);
  if (said != candidate->said.end() && said->second >= most_words_of_a_newcomer) {
    return word.refuse(Errc::too_much_said, fmt::format("is of somebody who spoke of them {} times", said->second),
                       "another member may speak");
  }
  return {};
}

Verdict<MemberId> Roster::apply_confirmation(const SignedFile& file, base::Time at) {
  const auto confirmation = parse_confirmation(file.octets, file.name);
  if (!confirmation) return confirmation.error();
  const Word word{file, at, confirmation->pod, confirmation->charter, at, vouch_validity};
  if (auto v = check_frame(word); !v) return v.error();
  if (!file.minisigs.empty()) {
    return word.refuse(Errc::signature_unknown_key, "is signed, and nobody decides it", "the rules alone admit");
  }
  const MemberId newcomer = confirmation->newcomer;
  const Candidate* candidate = find_candidate(newcomer, at);
  if (candidate == nullptr) {
    return word.refuse(Errc::no_candidate, "admits somebody who does not ask to join", "nothing to do");
  }
  const auto ripe = ripe_at(*candidate, at);
  if (!ripe) {
    return word.refuse(Errc::below_threshold,
                       "admits somebody for whom vouches are missing, or to whom a member objects", "wait for both");
  }
  if (at < *ripe) {
    return word.refuse(Errc::not_yet_issued, "admits somebody before " + time_text(*ripe),
                       "members may object until then");
  }
  Standing& standing = standings_[newcomer];
  standing.admitted = at;
  standing.address_commitment = candidate->address_commitment;
  standing.citizen_key = candidate->citizen_key;
  standing.accepted = candidate->accepted;
  candidates_.erase(newcomer);
  return newcomer;
}

void Roster::forget_old_candidates(base::Time at) {
  std::erase_if(candidates_, [at](const auto& each) { return at >= each.second.since + longest_candidacy; });
}

}  // namespace mailpod::governance
