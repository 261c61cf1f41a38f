#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <mailpod/net/stream.hpp>
#include <mailpod/net/tls.hpp>

namespace mailpod::net {

/// Port: opens connections with other machines. Belongs to one loop; only on it.
class Dialer {
public:
  virtual ~Dialer() = default;
  /// A connection in clear text, on the dialer's loop. Throws std::system_error: timed_out after `limit`,
  /// connection_refused, host_unreachable, network_unreachable, … What was begun ends with stop().
  virtual awaitable<std::unique_ptr<Stream>> connect(Endpoint to, std::chrono::milliseconds limit) = 0;
  /// Every present and later connect fails with Errc::shutting_down. Streams that exist already are their owners'.
  virtual void stop() = 0;
};

/// From the addresses that the system chooses. `authorities` and `strength` as of TlsContext::for_clients(), which may
/// throw.
std::unique_ptr<Dialer> make_dialer(boost::asio::any_io_executor loop, const std::string& authorities = {},
                                    Strength strength = Strength::whatever_keeps_listeners_out);

}  // namespace mailpod::net
