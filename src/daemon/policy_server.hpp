#pragma once

#include <chrono>
#include <set>
#include <string>

#include <mailpod/http/client.hpp>
#include <mailpod/net/alarm.hpp>
#include <mailpod/queue/policy_host.hpp>

namespace mailpod::daemon {

/// Where a domain has its MTA-STS policy, and what is taken for one. RFC 8461 §3.3.
http::Client::Asked policy_request(const std::string& domain);
/// The policy's octets. Errors: queue::Errc::policy_refused, policy_untrusted, or why there was no answer.
Result<std::string> policy_in(Result<http::Response> answer);

/// Asks domains' web servers by HTTPS, with the sender's own resolver and dialer: within a minute, whatever the server
/// does to make it longer. Loop of the dialer.
class PolicyServer final : public queue::PolicyHost {
public:
  /// `whole`: for all of a fetch.
  PolicyServer(http::Client::Ports ports, net::Alarms& alarms, std::chrono::milliseconds whole = longest);
  boost::asio::awaitable<Result<std::string>> fetch(std::string domain) override;
  void stop() override;

  static constexpr std::chrono::seconds longest{60};  ///< RFC 8461 §3.3

private:
  net::Alarms& alarms_;
  std::chrono::milliseconds whole_;
  std::set<net::Alarm*> running_;  ///< one for each fetch under way
  bool stopped_ = false;
  http::Client client_;
};

}  // namespace mailpod::daemon
