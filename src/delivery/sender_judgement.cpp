#include "sender_judgement.hpp"

#include <array>

#include <fmt/format.h>

namespace mailpod::delivery {

namespace {

using mailauth::DmarcPolicy;
using mailauth::DmarcResult;
using mailauth::SpfResult;

Treatment wanted_for(const Authentication& rules, DmarcPolicy policy) {
  if (policy == DmarcPolicy::reject) return rules.on_reject;
  return policy == DmarcPolicy::quarantine ? rules.on_quarantine : Treatment::accept;
}

std::string_view wish(DmarcPolicy policy) {
  if (policy == DmarcPolicy::reject) return "asks that such mail be refused";
  return policy == DmarcPolicy::quarantine ? "asks that such mail be set aside" : "asks for nothing";
}

Judgement judge_failure(const Authentication& rules, const mailauth::DmarcVerdict& dmarc) {
  const std::string reason = fmt::format(
      "This message says that it is from {}, but neither its signatures nor the server that sent it show "
      "that. {} {}.",
      dmarc.from, dmarc.from, wish(dmarc.policy));
  return {wanted_for(rules, dmarc.policy), smtp::Errc::sender_not_shown, reason};
}

/// Nobody could tell. Who asks to have such mail refused would not want it taken because of that.
Judgement judge_doubt(const Authentication& rules, const mailauth::DmarcVerdict& dmarc) {
  const std::string reason = fmt::format(
      "This message says that it is from {}, and whether that is so could not be found out: DNS did not answer.",
      dmarc.from);
  auto treatment = wanted_for(rules, dmarc.policy);
  if (treatment == Treatment::refuse) treatment = Treatment::defer;
  return {treatment, smtp::Errc::sender_undecided, reason};
}

Judgement judge_spf(const Authentication& rules, const mailauth::SpfVerdict& spf) {
  const std::string reason = fmt::format("The server that sent this message may not send mail of {}.", spf.domain);
  return {rules.on_spf_fail, smtp::Errc::server_not_allowed, reason};
}

}  // namespace

std::optional<mailauth::SpfQuery> examined_sender(const Authentication& rules, const smtp::Peer& peer,
                                                  const smtp::Mailbox& reverse_path) {
  if (!rules.enabled || peer.role != smtp::Role::exchange || peer.login) return std::nullopt;
  if (net::any_contains(rules.exempt, peer.address)) return std::nullopt;
  mailauth::SpfQuery query;
  query.client = peer.address;
  query.helo = peer.helo;
  query.local_part = reverse_path.local_part;
  query.domain = reverse_path.domain;
  return query;
}

Authentication ruled_by(const Authentication& configured, const governance::Charter& charter) {
  using Unshown = governance::Charter::Unshown;
  const auto ruled = [](Treatment otherwise, Unshown said) {
    if (said == Unshown::unsaid) return otherwise;
    return said == Unshown::accept ? Treatment::accept : said == Unshown::junk ? Treatment::junk : Treatment::refuse;
  };
  Authentication rules = configured;
  rules.on_reject = ruled(rules.on_reject, charter.authentication.dmarc_reject);
  rules.on_quarantine = ruled(rules.on_quarantine, charter.authentication.dmarc_quarantine);
  rules.on_spf_fail = ruled(rules.on_spf_fail, charter.authentication.spf_fail);
  return rules;
}

std::string_view name_of(Treatment treatment) {
  constexpr std::array<std::string_view, 4> names{"accepted", "junk", "refused", "deferred"};
  return names.at(static_cast<std::size_t>(treatment));
}

Judgement judge_sender(const Authentication& rules, const mailauth::Findings& findings) {
  switch (findings.dmarc.result) {
    case DmarcResult::fail:
      return judge_failure(rules, findings.dmarc);
    case DmarcResult::temperror:
      return judge_doubt(rules, findings.dmarc);
    case DmarcResult::permerror:
      // What readers see could not be asked for: that is a second reading, whatever the domains of either want.
      return {Treatment::refuse, smtp::Errc::from_malformed, ""};
    case DmarcResult::pass:
      return {};
    default:
      return findings.spf.result == SpfResult::fail ? judge_spf(rules, findings.spf) : Judgement();
  }
}

}  // namespace mailpod::delivery
