#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <mailpod/governance/plain_words.hpp>

#include "toml_text.hpp"

namespace mailpod::governance {
namespace {

std::string counted(std::uint64_t number, std::string_view thing) {
  return fmt::format("{} {}{}", number, thing, number == 1 ? "" : "s");
}

std::string names(const std::vector<std::string>& pods) {
  return fmt::format("{}", fmt::join(pods, ", "));
}

using Statements = std::vector<Statement>;

void say_maintainers(const Charter& charter, Statements& out) {
  for (const auto& maintainer : charter.maintainers) {
    const auto reached = maintainer.member ? ", reached as member " + maintainer.member->str() : "";
    out.push_back(
        {"maintainers", maintainer.key.str(),
         fmt::format("{} (key {}) is a maintainer from {} until {}{}.", maintainer.name, maintainer.key.id_text(),
                     time_text(maintainer.from), time_text(maintainer.to), reached)});
  }
  out.push_back(
      {"threshold", "threshold",
       fmt::format("An act, a vote's opening or the next charter needs the signatures of {}, of the {} named.",
                   counted(charter.threshold, "maintainer"), charter.maintainers.size())});
}

void say_members(const Charter::Members& members, Statements& out) {
  std::string join = "Anybody may join.";
  if (members.join == Charter::Join::invitation) join = "One joins by an invitation that the maintainers sign.";
  if (members.join == Charter::Join::vouches) {
    join = fmt::format("One joins when {} for one",
                       counted(members.vouches, "member") + " vouch" + (members.vouches == 1 ? "es" : ""));
    if (members.voucher_age_days != 0)
      join += fmt::format("; who vouches has been a member for {}", counted(members.voucher_age_days, "day"));
    if (members.voucher_budget != 0)
      join += fmt::format("; one member vouches for at most {} a year", counted(members.voucher_budget, "newcomer"));
    if (members.objection_days != 0)
      join += fmt::format("; others may object for {}", counted(members.objection_days, "day"));
    join += ".";
  }
  out.push_back({"[members]", "join", join});
  out.push_back(
      {"[members]", "suspension",
       fmt::format("As many maintainers as the threshold may suspend a member, for at most {}; fewer only for "
                   "24 hours, to protect the others, and once in that time.",
                   counted(members.suspension_days, "day"))});
  out.push_back({"[members]", "expulsion",
                 members.expulsion == Charter::Expulsion::vote
                     ? "A member is expelled only after the members voted for it."
                     : "As many maintainers as the threshold may expel a member."});
}

void say_votes(const Charter::Votes& votes, Statements& out) {
  const auto ballots = votes.ballot == Charter::Ballot::open     ? "open: everybody sees who voted how"
                       : votes.ballot == Charter::Ballot::sealed ? "sealed until the vote closes"
                                                                 : "secret";
  out.push_back({"[votes]", "ballot", fmt::format("Ballots are {}.", ballots)});
  const auto method = votes.method == Charter::Method::approval ? "each voter approves as many candidates as they like"
                      : votes.method == Charter::Method::schulze
                          ? "each voter ranks the candidates, and Schulze's method counts"
                          : "each voter ranks the candidates, and votes are transferred";
  out.push_back({"[votes]", "method", fmt::format("In an election {}.", method)});
  out.push_back({"[votes]", "quorum",
                 fmt::format("A vote counts if at least {} % of the members take part.", votes.quorum_percent)});
  out.push_back(
      {"[votes]", "pass",
       fmt::format("A motion passes, and a candidate can be elected, by at least {} %.", votes.pass_percent)});
  out.push_back(
      {"[votes]", "amend",
       fmt::format("Changing threshold, [votes], [recovery] or [privacy] takes a vote in which at least {} % say yes.",
                   votes.amend_percent)});
  out.push_back(
      {"[votes]", "notice",
       fmt::format("A new charter takes effect {} after its acceptance at the earliest, and a vote stays open "
                   "for at least as long.",
                   counted(votes.notice_days, "day"))});
}

void say_recovery_and_privacy(const Charter& charter, Statements& out) {
  out.push_back({"[recovery]", "recovery",
                 fmt::format("If too few maintainers' keys are left, {} % of the members' citizen keys can appoint "
                             "others, after {} in public.",
                             charter.recovery.share_percent, counted(charter.recovery.wait_days, "day"))});
  const auto& privacy = charter.privacy;
  out.push_back({"[privacy]", "retention",
                 privacy.retention_days == 0
                     ? "Mail is kept until its member deletes it."
                     : fmt::format("Mail is to be deleted after {}.", counted(privacy.retention_days, "day"))});
  out.push_back({"[privacy]", "logs", fmt::format("Logs are to be kept for {}.", counted(privacy.log_days, "day"))});
  out.push_back({"[privacy]", "escrow", "Nobody but its member can read stored mail; no charter can change that."});
  out.push_back(
      {"[privacy]", "vault",
       privacy.vault_closes_after_hours == 0
           ? "A mailbox is open for its member's sessions alone."
           : fmt::format("A mailbox is to close after {}.", counted(privacy.vault_closes_after_hours, "hour"))});
  out.push_back({"[privacy]", "passwords",
                 privacy.passwords == Charter::Passwords::app_only
                     ? "Mail programs log in by app passwords only."
                     : "Mail programs may log in by the member's own password too."});
}

void say_federation(const Charter::Federation& federation, Statements& out) {
  const auto policy = federation.policy == Charter::Federate::open    ? "with every pod"
                      : federation.policy == Charter::Federate::allow ? "only with the pods that are allowed"
                                                                      : "with every pod but those that are denied";
  out.push_back({"[federation]", "policy", fmt::format("The pod federates {}.", policy)});
  if (federation.pod_key)
    out.push_back({"[federation]", "pod_key",
                   fmt::format("The pod signs with the key {}.", base::hex(base::octets(*federation.pod_key)))});
  const std::pair<const char*, const std::vector<std::string>*> lists[] = {{"Allowed", &federation.allow},
                                                                           {"Denied", &federation.deny},
                                                                           {"Witnesses", &federation.witnesses},
                                                                           {"Replicas", &federation.replicas}};
  for (const auto& [what, pods] : lists) {
    if (!pods->empty()) out.push_back({"[federation]", what, fmt::format("{}: {}.", what, names(*pods))});
  }
}

void say_authentication(const Charter::Authentication& authentication, Statements& out) {
  const auto say = [&](std::string_view subject, std::string_view what, Charter::Unshown meets) {
    if (meets == Charter::Unshown::unsaid) return;
    const auto how = meets == Charter::Unshown::accept ? "taken"
                     : meets == Charter::Unshown::junk ? "put into Junk"
                                                       : "refused";
    out.push_back({"[authentication]", std::string(subject), fmt::format("{} is {}.", what, how)});
  };
  say("dmarc_reject", "Mail that its domain asks to reject", authentication.dmarc_reject);
  say("dmarc_quarantine", "Mail that its domain asks to set aside", authentication.dmarc_quarantine);
  say("spf_fail", "Mail from a server that may not send it, of a domain that asks for nothing,",
      authentication.spf_fail);
}

void say_limits(const Charter::Limits& limits, Statements& out) {
  const auto messages =
      limits.quota_messages == 0 ? std::string("any number of messages") : counted(limits.quota_messages, "message");
  out.push_back({"[limits]", "quota", fmt::format("A member may keep {} MiB and {}.", limits.quota_mib, messages)});
  out.push_back({"[limits]", "messages_a_day",
                 fmt::format("A member may send {} a day.", counted(limits.messages_a_day, "message"))});
  out.push_back(
      {"[limits]", "message",
       fmt::format("A message may have {} and {} MiB.", counted(limits.recipients, "recipient"), limits.message_mib)});
}

void say_addresses(const Charter::Addresses& addresses, Statements& out) {
  for (const auto& role : addresses.roles) {
    std::vector<std::string> who;
    if (role.maintainers) who.emplace_back("the maintainers");
    for (const auto& member : role.members) who.push_back("member " + member.str());
    out.push_back({"[addresses]", role.local_part, fmt::format("Mail to {} goes to {}.", role.local_part, names(who))});
  }
  if (addresses.fallback)
    out.push_back({"[addresses]", "default",
                   fmt::format("Mail to addresses that nobody has goes to member {}.", addresses.fallback->str())});
}

}  // namespace

std::vector<Statement> statements(const Charter& charter) {
  Statements out;
  say_maintainers(charter, out);
  say_members(charter.members, out);
  say_votes(charter.votes, out);
  say_recovery_and_privacy(charter, out);
  say_federation(charter.federation, out);
  say_authentication(charter.authentication, out);
  say_limits(charter.limits, out);
  say_addresses(charter.addresses, out);
  return out;
}

std::vector<Difference> differences(const Charter& last, const Charter& next) {
  const auto before = statements(last);
  const auto after = statements(next);
  const auto parts = parts_that_need_a_vote(last, next);
  const auto add = [&](std::vector<Difference>& out, std::string_view part, std::string was, std::string becomes) {
    out.push_back({part, std::move(was), std::move(becomes), std::ranges::find(parts, part) != parts.end()});
  };
  const auto counterpart = [](const Statements& in, const Statement& one) {
    const auto found = std::ranges::find_if(
        in, [&](const Statement& other) { return other.part == one.part && other.subject == one.subject; });
    return found == in.end() ? nullptr : &*found;
  };
  std::vector<Difference> out;
  for (const auto& one : before) {
    const auto* other = counterpart(after, one);
    if (other == nullptr) {
      add(out, one.part, one.words, "");
    } else if (other->words != one.words) {
      add(out, one.part, one.words, other->words);
    }
  }
  for (const auto& one : after) {
    if (counterpart(before, one) == nullptr) add(out, one.part, "", one.words);
  }
  return out;
}

}  // namespace mailpod::governance
