#include <mailpod/governance/federation.hpp>
#include <mailpod/text/domain.hpp>

#include "../arguments.hpp"
#include "../operation.hpp"
#include "../person_json.hpp"
#include "../recorded_act.hpp"

/// With which other pods mail is exchanged. docs/federation.md.
namespace mailpod::admin {
namespace {

using governance::FederationRule;

Answer record(const Premises& premises, const json& arguments, governance::Act::Kind kind) {
  const auto recorded = record_act(premises, arguments, kind);
  if (!recorded.has_value()) return recorded.error();
  return json{{"domain", recorded->domain}};
}

json rule_json(const FederationRule& rule) {
  json out{{"entry", rule.entry},
           {"exchanges", rule.exchanges},
           {"line", governance::name_of(rule.line)},
           {"charter", rule.charter},
           {"place", governance::place_of(rule)}};
  if (!rule.act) return out;
  out["since"] = time_text(rule.act->at);
  out["act"] = base::hex(base::octets(rule.act->act));
  out["reason"] = rule.act->reason;
  return out;
}

}  // namespace

Answer federation_federate(const Premises& premises, const json& arguments) {
  return record(premises, arguments, governance::Act::Kind::federate);
}

Answer federation_defederate(const Premises& premises, const json& arguments) {
  return record(premises, arguments, governance::Act::Kind::defederate);
}

Answer federation_list(const Premises& premises, const json&) {
  const auto now = premises.clock.now();
  const auto roster = premises.registry.gate().roster();
  const auto& charter = roster->charters().at(now);
  json entries = json::array();
  for (const auto& rule : governance::federation_entries(*roster, now)) entries.push_back(rule_json(rule));
  return json{{"policy", governance::name_of(charter.federation.policy)},
              {"charter", charter.seq},
              {"entries", std::move(entries)}};
}

/// What counts for one domain, by which line, and which other entries would be about it.
Answer federation_explain(const Premises& premises, const json& arguments) {
  const auto& text = text_argument(arguments, "domain");
  const auto domain = text::to_ascii_domain(text);
  if (!domain || domain->empty())
    return governance::Complaint{governance::Errc::bad_value, text, 0, "this is no domain",
                                 "write one such as example.org"};
  const auto now = premises.clock.now();
  const auto roster = premises.registry.gate().roster();
  const auto rule = governance::federation_rule(*roster, *domain, now);
  json out{{"domain", *domain}, {"own", premises.directory.state()->serves(*domain)}};
  out["policy"] = governance::name_of(rule.policy);
  out["needs_proof"] = rule.needs_proof;
  out["rule"] = rule_json(rule);
  json others = json::array();
  for (const auto& other : governance::federation_entries(*roster, now)) {
    if (other.entry != rule.entry && governance::covers(other.entry, *domain)) others.push_back(rule_json(other));
  }
  out["outweighed"] = std::move(others);
  return out;
}

}  // namespace mailpod::admin
