#pragma once

#include <string>

#include <mailpod/http/client.hpp>
#include <mailpod/queue/policy_host.hpp>

namespace mailpod::daemon {

/// Where a domain has its MTA-STS policy, and what is taken for one. RFC 8461 §3.3.
http::Client::Asked policy_request(const std::string& domain);
/// The policy's octets. Errors: queue::Errc::policy_refused, policy_untrusted, or why there was no answer.
Result<std::string> policy_in(Result<http::Response> answer);

/// Asks domains' web servers by HTTPS, with the sender's own resolver and dialer, which end it when they stop.
class PolicyServer final : public queue::PolicyHost {
public:
  explicit PolicyServer(http::Client::Ports ports);
  boost::asio::awaitable<Result<std::string>> fetch(std::string domain) override;

private:
  http::Client client_;
};

}  // namespace mailpod::daemon
