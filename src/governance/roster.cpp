#include <mailpod/governance/roster.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <mailpod/governance/federation.hpp>

#include "roster_case.hpp"
#include "toml_text.hpp"

namespace mailpod::governance {
namespace {

/// What a single maintainer may do: protect for a day, and see to it that a dispute is heard.
bool takes_one(Act::Kind kind) {
  return kind == Act::Kind::suspend || kind == Act::Kind::dispute_open || kind == Act::Kind::dispute_answer;
}

}  // namespace

const Standing* Roster::find(MemberId member) const {
  const auto found = standings_.find(member);
  return found == standings_.end() ? nullptr : &found->second;
}

Allowance Roster::allowance(MemberId member, base::Time at) const {
  const Charter::Limits& limits = charters_.at(at).limits;
  const Standing* own = find(member);
  const bool other_size = own != nullptr && own->quota_mib != 0;
  const bool other_count = own != nullptr && own->quota_messages != 0;
  const std::uint64_t mib = other_size ? own->quota_mib : limits.quota_mib;
  return {mib * 1024 * 1024, other_count ? own->quota_messages : limits.quota_messages};
}

Verdict<void> Roster::apply_charter(const SignedFile& charter, base::Time at, const SignaturesSeen* seen) {
  if (auto v = check_decided(charter, at); !v) return v;
  // An election under way counts on the threshold that it was opened under.
  const auto next = parse_charter(charter.octets, charter.name);
  if (next && next->threshold != charters_.latest().threshold) {
    for (const auto& [id, vote] : votes_) {
      if (vote.decided || vote.poll->vote.kind != Vote::Kind::election) continue;
      return Complaint{Errc::vote_under_way, charter.name, 0, "changes the threshold while an election is under way",
                       "wait for its result, from " + time_text(vote.poll->vote.closes) + " on"};
    }
  }
  return charters_.accept(charter, at, mandate_, seen);
}

Verdict<Act> Roster::apply(const SignedFile& file, base::Time at, const SignaturesSeen* seen) {
  auto act = parse_act(file.octets, file.name);
  if (!act) return act.error();
  Case c{std::move(*act), file, at, seen};
  if (auto v = check_decided(file, at); !v) return v.error();
  if (auto v = check_frame(c); !v) return v.error();
  if (auto v = check_signatures(c); !v) return v.error();
  if (auto v = check_standing(c); !v) return v.error();
  carry_out(c);
  return std::move(c.act);
}

Verdict<void> Roster::check_frame(const Case& c) const {
  const Charter& charter = charters_.at(c.at);
  const Act& act = c.act;
  if (act.pod != charter.pod) {
    return c.refuse(Errc::wrong_pod, "is an act of " + act.pod, "this pod is " + charter.pod);
  }
  if (act.charter != charter.seq) {
    return c.refuse(Errc::wrong_charter, fmt::format("was made under charter {}", act.charter),
                    fmt::format("charter {} is in force: have the act made and signed anew", charter.seq));
  }
  if (charter.expired(c.at)) {
    return c.refuse(Errc::charter_expired,
                    fmt::format("charter {} expired at {}", charter.seq, time_text(charter.expires)),
                    "have the maintainers sign its successor; until then acts wait and mail goes on");
  }
  if (act.expires - act.issued > longest_act_validity) {
    return c.refuse(Errc::act_valid_too_long, "is valid for more than 30 days", "let it expire earlier");
  }
  if (act.issued > c.at + clock_tolerance) {
    return c.refuse(Errc::not_yet_issued, "was issued in the future: " + time_text(act.issued), "correct the clock");
  }
  if (c.at >= act.expires) {
    return c.refuse(Errc::act_expired, "expired at " + time_text(act.expires), "have it made and signed anew");
  }
  if (nonces_.contains(act.nonce)) {
    return c.refuse(Errc::nonce_seen, "was executed already", "an act is executed once; make a new one");
  }
  return {};
}

Verdict<void> Roster::check_signatures(Case& c) const {
  const Charter& charter = charters_.at(c.at);
  const auto comment = trusted_comment("act", c.act.pod, c.act.charter, identity(c.file.octets));
  const auto signers = verified_signers(c.file, comment, charter.maintainers, c.seen);
  if (!signers) return signers.error();
  for (const auto& signer : *signers) c.signers.push_back(signer.id);
  auto enough = require_threshold(c.file, *signers, charter, c.at);
  c.by_threshold = enough.has_value();
  if (c.by_threshold || !takes_one(c.act.kind)) return enough;
  Charter alone = charter;
  alone.threshold = 1;
  return require_threshold(c.file, *signers, alone, c.at);
}

Verdict<void> Roster::check_standing(const Case& c) const {
  if (c.act.kind == Act::Kind::federate || c.act.kind == Act::Kind::defederate) return check_federation(c);
  if (!c.act.domain.empty()) return check_domain(c);
  if (c.act.group) return check_group(c);
  if (c.act.invitation) return check_invitation(c);
  if (c.act.text_commitment || c.act.program) return check_care(c);
  const Standing* standing = find(c.act.member);
  const std::string who = "member " + c.act.member.str();
  if (c.act.kind == Act::Kind::admit) {
    if (standing == nullptr) return {};
    return c.refuse(Errc::already_admitted, who + " was admitted already", "draw a new member id for a newcomer");
  }
  if (standing == nullptr) {
    return c.refuse(Errc::not_admitted, who + " was never admitted", "correct the member id");
  }
  if (standing->expelled) {
    return c.refuse(Errc::not_admitted, who + " was expelled", "whoever comes back is admitted anew");
  }
  const auto voted = expulsions_.find(c.act.member);
  const bool mandated = voted != expulsions_.end() && c.at < voted->second;
  if (c.act.kind == Act::Kind::expel && charters_.at(c.at).members.expulsion == Charter::Expulsion::vote && !mandated) {
    return c.refuse(Errc::needs_vote, "expels by threshold, and the charter wants a vote",
                    "have the members vote on it (`mailpod vote open expulsion`), and suspend meanwhile");
  }
  if (c.act.kind == Act::Kind::suspend) return check_suspension(c);
  if (c.act.kind == Act::Kind::set_citizen_key) return check_citizen_key(c);
  if (c.act.kind == Act::Kind::add_alias || c.act.kind == Act::Kind::remove_alias) return check_alias(c);
  if (c.act.kind == Act::Kind::reinstate && !standing->suspended(c.at)) {
    return c.refuse(Errc::not_suspended, who + " is not suspended", "nothing to do");
  }
  return {};
}

Verdict<void> Roster::check_suspension(const Case& c) const {
  const Standing& standing = *find(c.act.member);
  const std::chrono::days longest(charters_.at(c.at).members.suspension_days);
  if (*c.act.until <= c.at) {
    return c.refuse(Errc::act_expired, "would end before it begins", "choose a later `until`");
  }
  if (c.by_threshold) {
    if (*c.act.until - c.at <= longest) return {};
    return c.refuse(Errc::suspension_too_long, fmt::format("suspends for more than {} days", longest.count()),
                    "let it end by " + time_text(c.at + longest));
  }
  if (*c.act.until - c.at > protective_suspension) {
    return c.refuse(Errc::suspension_too_long, "fewer maintainers than the threshold may suspend for 24 hours only",
                    "have more maintainers sign, or let it end by " + time_text(c.at + protective_suspension));
  }
  // Renewed day by day, a protective suspension would be one without the threshold.
  if (standing.protected_at && c.at - *standing.protected_at < longest) {
    return c.refuse(Errc::suspension_too_long, "was suspended for protection already in this period",
                    "have as many maintainers sign as the charter's threshold");
  }
  if (standing.suspended(c.at)) {
    return c.refuse(Errc::already_suspended, "is suspended already", "nothing to do");
  }
  return {};
}

Verdict<void> Roster::check_alias(const Case& c) const {
  const bool stands = find(c.act.member)->aliases.contains(*c.act.address_commitment);
  if (c.act.kind == Act::Kind::add_alias && stands) {
    return c.refuse(Errc::already_added, "adds an alias that stands", "nothing to do");
  }
  if (c.act.kind == Act::Kind::remove_alias && !stands) {
    return c.refuse(Errc::not_there, "removes an alias that the member does not have",
                    "have it commit as the act did that added the alias");
  }
  return {};
}

Verdict<void> Roster::check_domain(const Case& c) const {
  const bool adds = c.act.kind == Act::Kind::add_domain;
  const auto found = domains_.find(c.act.domain);
  const bool own = c.act.domain == charters_.at(c.at).pod;
  const bool stands = own || (found != domains_.end() && found->second);
  if (adds && stands) return c.refuse(Errc::already_added, "adds a domain that stands", "nothing to do");
  if (!adds && own) {
    return c.refuse(Errc::bad_value, "removes the pod's own domain", "a pod of another domain is another pod");
  }
  if (!adds && !stands) {
    return c.refuse(Errc::not_there, "removes a domain that no act added", "`mailpod domain list` shows them");
  }
  return {};
}

Verdict<void> Roster::check_federation(const Case& c) const {
  const auto served = domains_.find(c.act.domain);
  if (c.act.domain == charters_.at(c.at).pod || (served != domains_.end() && served->second))
    return c.refuse(Errc::bad_value, "is about a domain of this pod's own", "name another pod's");
  const bool exchanges = c.act.kind == Act::Kind::federate;
  const FederationRule standing = federation_rule(*this, c.act.domain, c.at);
  if (standing.by_act() && standing.entry == c.act.domain && standing.exchanges == exchanges)
    return c.refuse(Errc::already_added, "says what the last act about this domain said", "nothing to do");
  return {};
}

Verdict<void> Roster::check_group(const Case& c) const {
  if (c.act.kind == Act::Kind::set_group || groups_.contains(*c.act.group)) return {};
  return c.refuse(Errc::not_there, "removes a group that no act set", "`mailpod group list` shows them");
}

Verdict<void> Roster::check_invitation(const Case& c) const {
  const auto found = invitations_.find(*c.act.invitation);
  if (c.act.kind == Act::Kind::withdraw_invitation) {
    if (found == invitations_.end() || found->second.withdrawn)
      return c.refuse(Errc::invitation_unknown, "withdraws an invitation that there is not",
                      "`mailpod invitation list` shows them");
    if (found->second.used_by)
      return c.refuse(Errc::invitation_used, "withdraws an invitation that was used", "a member is suspended, not it");
    return {};
  }
  switch (charters_.at(c.at).members.join) {
    case Charter::Join::open:
      return c.refuse(Errc::joins_otherwise, "invites where the charter lets anybody join (join = \"open\")",
                      "they run `mailpod join` without an invitation");
    case Charter::Join::vouches:
      return c.refuse(Errc::joins_otherwise, "invites where the charter asks for vouches (join = \"vouches\")",
                      "a member invites, and vouches by it: `mailpod invite --citizen-key`");
    case Charter::Join::invitation:
      break;
  }
  if (found == invitations_.end()) return {};
  return c.refuse(Errc::invitation_repeated, "invites by a key that was used before", "make another invitation");
}

/// A ballot names its voter by the key's id alone, so no two may share one.
Verdict<void> Roster::check_citizen_key(const Case& c) const {
  const Standing& standing = *find(c.act.member);
  if (standing.principal == Principal::guest) {
    return c.refuse(Errc::guests_do_not_vote, "gives a citizen key to a guest", "guests do not vote");
  }
  if (standing.citizen_key == c.act.citizen_key) {
    return c.refuse(Errc::already_added, "sets the citizen key that the member has", "nothing to do");
  }
  if (is_key_taken(*c.act.citizen_key, c.act.member)) {
    return c.refuse(Errc::key_taken, "sets a key that is the citizen key of another",
                    "have the member make a key of their own: `minisign -G`");
  }
  return {};
}

void Roster::carry_out(const Case& c) {
  nonces_.insert(c.act.nonce);
  confirmed_ = std::max(confirmed_, c.act.issued);
  if (carry_out_care(c)) return;
  switch (c.act.kind) {
    case Act::Kind::add_domain:
    case Act::Kind::remove_domain:
      domains_[c.act.domain] = c.act.kind == Act::Kind::add_domain;
      break;
    case Act::Kind::federate:
    case Act::Kind::defederate:
      federated_[c.act.domain] = {c.act.kind == Act::Kind::federate, c.act.charter, c.at, identity(c.file.octets),
                                  c.act.reason};
      ++federation_acts_;
      break;
    case Act::Kind::set_group:
      groups_[*c.act.group] = *c.act.group_commitment;
      break;
    case Act::Kind::remove_group:
      groups_.erase(*c.act.group);
      break;
    case Act::Kind::invite:
      invitations_[*c.act.invitation] = {c.at, *c.act.until, std::nullopt, std::nullopt};
      break;
    case Act::Kind::withdraw_invitation:
      invitations_[*c.act.invitation].withdrawn = true;
      break;
    default:
      carry_out_on_member(c);
  }
}

void Roster::carry_out_on_member(const Case& c) {
  Standing& standing = standings_[c.act.member];
  switch (c.act.kind) {
    case Act::Kind::admit:
      candidates_.erase(c.act.member);
      standing.principal = *c.act.principal;
      standing.admitted = c.at;
      standing.address_commitment = *c.act.address_commitment;
      break;
    case Act::Kind::suspend:
      standing.suspended_until = c.act.until;
      standing.suspended_by_threshold = c.by_threshold;
      if (!c.by_threshold) standing.protected_at = c.at;
      break;
    case Act::Kind::reinstate:
      standing.suspended_until.reset();
      standing.reinstated = c.at;
      break;
    case Act::Kind::reissue:
      break;  // the directory and the slots carry it out
    case Act::Kind::add_alias:
      standing.aliases.insert(*c.act.address_commitment);
      break;
    case Act::Kind::remove_alias:
      standing.aliases.erase(*c.act.address_commitment);
      break;
    case Act::Kind::expel:
      standing.expelled = c.at;
      standing.expelled_by = identity(c.file.octets);
      break;
    case Act::Kind::set_quota:
      standing.quota_mib = c.act.quota_mib;
      standing.quota_messages = c.act.quota_messages;
      break;
    case Act::Kind::set_citizen_key:
      standing.citizen_key = c.act.citizen_key;
      break;
    case Act::Kind::add_domain:
    case Act::Kind::remove_domain:
    case Act::Kind::federate:
    case Act::Kind::defederate:
    case Act::Kind::set_group:
    case Act::Kind::remove_group:
    case Act::Kind::invite:
    case Act::Kind::withdraw_invitation:
    case Act::Kind::dispute_open:
    case Act::Kind::dispute_answer:
    case Act::Kind::dispute_close:
    case Act::Kind::announce:
    case Act::Kind::upgrade:
      break;  // about no member
  }
}

}  // namespace mailpod::governance
