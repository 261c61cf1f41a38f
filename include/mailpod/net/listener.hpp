#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <mailpod/base/log.hpp>
#include <mailpod/net/loops.hpp>
#include <mailpod/net/network.hpp>
#include <mailpod/net/stream.hpp>
#include <mailpod/net/tls.hpp>

namespace mailpod::net {

/// One address and port on which we answer, or one local socket.
///
/// Binds when made (before privileges are dropped), accepts when started, hands connections to the loops round robin.
/// Out of file descriptors it waits instead of spinning. Any thread.
class Listener {
public:
  enum class Tls {
    on_request,  ///< clear text until start_tls()
    at_once,     ///< the handshake comes first (RFC 8314 §3)
  };
  struct Settings {
    std::string address = "::";  ///< numeric; `::` serves IPv4 too
    std::uint16_t port = 0;      ///< 0: the system chooses, see port()
    /// Of a local socket, in place of address and port: made with mode 0660, removed at the end. A socket that is there
    /// already is taken for one that a crash left. Who comes this way is counted by no address.
    std::string path;
    /// Whose connections begin with a PROXY header (proxy_header.hpp), and count as the client's that it names. Of
    /// nobody else is such a header believed.
    std::vector<Network> proxies;
    Tls tls = Tls::on_request;
    /// Of ALPN, as Stream::set_application_protocol() has it; empty: no notice is taken of it.
    std::string application_protocol;
    std::size_t max_connections = 5000;                ///< of this listener
    std::size_t max_per_address = 50;                  ///< of one IPv4 address or IPv6 /64
    std::function<bool(const Endpoint& peer)> admits;  ///< asked of each; false: turned away. Any thread. Empty: true
    std::string too_many;  ///< sent in clear to whom is turned away, e.g. "421 4.3.2 …\r\n"; only with on_request
    std::chrono::milliseconds handshake_timeout = std::chrono::seconds(30);
    int backlog = 1024;
    int inherited = -1;  ///< a listening socket to take instead of binding one; then `address` and `port` say nothing
  };
  /// One conversation. The stream is its own; when it returns, the connection is over. Exceptions are logged by name.
  using Serve = std::function<awaitable<void>(std::unique_ptr<Stream>)>;

  /// Throws std::system_error that names address and port if it cannot bind. `loops`, `tls` and `log` are borrowed and
  /// outlive the loops' stop(). The listener itself must outlive it too.
  Listener(Loops& loops, const CurrentTls& tls, base::Log& log, std::string name, Settings settings, Serve serve);
  ~Listener();

  void start();
  /// From now on `max_connections`, `max_per_address`, `handshake_timeout` and `proxies` are as here; who is connected
  /// stays. What a bound socket has settled (address, port, backlog, kind of TLS) stays as it is. Any thread.
  void set(const Settings& settings);
  std::uint16_t port() const;
  std::size_t connections() const;
  /// How many were turned away since the start.
  std::uint64_t turned_away() const;

  struct State;  ///< private to net

private:
  std::shared_ptr<State> state_;
};

/// A Stream over a connected socket, server side; owns `descriptor`. `tls` is borrowed.
std::unique_ptr<Stream> make_stream(const boost::asio::any_io_executor& loop, int descriptor, const CurrentTls& tls);

}  // namespace mailpod::net
