#include <fmt/format.h>

#include <mailpod/governance/charter.hpp>
#include <mailpod/text/base64.hpp>

#include "charter_addresses.hpp"
#include "charter_words.hpp"

namespace mailpod::governance {
namespace {

std::string list(const std::vector<std::string>& names) {
  std::string out = "[";
  for (const auto& name : names) out += (out.size() > 1 ? ", " : "") + quoted(name);
  return out + "]";
}

std::string maintainer_text(const Maintainer& maintainer) {
  std::string out = fmt::format("\n[[maintainers]]\nname = {}\nkey = {}\nfrom = {}\nto = {}\n", quoted(maintainer.name),
                                quoted(maintainer.key.str()), time_text(maintainer.from), time_text(maintainer.to));
  if (maintainer.member) out += fmt::format("member = {}\n", quoted(maintainer.member->str()));
  return out;
}

std::string members_text(const Charter::Members& members) {
  std::string out = fmt::format("\n[members]\njoin = \"{}\"\n", spelling(members.join, join_words));
  if (members.join == Charter::Join::vouches) {
    out += fmt::format("vouches = {}\nvoucher_age_days = {}\nobjection_days = {}\n", members.vouches,
                       members.voucher_age_days, members.objection_days);
    // Older versions refuse what they do not know.
    if (members.voucher_budget != 0) out += fmt::format("voucher_budget = {}\n", members.voucher_budget);
  }
  return out + fmt::format("suspension_days = {}\nexpulsion = \"{}\"\n", members.suspension_days,
                           spelling(members.expulsion, expulsion_words));
}

std::string votes_text(const Charter::Votes& votes) {
  return fmt::format(
      "\n[votes]\nballot = \"{}\"\nmethod = \"{}\"\nquorum_percent = {}\npass_percent = {}\namend_percent = {}\n"
      "notice_days = {}\n",
      spelling(votes.ballot, ballot_words), spelling(votes.method, method_words), votes.quorum_percent,
      votes.pass_percent, votes.amend_percent, votes.notice_days);
}

std::string privacy_text(const Charter::Privacy& privacy) {
  return fmt::format(
      "\n[privacy]\nretention_days = {}\nlog_days = {}\nescrow = \"{}\"\nvault_closes_after_hours = {}\n"
      "passwords = \"{}\"\n",
      privacy.retention_days, privacy.log_days, no_escrow, privacy.vault_closes_after_hours,
      spelling(privacy.passwords, password_words));
}

std::string federation_text(const Charter::Federation& federation) {
  std::string out = "\n[federation]\n";
  if (federation.pod_key)
    out += fmt::format("pod_key = \"{}\"\n", text::write_base64(base::octets(*federation.pod_key)));
  return out + fmt::format("policy = \"{}\"\nallow = {}\ndeny = {}\nwitnesses = {}\nreplicas = {}\n",
                           spelling(federation.policy, federate_words), list(federation.allow), list(federation.deny),
                           list(federation.witnesses), list(federation.replicas));
}

/// Older versions refuse what they do not know: who says nothing of it is written as ever.
std::string authentication_text(const Charter::Authentication& authentication) {
  std::string out;
  const auto add = [&](std::string_view key, Charter::Unshown value) {
    if (value != Charter::Unshown::unsaid) out += fmt::format("{} = \"{}\"\n", key, spelling(value, unshown_words));
  };
  add("dmarc_reject", authentication.dmarc_reject);
  add("dmarc_quarantine", authentication.dmarc_quarantine);
  add("spf_fail", authentication.spf_fail);
  return out.empty() ? out : "\n[authentication]\n" + out;
}

}  // namespace

std::string write_charter(const Charter& charter) {
  std::string out = fmt::format("type = \"charter\"\npod = {}\nseq = {}\n", quoted(charter.pod), charter.seq);
  if (charter.prev) out += fmt::format("prev = \"{}\"\n", base::hex(base::octets(*charter.prev)));
  out += fmt::format("issued = {}\neffective = {}\nexpires = {}\nthreshold = {}\n", time_text(charter.issued),
                     time_text(charter.effective), time_text(charter.expires), charter.threshold);
  for (const auto& maintainer : charter.maintainers) out += maintainer_text(maintainer);
  out += members_text(charter.members);
  out += votes_text(charter.votes);
  out += fmt::format("\n[recovery]\nshare_percent = {}\nwait_days = {}\n", charter.recovery.share_percent,
                     charter.recovery.wait_days);
  out += privacy_text(charter.privacy);
  out += federation_text(charter.federation);
  out += authentication_text(charter.authentication);
  out += fmt::format("\n[limits]\nquota_mib = {}\nmessages_a_day = {}\nrecipients = {}\nmessage_mib = {}\n",
                     charter.limits.quota_mib, charter.limits.messages_a_day, charter.limits.recipients,
                     charter.limits.message_mib);
  // Older versions refuse what they do not know: who has no such limit is written as ever.
  if (charter.limits.quota_messages != 0) out += fmt::format("quota_messages = {}\n", charter.limits.quota_messages);
  out += addresses_text(charter.addresses);
  if (!charter.text.empty()) out += "\n[text]\nconstitution = " + quoted_lines(charter.text) + "\n";
  return out;
}

}  // namespace mailpod::governance
