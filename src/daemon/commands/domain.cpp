#include <nlohmann/json.hpp>

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
  SigningDesk desk(options.common);
  if (auto ready = desk.open(options.maintainer_keys); !ready.has_value()) return ready.error();
  auto act = desk.act(kind);
  act.domain = options.domain;
  act.reason = options.reason;
  return desk.carry_out(act, operation);
}

}  // namespace

int domain_add(const DomainOptions& options) {
  return say_done(options.common, carry_out(options, Act::Kind::add_domain, "domain.add"), "added", "domain");
}

int domain_remove(const DomainOptions& options) {
  return say_done(options.common, carry_out(options, Act::Kind::remove_domain, "domain.remove"), "removed", "domain");
}

int domain_list(const DomainOptions& options) {
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  const auto listed = office.ask("domain.list", json::object());
  if (!listed.has_value()) return complain(listed.error());
  if (options.common.output == Output::json) {
    say("{}\n", listed->dump(2));
    return 0;
  }
  for (const auto& domain : listed->at("domains"))
    say("{}{}\n", domain.at("domain").get<std::string>(), domain.at("own").get<bool>() ? "  the pod's own" : "");
  return 0;
}

}  // namespace mailpod::daemon
