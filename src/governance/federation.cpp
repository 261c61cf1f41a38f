#include <mailpod/governance/federation.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <mailpod/governance/plain_words.hpp>

namespace mailpod::governance {
namespace {

using Line = FederationRule::Line;

/// What a charter says of a domain by its very name.
struct Naming {
  bool allowed = false;
  bool denied = false;
  bool is_there() const { return allowed || denied; }
  friend bool operator==(const Naming&, const Naming&) = default;
};

Naming naming_of(const Charter& charter, std::string_view domain) {
  const auto has = [domain](const std::vector<std::string>& entries) {
    return std::ranges::find(entries, domain) != entries.end();
  };
  return {has(charter.federation.allow), has(charter.federation.deny)};
}

/// Of a charter later than the one that the act was made under. Accepted in the same instant and at once in force, it
/// came after: before, the act would have been made under it.
bool is_accepted_after(const Federated& act, const CharterChain& charters, std::uint64_t seq) {
  const base::Time accepted = charters.accepted_at(seq);
  return accepted > act.at || (accepted == act.at && charters.charter(seq).effective <= act.at);
}

/// An act ends for good with the first charter accepted after it that says of the domain what the one before did not.
/// What was accepted before, or copies a list, was written by somebody who did not speak of the act.
bool stands(const Federated& act, std::string_view domain, const CharterChain& charters, std::uint64_t in_force) {
  for (std::uint64_t seq = act.charter + 1; seq <= in_force; ++seq) {
    if (!is_accepted_after(act, charters, seq)) continue;
    const Naming naming = naming_of(charters.charter(seq), domain);
    if (naming.is_there() && naming != naming_of(charters.charter(seq - 1), domain)) return false;
  }
  return true;
}

FederationRule plain_rule(const Charter& charter) {
  const bool exchanges = charter.federation.policy != Charter::Federate::allow;
  return {Line::policy, exchanges, false, {}, charter.seq, charter.federation.policy, {}};
}

FederationRule listed_rule(const Charter& charter, Line line, std::string_view entry) {
  FederationRule rule = plain_rule(charter);
  rule.line = line;
  rule.exchanges = line == Line::allow;
  rule.entry = entry;
  return rule;
}

FederationRule act_rule(const Charter& in_force, std::string_view entry, const Federated& act) {
  FederationRule rule = plain_rule(in_force);
  rule.line = act.exchanges ? Line::federate : Line::defederate;
  rule.exchanges = act.exchanges;
  rule.entry = entry;
  rule.charter = act.charter;
  rule.act = act;
  return rule;
}

/// In the order in which of two entries of the same name the later outweighs the earlier.
struct Search {
  FederationRule found;
  bool is_refused_by_any = false;

  void take(FederationRule rule) {
    is_refused_by_any = is_refused_by_any || !rule.exchanges;
    if (rule.entry.size() >= found.entry.size()) found = std::move(rule);
  }
};

}  // namespace

bool covers(std::string_view entry, std::string_view domain) {
  if (entry.empty() || !domain.ends_with(entry)) return false;
  return domain.size() == entry.size() || domain[domain.size() - entry.size() - 1] == '.';
}

FederationRule federation_rule(const Roster& roster, std::string_view domain, base::Time at) {
  const Charter& charter = roster.charters().at(at);
  Search search{plain_rule(charter), charter.federation.policy == Charter::Federate::allow};
  const auto take_list = [&](Line line, const std::vector<std::string>& entries) {
    for (const std::string& entry : entries) {
      if (covers(entry, domain)) search.take(listed_rule(charter, line, entry));
    }
  };
  take_list(Line::allow, charter.federation.allow);
  take_list(Line::deny, charter.federation.deny);
  for (std::string_view name = domain; !name.empty();) {
    const auto act = roster.federated().find(name);
    if (act != roster.federated().end() && stands(act->second, name, roster.charters(), charter.seq))
      search.take(act_rule(charter, name, act->second));
    const auto dot = name.find('.');
    name.remove_prefix(dot == std::string_view::npos ? name.size() : dot + 1);
  }
  search.found.needs_proof = search.found.exchanges && search.found.line != Line::policy && search.is_refused_by_any;
  return search.found;
}

bool is_federation_open(const Roster& roster, base::Time at) {
  const Charter& charter = roster.charters().at(at);
  if (charter.federation.policy == Charter::Federate::allow || !charter.federation.deny.empty()) return false;
  return std::ranges::none_of(roster.federated(), [&](const auto& one) {
    return !one.second.exchanges && stands(one.second, one.first, roster.charters(), charter.seq);
  });
}

std::vector<FederationRule> federation_entries(const Roster& roster, base::Time at) {
  const Charter& charter = roster.charters().at(at);
  std::map<std::string, FederationRule, std::less<>> entries;
  for (const auto& domain : charter.federation.allow) entries[domain] = listed_rule(charter, Line::allow, domain);
  for (const auto& domain : charter.federation.deny) entries[domain] = listed_rule(charter, Line::deny, domain);
  for (const auto& [domain, act] : roster.federated()) {
    if (stands(act, domain, roster.charters(), charter.seq)) entries[domain] = act_rule(charter, domain, act);
  }
  std::vector<FederationRule> out;
  for (auto& [domain, rule] : entries) out.push_back(std::move(rule));
  return out;
}

std::string place_of(const FederationRule& rule) {
  if (rule.act)
    return fmt::format("charter {}, {} of {}", rule.charter, name_of(rule.line), time_text(rule.act->at).substr(0, 10));
  if (rule.line == Line::policy)
    return fmt::format("charter {}, [federation] policy = {}", rule.charter, name_of(rule.policy));
  return fmt::format("charter {}, [federation] {}", rule.charter, name_of(rule.line));
}

std::string_view name_of(Charter::Federate policy) {
  constexpr std::array<std::string_view, 3> names{"open", "allow", "deny"};
  return names.at(static_cast<std::size_t>(policy));
}

std::string_view name_of(FederationRule::Line line) {
  constexpr std::array<std::string_view, 5> names{"policy", "allow", "deny", "federate", "defederate"};
  return names.at(static_cast<std::size_t>(line));
}

}  // namespace mailpod::governance
