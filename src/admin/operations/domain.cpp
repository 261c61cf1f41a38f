#include "../arguments.hpp"
#include "../operation.hpp"

namespace mailpod::admin {
namespace {

Answer changed(const governance::Verdict<std::string>& domain) {
  if (!domain.has_value()) return domain.error();
  return json{{"domain", *domain}};
}

}  // namespace

Answer domain_add(const Premises& premises, const json& arguments) {
  return changed(premises.addresses.add_domain(file_argument(arguments, "act")));
}

Answer domain_remove(const Premises& premises, const json& arguments) {
  return changed(premises.addresses.remove_domain(file_argument(arguments, "act")));
}

Answer domain_list(const Premises& premises, const json&) {
  const auto state = premises.directory.state();
  json out = json::array();
  for (const auto& domain : state->domains())
    out.push_back({{"domain", domain}, {"own", out.empty()}, {"used", state->is_used(domain)}});
  return json{{"domains", std::move(out)}};
}

}  // namespace mailpod::admin
