#include <nlohmann/json.hpp>

#include "../acts.hpp"
#include "../commands.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

namespace mailpod::daemon {
namespace {

using governance::Act;
using nlohmann::json;

/// Signs an act about the domain named, and has `operation` carry it out.
governance::Verdict<json> carry_out(const DomainOptions& options, Act::Kind kind, const std::string& operation) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  const auto keys = MaintainerKeys::read(machine.disk, machine.arena, options.maintainer_keys);
  if (!keys.has_value()) return keys.error();
  Office office(machine, {options.common.pod});
  const auto charter = charter_in_force(office);
  if (!charter.has_value()) return charter.error();
  auto act = make_act(machine, *charter, kind, {});
  act.domain = options.domain;
  act.reason = options.reason;
  const auto file = keys->sign(act);
  if (!file.has_value()) return file.error();
  return office.ask(operation, {{"act", file_json(*file)}});
}

int conclude(const DomainOptions& options, const governance::Verdict<json>& changed, std::string_view done) {
  if (!changed.has_value()) return complain(changed.error());
  if (options.common.output == Output::json) {
    say("{}\n", changed->dump(2));
  } else {
    say("{} {}\n", done, changed->at("domain").get<std::string>());
  }
  return 0;
}

}  // namespace

int domain_add(const DomainOptions& options) {
  return conclude(options, carry_out(options, Act::Kind::add_domain, "domain.add"), "added");
}

int domain_remove(const DomainOptions& options) {
  return conclude(options, carry_out(options, Act::Kind::remove_domain, "domain.remove"), "removed");
}

int domain_list(const DomainOptions& options) {
  const Workplace workplace;
  Office office(workplace.machine(), {options.common.pod});
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
