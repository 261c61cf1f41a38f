#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <mailpod/queue/policies.hpp>
#include <mailpod/queue/policy_host.hpp>
#include <mailpod/queue/sender.hpp>

namespace mailpod::queue {

/// Finds the MTA-STS policy that holds for a domain: the remembered one, unless DNS names another and that one can be
/// had. What was fetched once goes only by `mode: none`, by another policy, or by its time (RFC 8461 §5). A domain is
/// asked once at a time, and not again for a few minutes, however it answered. Loop.
class StsGuide {
public:
  /// Borrowed.
  explicit StsGuide(const Sender::Ports& ports) : ports_(ports) {}

  /// Nothing if the domain asks for nothing, as far as can be known. Throws std::system_error(shutting_down).
  boost::asio::awaitable<std::optional<RememberedPolicy>> find(std::string domain);
  /// What is remembered, without asking anybody.
  std::optional<RememberedPolicy> known(const std::string& domain) const;
  /// Fetches anew the policies of domains found in the last month and since the last start that have not been looked at
  /// for a day, or for half of their time, those first that end first: so that they do not end while their domain is
  /// kept from us. RFC 8461 §10.2. Those that have ended are forgotten.
  boost::asio::awaitable<void> refresh();
  /// Nothing is fetched any more, and what is being fetched ends.
  void stop();

private:
  using Found = std::optional<RememberedPolicy>;
  /// One question to a domain's web server, and those who wait for the answer.
  struct Fetching {
    explicit Fetching(const boost::asio::any_io_executor& loop) : ended(loop, Forever::max()) {}
    using Forever = boost::asio::steady_timer::time_point;
    boost::asio::steady_timer ended;  ///< cancelled
    Found found;
  };

  boost::asio::awaitable<std::optional<std::string>> announced_id(std::string domain);
  boost::asio::awaitable<Found> fetch(std::string domain, std::string id);
  boost::asio::awaitable<Found> ask(std::string domain, std::string id);
  boost::asio::awaitable<Found> await_other(std::shared_ptr<Fetching> other);
  boost::asio::awaitable<void> write(std::string what, std::function<void()> writing);
  std::vector<std::string> due();
  boost::asio::awaitable<void> renew(std::vector<std::string>& domains);
  boost::asio::awaitable<void> renew_one(std::string domain);
  bool is_resting(const std::string& domain) const;
  void rest(const std::string& domain);
  void note_use(const std::string& domain);
  void note_failure(const std::string& domain, const std::string& reason);

  const Sender::Ports& ports_;
  std::map<std::string, base::Time> used_;  ///< when last, since the start
  std::map<std::string, std::shared_ptr<Fetching>> fetching_;
  /// Until when nothing is fetched from a domain that was just asked, by the monotonic clock.
  std::map<std::string, std::chrono::nanoseconds> resting_;
  bool stopped_ = false;
};

}  // namespace mailpod::queue
