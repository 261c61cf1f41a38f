#pragma once

#include <chrono>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <mailpod/base/ports.hpp>
#include <mailpod/mailauth/dns_table.hpp>
#include <mailpod/net/alarm.hpp>
#include <mailpod/net/resolver.hpp>

namespace mailpod::mailauth {

/// Asks DNS for what an evaluation missed. One serves all loops: the resolver stays on its own, and what is asked
/// together is asked at once. What is borrowed outlives it, and the loops.
class DnsInquiry {
public:
  struct Settings {
    /// Of all that one message makes us ask; what has no answer then has failed. RFC 7208 §4.6.4 asks for 20 s at
    /// least.
    std::chrono::milliseconds time_limit = std::chrono::seconds(20);
    std::size_t questions = 300;  ///< of one message; SPF's limits alone come to some hundred
  };
  struct Ports {
    net::Resolver& resolver;
    boost::asio::any_io_executor loop;  ///< the resolver's; empty: all is on the loop of whoever asks
    net::Alarms& alarms;
    base::Clock& clock;
  };
  DnsInquiry(Ports ports, const Settings& settings) : ports_(std::move(ports)), settings_(settings) {}

  /// When the time of a message that begins to ask now is up.
  std::chrono::microseconds time_is_up() const { return ports_.clock.monotonic() + settings_.time_limit; }

  /// Puts an answer to each question into `table`; to those that are too many or come too late, that it failed. Any
  /// loop.
  boost::asio::awaitable<void> answer(DnsTable& table, std::vector<DnsQuestion> questions,
                                      std::chrono::microseconds until) const;

private:
  Ports ports_;
  Settings settings_;
};

}  // namespace mailpod::mailauth
