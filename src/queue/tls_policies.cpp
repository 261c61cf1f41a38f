#include "tls_policies.hpp"

#include "dane.hpp"

namespace mailpod::queue {

using boost::asio::awaitable;

namespace {

bool may_ask(const Destination& to) {
  return !to.domain.empty() && !to.domain.starts_with('[') && !to.tls_optional;
}

}  // namespace

awaitable<std::optional<RememberedPolicy>> TlsPolicies::policy_of(Destination to) {
  if (!may_ask(to)) co_return std::nullopt;
  auto policy = co_await sts_.find(to.domain);
  co_return policy;
}

bool TlsPolicies::asks_for_other(const Destination& to, const std::optional<RememberedPolicy>& policy) const {
  if (!may_ask(to)) return false;
  const auto known = sts_.known(to.domain);
  return known && (!policy || known->policy != policy->policy);
}

awaitable<TlsPolicies::Verdict> TlsPolicies::demand_on(Host host, std::optional<RememberedPolicy> policy) {
  const Result<Demand> dane = co_await demand_by_dane(resolver_, host);
  if (!dane) co_return Verdict{{}, "451 4.4.3 DNS does not say which certificate the host has to show (DANE)"};
  const bool is_enforced = policy && policy->policy.mode == mailauth::StsMode::enforce;
  // RFC 8461 §2: it takes nothing away from DANE. Where DANE keeps out only listeners, it asks for more.
  if (!is_enforced || dane->protection == smtp::Protection::authenticated) co_return Verdict{*dane, std::nullopt};
  if (!mailauth::lists(policy->policy, host.name)) {
    co_return Verdict{{}, "451 4.7.5 the domain's MTA-STS policy does not name this host"};
  }
  Demand demand;
  demand.by = Demand::By::mta_sts;
  demand.protection = smtp::Protection::authenticated;
  demand.peer.name = host.name;
  co_return Verdict{demand, std::nullopt};
}

}  // namespace mailpod::queue
