#include "exchange.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/domain.hpp>

namespace mailpod::delivery {
namespace {

using governance::FederationRule;
using mailauth::DkimResult;
using mailauth::DmarcResult;
using mailauth::SpfResult;

constexpr std::size_t longest_name_told = 120;
constexpr std::size_t longest_reason_told = 160;

std::string shortened(std::string_view text, std::size_t most) {
  return text.size() <= most ? std::string(text) : std::string(text.substr(0, most)) + "...";
}

Crossing refused_by(const Exchange& exchange, std::string_view domain, const FederationRule& rule) {
  std::string words = fmt::format("{} does not exchange mail with {} ({})", exchange.roster->charters().latest().pod,
                                  shortened(domain, longest_name_told), governance::place_of(rule));
  if (rule.act && !rule.act->reason.empty()) words += ": " + shortened(rule.act->reason, longest_reason_told);
  return {smtp::Errc::not_federated, std::move(words)};
}

/// Only what names the domain itself: where nobody but few is let in, that is asked of From alone.
std::optional<Crossing> refusal_by_entry(const Exchange& exchange, std::string_view name) {
  const std::string domain = compared_domain(name);
  if (domain.empty() || exchange.directory->serves(domain)) return std::nullopt;
  const auto rule = governance::federation_rule(*exchange.roster, domain, exchange.now);
  if (rule.exchanges || rule.line == FederationRule::Line::policy) return std::nullopt;
  return refused_by(exchange, domain, rule);
}

std::optional<Crossing> refusal_by_first(const Exchange& exchange, const std::vector<std::string_view>& names) {
  for (const std::string_view name : names) {
    if (auto refusal = refusal_by_entry(exchange, name)) return refusal;
  }
  return std::nullopt;
}

/// Who is proved speaks for the domain in From, and is meant by the entry as well. By DMARC a sibling may pass for it,
/// whom the entry does not mean.
bool speaks_for(const mailauth::Findings& findings, std::string_view proved, std::string_view from,
                std::string_view entry) {
  if (findings.dmarc.result == DmarcResult::pass && governance::covers(entry, proved)) return true;
  return governance::covers(proved, from) && governance::covers(entry, proved);
}

/// A name beyond ASCII that has no A-labels is like none that a rule can speak of: it is nobody's.
std::optional<Crossing> refusal_of_no_name(const std::vector<std::string_view>& names) {
  const auto is_none = [](std::string_view name) { return !text::is_ascii(compared_domain(name)); };
  if (std::ranges::none_of(names, is_none)) return std::nullopt;
  return Crossing{smtp::Errc::not_federated, "whom this comes from has no name that a domain can have"};
}

enum class Proof { shown, undecided, missing };

Proof proof_of(const mailauth::Findings& findings, std::string_view from, std::string_view entry) {
  bool undecided = findings.dmarc.result == DmarcResult::temperror || findings.spf.result == SpfResult::temperror;
  if (findings.spf.result == SpfResult::pass && speaks_for(findings, compared_domain(findings.spf.domain), from, entry))
    return Proof::shown;
  for (const mailauth::DkimVerdict& signature : findings.dkim) {
    if (signature.result == DkimResult::pass && speaks_for(findings, compared_domain(signature.domain), from, entry))
      return Proof::shown;
    undecided = undecided || signature.result == DkimResult::temperror;
  }
  return undecided ? Proof::undecided : Proof::missing;
}

Proof proof_of_author(const mailauth::Findings& findings, std::string_view from) {
  if (findings.dmarc.result == DmarcResult::pass) return Proof::shown;
  const std::string domain = compared_domain(from);
  const auto top = domain.rfind('.');
  return top == std::string::npos ? Proof::missing : proof_of(findings, domain, domain.substr(top + 1));
}

Crossing unshown(const Exchange& exchange, std::string_view from, const FederationRule& rule) {
  Crossing refusal = refused_by(exchange, from, rule);
  refusal.words = fmt::format("{} takes mail of {} only where SPF, DKIM or DMARC shows that it comes from there ({})",
                              exchange.roster->charters().latest().pod, shortened(from, longest_name_told),
                              governance::place_of(rule));
  return refusal;
}

/// Where few are let in, exactly one of them writes.
std::optional<Crossing> refusal_of_author(const Exchange& exchange, const Provenance& provenance) {
  const std::string from = provenance.from.size() == 1 ? compared_domain(provenance.from.front()) : std::string();
  auto rule = governance::federation_rule(*exchange.roster, from, exchange.now);
  if (exchange.directory->serves(from)) {
    // Our own members write from elsewhere, by lists and forwarders. Where few are let in, a stranger must not come in
    // by our own name.
    rule.needs_proof = rule.policy == governance::Charter::Federate::allow;
    rule.exchanges = true;
    rule.entry = from;
  }
  if (!rule.exchanges && from.empty())
    return Crossing{smtp::Errc::not_federated,
                    fmt::format("{} takes mail with exactly one address in From ({})",
                                exchange.roster->charters().latest().pod, governance::place_of(rule))};
  if (!rule.exchanges) return refused_by(exchange, from, rule);
  if (!rule.needs_proof || provenance.is_vouched_for) return std::nullopt;
  const Proof proof =
      provenance.findings == nullptr ? Proof::undecided : proof_of(*provenance.findings, from, rule.entry);
  if (proof == Proof::shown) return std::nullopt;
  Crossing refusal = unshown(exchange, from, rule);
  if (proof == Proof::undecided) refusal.code = smtp::Errc::federation_undecided;
  return refusal;
}

}  // namespace

std::string compared_domain(std::string_view name) {
  const auto without_dot = [](std::string_view text) {
    while (text.ends_with('.')) text.remove_suffix(1);
    return text;
  };
  const auto ascii = text::to_ascii_domain(without_dot(name));
  return ascii ? std::string(without_dot(*ascii)) : text::lower(name);
}

bool is_always_reached(std::string_view local_part) {
  return text::equal_fold(local_part, "postmaster") || text::equal_fold(local_part, "abuse");
}

bool shows_author(const mailauth::Findings& findings, std::string_view from) {
  return proof_of_author(findings, from) == Proof::shown;
}

bool shows_nothing_of_author(const mailauth::Findings& findings, std::string_view from) {
  return proof_of_author(findings, from) == Proof::missing;
}

std::optional<Crossing> refusal_out(const Exchange& exchange, std::string_view local_part, std::string_view domain) {
  const std::string name = compared_domain(domain);
  if (is_always_reached(local_part) || exchange.directory->serves(name)) return std::nullopt;
  const auto rule = governance::federation_rule(*exchange.roster, name, exchange.now);
  if (rule.exchanges) return std::nullopt;
  return refused_by(exchange, name, rule);
}

std::optional<Crossing> refusal_of_claims(const Exchange& exchange, const smtp::Peer& peer,
                                          const smtp::Mailbox& reverse_path) {
  if (exchange.is_open()) return std::nullopt;
  if (auto refusal = refusal_of_no_name({reverse_path.domain})) return refusal;
  return refusal_by_first(exchange, {reverse_path.domain, peer.helo});
}

std::optional<Crossing> refusal_of_message(const Exchange& exchange, const Provenance& provenance) {
  if (exchange.is_open()) return std::nullopt;
  std::vector<std::string_view> names(provenance.from.begin(), provenance.from.end());
  if (auto refusal = refusal_of_no_name(names)) return refusal;
  if (provenance.findings != nullptr) {
    names.emplace_back(provenance.findings->spf.domain);
    names.emplace_back(provenance.findings->iprev.name);
    for (const mailauth::DkimVerdict& signature : provenance.findings->dkim) {
      if (signature.result == DkimResult::pass) names.emplace_back(signature.domain);
    }
  }
  if (auto refusal = refusal_by_first(exchange, names)) return refusal;
  return refusal_of_author(exchange, provenance);
}

}  // namespace mailpod::delivery
