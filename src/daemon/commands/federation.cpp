#include <nlohmann/json.hpp>

#include <mailpod/text/domain.hpp>

#include "../answers.hpp"
#include "../commands.hpp"
#include "../signing_desk.hpp"
#include "../terminal.hpp"

namespace mailpod::daemon {
namespace {

using governance::Act;
using nlohmann::json;

/// Signs an act about the domain named, and has `operation` carry it out.
governance::Verdict<json> carry_out(const DomainOptions& options, Act::Kind kind, const std::string& operation) {
  const auto domain = text::to_ascii_domain(options.domain);
  if (!domain)
    return governance::Complaint{governance::Errc::bad_value, options.domain, 0, "this is no domain",
                                 "write one such as example.org"};
  SigningDesk desk(options.common);
  if (auto ready = desk.open(options.maintainer_keys); !ready.has_value()) return ready.error();
  auto act = desk.act(kind);
  act.domain = *domain;
  act.reason = options.reason;
  return desk.carry_out(act, operation);
}

std::string in_words(const json& rule) {
  std::string out = rule.at("place").get<std::string>();
  if (const auto reason = rule.value("reason", std::string()); !reason.empty())
    out += ": " + base::printable(reason, 500);
  return out;
}

std::string_view yes_or_no(const json& rule) {
  return rule.at("exchanges").get<bool>() ? "yes" : "no";
}

void say_explained(const json& told) {
  const auto domain = told.at("domain").get<std::string>();
  if (told.at("own").get<bool>()) {
    say("{} is this pod's own\n", domain);
    return;
  }
  const auto& rule = told.at("rule");
  const bool exchanges = rule.at("exchanges").get<bool>();
  const auto entry = rule.at("entry").get<std::string>();
  say("{} with {}\n", exchanges ? "mail is exchanged" : "no mail is exchanged", domain);
  say("  by {}{}\n", in_words(rule), entry.empty() || entry == domain ? "" : ", which names " + entry);
  if (told.at("needs_proof").get<bool>())
    say("  mail from there is taken only where SPF, DKIM or DMARC shows that it comes from there\n");
  for (const auto& other : told.at("outweighed"))
    say("  outweighs {}, which names {}\n", in_words(other), other.at("entry").get<std::string>());
}

}  // namespace

int federation_federate(const DomainOptions& options) {
  return say_done(options.common, carry_out(options, Act::Kind::federate, "federation.federate"), "federated with",
                  "domain");
}

int federation_defederate(const DomainOptions& options) {
  return say_done(options.common, carry_out(options, Act::Kind::defederate, "federation.defederate"),
                  "defederated from", "domain");
}

int federation_list(const DomainOptions& options) {
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  const auto listed = office.ask("federation.list", json::object());
  if (!listed.has_value()) return complain(listed.error());
  if (options.common.output == Output::json) {
    say("{}\n", listed->dump(2));
    return 0;
  }
  for (const auto& rule : listed->at("entries"))
    say("{:<3}  {}  {}\n", yes_or_no(rule), rule.at("entry").get<std::string>(), in_words(rule));
  remark("with all others: {} (charter {}, [federation] policy = {})\n", listed->at("policy") == "allow" ? "no" : "yes",
         listed->at("charter").get<std::uint64_t>(), listed->at("policy").get<std::string>());
  return 0;
}

int federation_explain(const DomainOptions& options) {
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  const auto told = office.ask("federation.explain", json{{"domain", options.domain}});
  if (!told.has_value()) return complain(told.error());
  if (options.common.output == Output::json) {
    say("{}\n", told->dump(2));
  } else {
    say_explained(*told);
  }
  return 0;
}

}  // namespace mailpod::daemon
