#include "stranger.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "network_of.hpp"

namespace mailpod::delivery {
namespace {

using Line = governance::FederationRule::Line;

/// Two within days, or one a week for three weeks: counts halve every two.
constexpr double good_mails_of_a_known_domain = 1.5;
constexpr double least_bad_of_a_bad_neighbour = 20;
constexpr double least_share_of_bad = 0.9;

bool is_pod_we_know(const Exchange& exchange, const std::string& domain) {
  const auto rule = governance::federation_rule(*exchange.roster, domain, exchange.now);
  if (rule.line == Line::allow || rule.line == Line::federate) return true;
  const auto& federation = exchange.roster->charters().at(exchange.now).federation;
  return std::ranges::find(federation.witnesses, domain) != federation.witnesses.end() ||
         std::ranges::find(federation.replicas, domain) != federation.replicas.end();
}

bool is_bad(const Acquaintances::Repute& repute) {
  return repute.bad >= least_bad_of_a_bad_neighbour &&
         repute.bad >= least_share_of_bad * (repute.bad + repute.accepted);
}

Judgement judge_listing(const Introduction& introduction, const Listing& listing, const StrangerRules& rules) {
  const auto reaches = [&](int score) { return score > 0 && listing.score >= score; };
  if (!reaches(rules.junk_score) && !reaches(rules.refuse_score)) return {};
  const std::string by = fmt::format("{}", fmt::join(listing.by, ", "));
  if (reaches(rules.refuse_score))
    return {Treatment::refuse, smtp::Errc::stranger_listed,
            fmt::format("{} is on the list {}, and nobody here knows you", introduction.client, by),
            Judgement::Ground::list};
  return {Treatment::junk, smtp::Errc::stranger_listed,
          fmt::format("The server that sent this message ({}) is on the list {}.", introduction.client, by),
          Judgement::Ground::list};
}

/// A proved domain answers for itself; whoever proves none is taken with their neighbours.
Judgement judge_repute(const Introduction& introduction, const Acquaintances& acquaintances) {
  for (const std::string& domain : introduction.proved) {
    if (is_bad(acquaintances.repute(Memory::Kind::domain, domain)))
      return {Treatment::junk, smtp::Errc::stranger_listed,
              fmt::format("Nearly all that came from {} in the last weeks was refused or set aside.", domain),
              Judgement::Ground::repute};
  }
  if (!introduction.proved.empty()) return {};
  if (!is_bad(acquaintances.repute(Memory::Kind::network, network_of(introduction.client)))) return {};
  return {Treatment::junk, smtp::Errc::stranger_listed,
          fmt::format("Nearly all that came from the network of the server that sent this message ({}) in the last "
                      "weeks was refused or set aside.",
                      introduction.client),
          Judgement::Ground::repute};
}

bool has_good_repute(const Introduction& introduction, const Acquaintances& acquaintances) {
  return std::ranges::any_of(introduction.proved, [&](const std::string& domain) {
    const auto repute = acquaintances.repute(Memory::Kind::domain, domain);
    return repute.accepted >= good_mails_of_a_known_domain && repute.accepted > repute.bad;
  });
}

bool is_greylisted(const Introduction& introduction, const Listing& listing, const StrangerRules& rules) {
  if (listing.score < 0) return false;
  return rules.greylisting == StrangerRules::Greylisting::unknown ||
         (rules.greylisting == StrangerRules::Greylisting::unproved && introduction.proved.empty());
}

/// Where they come again from: large senders try from another address each time, but as the same domain. What SPF shows
/// of a null reverse path is one machine's name.
std::string origin_of(const Introduction& introduction) {
  if (!introduction.sender.empty() && !introduction.by_spf.empty()) return "@" + introduction.by_spf;
  if (!introduction.by_signature.empty()) return "@" + introduction.by_signature;
  return network_of(introduction.client);
}

std::chrono::seconds wait_of(const Introduction& introduction, const StrangerRules& rules,
                             Acquaintances& acquaintances) {
  const std::string origin = origin_of(introduction);
  std::chrono::seconds longest(0);
  for (const std::string& recipient : introduction.recipients)
    longest = std::max(longest, acquaintances.greylist(origin, introduction.sender, recipient, rules));
  return longest;
}

}  // namespace

std::vector<std::string> proved_domains(const mailauth::Findings& findings) {
  std::vector<std::string> domains;
  const auto add = [&](const std::string& name) {
    const std::string domain = compared_domain(name);
    if (!domain.empty() && std::ranges::find(domains, domain) == domains.end()) domains.push_back(domain);
  };
  if (findings.dmarc.result == mailauth::DmarcResult::pass) add(findings.dmarc.from);
  if (findings.spf.result == mailauth::SpfResult::pass) add(findings.spf.domain);
  for (const mailauth::DkimVerdict& signature : findings.dkim) {
    if (signature.result == mailauth::DkimResult::pass) add(signature.domain);
  }
  return domains;
}

void add_witnesses(const mailauth::Findings& findings, Introduction& introduction) {
  if (findings.spf.result == mailauth::SpfResult::pass) introduction.by_spf = compared_domain(findings.spf.domain);
  const auto passes = [](const mailauth::DkimVerdict& one) { return one.result == mailauth::DkimResult::pass; };
  const auto signature = std::ranges::find_if(findings.dkim, passes);
  if (signature != findings.dkim.end()) introduction.by_signature = compared_domain(signature->domain);
}

bool is_known(const Introduction& introduction, const Exchange& exchange, const Acquaintances& acquaintances) {
  const auto is_pod = [&](const std::string& domain) { return is_pod_we_know(exchange, domain); };
  if (std::ranges::any_of(introduction.proved, is_pod)) return true;
  if (!introduction.from_is_proved) return false;
  return std::ranges::any_of(introduction.readers, [&](const Destination& reader) {
    return acquaintances.has_written_to(reader.member, {reader.address, introduction.from});
  });
}

Judgement judge_stranger(const Introduction& introduction, const Listing& listing, const StrangerRules& rules,
                         Acquaintances& acquaintances) {
  Judgement by_list = judge_listing(introduction, listing, rules);
  if (by_list.treatment == Treatment::refuse) return by_list;
  if (is_greylisted(introduction, listing, rules) && !has_good_repute(introduction, acquaintances)) {
    const auto wait = wait_of(introduction, rules, acquaintances);
    if (wait > std::chrono::seconds(0))
      return {Treatment::defer, smtp::Errc::stranger_waits,
              fmt::format("nobody here knows you yet: please try again in {} seconds", wait.count()),
              Judgement::Ground::novelty};
  }
  if (by_list.treatment == Treatment::junk || rules.reputation == StrangerRules::Reputation::off) return by_list;
  return judge_repute(introduction, acquaintances);
}

void note_outcome(const Introduction& introduction, const Judgement& judgement, Acquaintances& acquaintances) {
  if (judgement.ground == Judgement::Ground::repute || judgement.treatment == Treatment::defer) return;
  const bool is_good = judgement.treatment == Treatment::accept;
  const auto outcome = is_good                                  ? Memory::accepted
                       : judgement.treatment == Treatment::junk ? Memory::junk
                                                                : Memory::refused;
  const std::string network = network_of(introduction.client);
  if (!network.empty()) acquaintances.note(Memory::Kind::network, network, outcome);
  if (judgement.ground == Judgement::Ground::list) return;
  if (!introduction.by_spf.empty()) acquaintances.note(Memory::Kind::domain, introduction.by_spf, outcome);
  if (is_good && !introduction.by_signature.empty() && introduction.by_signature != introduction.by_spf)
    acquaintances.note(Memory::Kind::domain, introduction.by_signature, outcome);
}

}  // namespace mailpod::delivery
