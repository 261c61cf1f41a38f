#pragma once

#include <chrono>
#include <memory>
#include <set>
#include <string>

#include <mailpod/http/client.hpp>
#include <mailpod/net/alarm.hpp>
#include <mailpod/net/dialer.hpp>
#include <mailpod/queue/policy_host.hpp>

namespace mailpod::daemon {

/// Where a domain has its MTA-STS policy, and what is taken for one. RFC 8461 §3.3.
http::Client::Asked policy_request(const std::string& domain);
/// The policy's octets. Errors: queue::Errc::policy_refused, policy_untrusted, or why there was no answer.
Result<std::string> policy_in(Result<http::Response> answer);

/// Asks domains' web servers by HTTPS, with the sender's own resolver, and a dialer of its own: within a minute,
/// whatever the server does to make it longer. Any stranger may write a name, and where it leads: asked are hosts of
/// the internet alone (net::is_global), so that nobody has this machine knock at doors that only it can reach. Loop of
/// the dialer.
class PolicyServer final : public queue::PolicyHost {
public:
  struct Settings {
    std::chrono::milliseconds whole{60'000};  ///< for all of a fetch; RFC 8461 §3.3
    bool loopback = false;                    ///< this machine may be asked, too
    bool private_networks = false;            ///< and hosts that are not of the internet: for laboratories
  };
  PolicyServer(http::Client::Ports ports, net::Alarms& alarms, const Settings& wanted);
  boost::asio::awaitable<Result<std::string>> fetch(std::string domain) override;
  void stop() override;

private:
  /// The dialer, but for addresses that are not to be asked.
  class Outward final : public net::Dialer {
  public:
    Outward(net::Dialer& dialer, const Settings& settings) : dialer_(dialer), settings_(settings) {}
    boost::asio::awaitable<std::unique_ptr<net::Stream>> connect(net::Endpoint to,
                                                                 std::chrono::milliseconds limit) override;
    void stop() override { dialer_.stop(); }

  private:
    net::Dialer& dialer_;
    Settings settings_;
  };

  Outward dialer_;
  net::Alarms& alarms_;
  std::chrono::milliseconds whole_;
  std::set<net::Alarm*> running_;  ///< one for each fetch under way
  bool stopped_ = false;
  http::Client client_;
};

}  // namespace mailpod::daemon
