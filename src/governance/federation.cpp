#include <mailpod/governance/federation.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <mailpod/governance/plain_words.hpp>

namespace mailpod::governance {
namespace {

using Line = FederationRule::Line;

bool covers(std::string_view entry, std::string_view domain) {
  if (!domain.ends_with(entry)) return false;
  return domain.size() == entry.size() || domain[domain.size() - entry.size() - 1] == '.';
}

bool names(const Charter::Federation& federation, std::string_view domain) {
  return std::ranges::find(federation.allow, domain) != federation.allow.end() ||
         std::ranges::find(federation.deny, domain) != federation.deny.end();
}

bool stands(const Federated& act, std::string_view domain, const Charter& in_force) {
  return in_force.seq <= act.charter || !names(in_force.federation, domain);
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
    if (act != roster.federated().end() && stands(act->second, name, charter))
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
    return !one.second.exchanges && stands(one.second, one.first, charter);
  });
}

std::vector<FederationRule> federation_entries(const Roster& roster, base::Time at) {
  const Charter& charter = roster.charters().at(at);
  std::map<std::string, FederationRule, std::less<>> entries;
  for (const auto& domain : charter.federation.allow) entries[domain] = listed_rule(charter, Line::allow, domain);
  for (const auto& domain : charter.federation.deny) entries[domain] = listed_rule(charter, Line::deny, domain);
  for (const auto& [domain, act] : roster.federated()) {
    if (stands(act, domain, charter)) entries[domain] = act_rule(charter, domain, act);
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
