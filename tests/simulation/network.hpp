#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include <mailpod/net/dialer.hpp>

#include "simulation/dice.hpp"
#include "simulation/stream.hpp"
#include "simulation/time.hpp"

namespace mailpod::simulation {

/// What befalls new connections, each by the network's dice. A percentage is the chance of one connection.
struct Weather {
  unsigned refused = 0;                    ///< percent: nobody listens, for once
  unsigned silent = 0;                     ///< percent: no answer until the caller's limit
  unsigned cut = 0;                        ///< percent: broken after some octets
  unsigned tls_fails = 0;                  ///< percent: the handshake does
  std::uint64_t longest_cut = 20'000;      ///< octets after which a cut comes at the latest
  std::chrono::microseconds max_pause{0};  ///< before a connection stands, before each piece arrives
  std::size_t max_piece = 0;               ///< octets of the largest piece; 0: whatever is there arrives at once
};

/// An internet on one loop and its simulated time: servers at addresses, and the ways between. One seed decides
/// everything. Outlives its dialers; the loop and the time are borrowed and outlive it.
class Network {
public:
  /// One conversation of a server, as net::Listener::Serve.
  using Serve = std::function<net::awaitable<void>(std::unique_ptr<net::Stream>)>;

  Network(boost::asio::io_context& loop, Time& time, std::uint64_t seed = 0);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  /// From now on `serve` answers there. What it throws beyond std::system_error is kept for failures().
  void listen(const net::Endpoint& at, Serve serve);
  /// From now on nobody does; conversations go on.
  void stop_listening(const net::Endpoint& at);
  /// The machine is away: nobody answers its address, and its connections break.
  void take_away(const std::string& address);
  void bring_back(const std::string& address);
  /// No way leads there: host_unreachable.
  void make_unreachable(const std::string& address);
  /// Every connection that stands breaks.
  void sever_all();
  /// The next connection that stands breaks once so many octets went through, both ways together.
  void cut_next(std::uint64_t octets, Cut how);
  /// What both ends of the newest connection wrote; none has to have stood before.
  const Transcript& newest() const { return *newest_; }

  /// Of connections that begin from now on.
  Weather weather;
  /// Addresses whose servers show a certificate that is not theirs.
  std::set<std::string> impostors;
  /// Addresses whose servers show a certificate that no TLSA record names.
  std::set<std::string> strangers;

  /// Dials from `address`.
  std::unique_ptr<net::Dialer> dialer(std::string address);

  /// Every attempt to connect, in order.
  struct Attempt {
    std::string from;
    net::Endpoint to;
    std::error_code outcome;  ///< none: it stood
  };
  const std::vector<Attempt>& attempts() const { return attempts_; }
  /// What servers threw that no failing connection explains.
  const std::vector<std::string>& failures() const { return *failures_; }

private:
  friend class Dialer;
  using Key = std::pair<std::string, std::uint16_t>;
  struct Connection {
    std::string from, to;
    std::function<void()> sever;
    std::weak_ptr<const Transcript> stands;  ///< gone with both ends
  };
  enum class Fate { stands, refused, silent, unreachable };

  Fate fate(const std::string& from, const net::Endpoint& to);
  bool befalls(unsigned percent) { return dice_.below(100) < percent; }
  Wire wire(const net::Endpoint& from, const net::Endpoint& to);
  std::chrono::microseconds pause();
  std::unique_ptr<net::Stream> join(const net::Endpoint& from, const net::Endpoint& to);

  boost::asio::io_context& loop_;
  Time& time_;
  Dice dice_;
  std::map<Key, std::shared_ptr<const Serve>> servers_;
  std::set<std::string> away_;
  std::set<std::string> unreachable_;
  std::vector<Connection> connections_;
  std::vector<Attempt> attempts_;
  std::optional<std::pair<std::uint64_t, Cut>> next_cut_;
  std::shared_ptr<const Transcript> newest_ = std::make_shared<const Transcript>();
  std::shared_ptr<std::vector<std::string>> failures_ = std::make_shared<std::vector<std::string>>();
};

}  // namespace mailpod::simulation
