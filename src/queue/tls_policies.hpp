#pragma once

#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include <mailpod/queue/policies.hpp>

#include "demand.hpp"
#include "destination.hpp"
#include "sts_guide.hpp"

namespace mailpod::queue {

/// What the policies of a destination, DANE and MTA-STS, demand of its hosts: of what applies, the strongest. RFC 7672,
/// RFC 8461 §2. Loop; borrows all.
class TlsPolicies {
public:
  TlsPolicies(net::Resolver& resolver, StsGuide& sts) : resolver_(resolver), sts_(sts) {}

  /// The MTA-STS policy that holds for a destination. Literals and an administrator's routes have none.
  boost::asio::awaitable<std::optional<RememberedPolicy>> policy_of(Destination to);

  /// Whether another one than `policy` is remembered for it by now.
  bool asks_for_other(const Destination& to, const std::optional<RememberedPolicy>& policy) const;

  /// Or why the host gets nothing at present, as the recipients are answered.
  struct Verdict {
    Demand demand;
    std::optional<std::string> refusal;
  };
  boost::asio::awaitable<Verdict> demand_on(Host host, std::optional<RememberedPolicy> policy);

private:
  net::Resolver& resolver_;
  StsGuide& sts_;
};

}  // namespace mailpod::queue
