#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <mailpod/base/log.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/net/alarm.hpp>
#include <mailpod/net/dialer.hpp>
#include <mailpod/net/pool.hpp>
#include <mailpod/net/resolver.hpp>
#include <mailpod/queue/policy_host.hpp>
#include <mailpod/queue/returns.hpp>
#include <mailpod/queue/signer.hpp>
#include <mailpod/queue/spool.hpp>
#include <mailpod/queue/timetable.hpp>
#include <mailpod/queue/watch.hpp>
#include <mailpod/smtp/client.hpp>

namespace mailpod::queue {

/// Takes what waits in the spool to the servers that DNS names for it, until it is delivered, refused or given up, and
/// tells the submitting member what became of it (RFC 5321 §5, RFC 3464).
///
/// Each entry's pending recipients are taken together domain by domain: one connection brings one message to all of
/// them, and further messages for the same host while there are any. An answer is written to the spool before anything
/// follows from it, so a crash repeats at most what SMTP cannot avoid: a message whose last answer was not recorded.
/// All state lives on one loop; disk work happens on the pool.
class Sender {
public:
  struct Settings {
    smtp::ClientSettings client;
    Timetable timetable;
    std::uint16_t port = 25;             ///< of other servers
    std::string domain = "localhost";    ///< of our reports: their sender and reporting MTA
    std::vector<std::string> own_names;  ///< hosts that are ourselves: an MX that leads here is a loop
    bool loopback = false;               ///< take addresses of this machine's loopback from DNS: only for trials
    std::size_t connections = 40;        ///< that speak, at once, to all destinations
    /// Beside those: they wait for hosts that have not greeted yet, and are probably dead.
    std::size_t hanging_connections = 2'000;
    std::size_t connections_per_destination = 4;  ///< at once
    std::size_t messages_per_connection = 100;
    std::size_t recipients_per_message = 100;  ///< what every server takes: RFC 5321 §4.5.3.1.8
    std::size_t hosts = 10;                    ///< addresses tried in one attempt
    std::chrono::milliseconds connect_limit{30'000};
    std::chrono::milliseconds idle_connection{2'000};  ///< kept open for another message
    std::size_t returned_octets = 64 * 1024;           ///< of the message in a report; longer: its header alone
  };
  /// Borrowed; all of it outlives the sender. Resolver and dialer are the sender's own: stop() stops them.
  struct Ports {
    Spool& spool;
    net::Resolver& resolver;
    net::Dialer& dialer;
    net::Pool& pool;
    net::Alarm& alarm;  ///< the sender's own
    base::Clock& clock;
    base::Entropy& entropy;
    base::Log& log;
    Returns& returns;
    Signer* signer = nullptr;           ///< nullptr: nothing is signed
    Watch* watch = nullptr;             ///< nullptr: nobody does
    PolicyHost* policy_host = nullptr;  ///< the sender's own, as resolver and dialer; nullptr: nobody asks for MTA-STS
  };

  Sender(boost::asio::any_io_executor loop, const Ports& ports, Settings settings);
  ~Sender();
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  /// Sends until stop(), then returns when the last connection is over. On the loop, once. Throws std::system_error if
  /// the queue cannot be listed.
  boost::asio::awaitable<void> run();
  /// No new attempts; connections end at once, but for those that await the answer to a final dot, which are given
  /// until abort(): broken off, such a message would be sent twice. Any thread.
  void stop();
  /// Disconnects what is left. Any thread.
  void abort();
  /// The entry is new or was changed by somebody else: look at it (next_try, held, route). Any thread.
  void look_at(const EntryId& id);

  struct Figures {
    std::size_t waiting = 0;      ///< entries, those under way included and those known to be held excluded
    std::size_t held = 0;         ///< found held when they were due, or when somebody said so with look_at()
    std::size_t connections = 0;  ///< open now
    std::uint64_t delivered = 0;  ///< recipients since the start
    std::uint64_t failed = 0;     ///< recipients refused or given up
  };
  /// Any thread.
  Figures figures() const;

private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mailpod::queue
