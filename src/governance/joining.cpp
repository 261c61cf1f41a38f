#include <fmt/format.h>

#include <mailpod/governance/roster.hpp>

#include "roster_word.hpp"
#include "toml_text.hpp"

// How newcomers come in by files of their own. docs/joining.md.
namespace mailpod::governance {

Verdict<Join> Roster::apply_join(const SignedFile& file, base::Time at, const SignaturesSeen* seen) {
  auto join = read_join(file, seen);
  if (!join) return join;
  const Word word{file, at, join->pod, join->charter, join->issued, join_validity};
  if (auto v = check_frame(word); !v) return v.error();
  if (auto v = check_way_in(*join, word); !v) return v.error();
  if (auto v = check_newcomer(*join, word); !v) return v.error();
  forget_old_candidates(at);
  const auto accepted = Acceptance{join->charter, join->accepts, identity(file.octets)};
  std::optional<MemberId> voucher;
  if (join->invitation) {
    auto& invitation = invitations_.at(invitation_commitment(*join->invitation));
    invitation.used_by = join->member;
    voucher = invitation.by;
  }
  if (charters_.at(at).members.join == Charter::Join::vouches) {
    auto& candidate = candidates_[join->member];
    candidate = {at, join->address_commitment, join->citizen_key, accepted, {}, {}, {}};
    if (voucher) candidate.vouches[*voucher] = at;
    return join;
  }
  Standing& standing = standings_[join->member];
  standing.admitted = at;
  standing.address_commitment = join->address_commitment;
  standing.citizen_key = join->citizen_key;
  standing.accepted = accepted;
  return join;
}

Verdict<void> Roster::check_frame(const Word& word) const {
  const Charter& charter = charters_.at(word.at);
  if (word.pod != charter.pod) {
    return word.refuse(Errc::wrong_pod, "is for " + word.pod, "this pod is " + charter.pod);
  }
  if (word.charter != charter.seq) {
    return word.refuse(Errc::wrong_charter, fmt::format("was made under charter {}", word.charter),
                       fmt::format("charter {} is in force: read it, and have this made anew", charter.seq));
  }
  if (charter.expired(word.at)) {
    return word.refuse(Errc::charter_expired,
                       fmt::format("charter {} expired at {}", charter.seq, time_text(charter.expires)),
                       "nobody joins until the maintainers have signed its successor");
  }
  if (word.issued > word.at + clock_tolerance) {
    return word.refuse(Errc::not_yet_issued, "was issued in the future: " + time_text(word.issued),
                       "correct the clock");
  }
  if (word.at >= word.issued + word.validity) {
    return word.refuse(Errc::act_expired, "was issued at " + time_text(word.issued) + ", and was good for a day",
                       "have it made anew");
  }
  return {};
}

/// Whether the charter's rule lets them in.
Verdict<void> Roster::check_way_in(const Join& join, const Word& word) const {
  const auto rule = charters_.at(word.at).members.join;
  if (!join.invitation) {
    if (rule == Charter::Join::open) return {};
    return word.refuse(Errc::joins_otherwise,
                       rule == Charter::Join::invitation
                           ? "has no invitation, and one joins by one that the maintainers sign (join = \"invitation\")"
                           : "has no invitation, and one joins by the vouches of members (join = \"vouches\")",
                       "ask for an invitation: `mailpod charter explain` says who gives one");
  }
  const auto found = invitations_.find(invitation_commitment(*join.invitation));
  if (found == invitations_.end() || found->second.withdrawn) {
    return word.refuse(Errc::invitation_unknown, "comes by an invitation that there is not, or is no more",
                       "ask for another");
  }
  const Invitation& invitation = found->second;
  if (invitation.used_by) {
    return word.refuse(Errc::invitation_used, "comes by an invitation that somebody used", "ask for another");
  }
  if (word.at >= invitation.until) {
    return word.refuse(Errc::invitation_expired, "comes by an invitation that ended at " + time_text(invitation.until),
                       "ask for another");
  }
  if (rule == Charter::Join::vouches && !invitation.by) {
    return word.refuse(Errc::joins_otherwise,
                       "comes by an invitation of the maintainers, and one joins by vouches now (join = \"vouches\")",
                       "ask a member for an invitation");
  }
  if (rule == Charter::Join::invitation && invitation.by) {
    return word.refuse(Errc::joins_otherwise,
                       "comes by an invitation of a member, and the maintainers invite now (join = \"invitation\")",
                       "ask the maintainers for an invitation");
  }
  if (invitation.by && !is_member(*invitation.by, word.at)) {
    return word.refuse(Errc::not_admitted, "comes by an invitation of somebody who is no member, or suspended",
                       "ask another member");
  }
  return {};
}

Verdict<void> Roster::check_newcomer(const Join& join, const Word& word) const {
  if (join.accepts != charters_.identity_of(join.charter)) {
    return word.refuse(Errc::charter_not_accepted,
                       fmt::format("accepts another text than that of charter {}", join.charter),
                       "read the charter in force, and have this made anew");
  }
  if (find(join.member) != nullptr || find_candidate(join.member, word.at) != nullptr) {
    return word.refuse(Errc::already_admitted, "joins a second time by one key and invitation",
                       "whoever comes back makes another citizen key");
  }
  if (is_key_taken(join.citizen_key, join.member)) {
    return word.refuse(Errc::key_taken, "has the citizen key of somebody else here", "make another");
  }
  return {};
}

/// Neither a key nor a key's id is two members': a ballot names its voter by the id alone.
bool Roster::is_key_taken(const crypto::minisign::PublicKey& key, MemberId by) const {
  const auto is_it = [&](const crypto::minisign::PublicKey& other) {
    return other.id == key.id || other.key == key.key;
  };
  for (const auto& [member, standing] : standings_) {
    if (member != by && standing.citizen_key && is_it(*standing.citizen_key)) return true;
  }
  for (const auto& [member, candidate] : candidates_) {
    if (member != by && is_it(candidate.citizen_key)) return true;
  }
  return false;
}

bool Roster::is_member(MemberId member, base::Time at) const {
  const Standing* standing = find(member);
  return standing != nullptr && standing->principal == Principal::member && !standing->expelled &&
         !standing->suspended(at);
}

}  // namespace mailpod::governance
