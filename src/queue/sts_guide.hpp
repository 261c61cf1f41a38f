#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>

#include <boost/asio/awaitable.hpp>

#include <mailpod/queue/policies.hpp>
#include <mailpod/queue/policy_host.hpp>
#include <mailpod/queue/sender.hpp>

namespace mailpod::queue {

/// Finds the MTA-STS policy that holds for a domain: the remembered one, unless DNS names another and that one can be
/// had. What was fetched once goes only by `mode: none`, by another policy, or by its time (RFC 8461 §5). Loop.
class StsGuide {
public:
  /// Borrowed.
  explicit StsGuide(const Sender::Ports& ports) : ports_(ports) {}

  /// Nothing if the domain asks for nothing, as far as can be known. Throws std::system_error(shutting_down).
  boost::asio::awaitable<std::optional<RememberedPolicy>> find(std::string domain);
  /// Fetches anew the policies of domains found since the last start that have not been looked at for a day, or for
  /// half of their time: so that they do not end while their domain is kept from us. RFC 8461 §10.2.
  boost::asio::awaitable<void> refresh();
  /// Nothing is fetched any more.
  void stop() { stopped_ = true; }

private:
  boost::asio::awaitable<std::optional<std::string>> announced_id(std::string domain);
  boost::asio::awaitable<void> fetch(std::string domain, std::string id);
  boost::asio::awaitable<void> remember(RememberedPolicy fetched);
  bool is_resting(const std::string& domain) const;
  bool is_old(const RememberedPolicy& policy) const;
  void note_failure(const std::string& domain, const std::string& reason);

  const Sender::Ports& ports_;
  std::set<std::string> used_;
  /// Until when nothing is fetched from a domain with which it has just failed, by the monotonic clock.
  std::map<std::string, std::chrono::nanoseconds> resting_;
  bool stopped_ = false;
};

}  // namespace mailpod::queue
