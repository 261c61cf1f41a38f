#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>

#include <boost/asio/awaitable.hpp>

#include <mailpod/base/log.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/http/reader.hpp>
#include <mailpod/http/router.hpp>
#include <mailpod/net/stream.hpp>

namespace mailpod::http {

/// What one HTTP connection allows.
struct Settings {
  MessageLimits limits;
  std::chrono::milliseconds idle_timeout{15'000};     ///< from an answer to the first octet of the next request
  std::chrono::milliseconds head_timeout{10'000};     ///< from its first octet to the end of its fields
  std::chrono::milliseconds content_timeout{20'000};  ///< for all of its content
  std::chrono::milliseconds answer_timeout{30'000};   ///< for all of an answer to be taken
  std::chrono::milliseconds lifetime{300'000};        ///< of a connection: later no request is taken
  unsigned requests = 1'000;                          ///< of one connection, the last of which is told so
  std::size_t small_answer = 64 * 1024;               ///< octets; such a one is always given
  std::size_t answers = 64 * 1024 * 1024;    ///< octets of others that are under way, of all connections; then 503
  std::chrono::seconds strict_transport{0};  ///< under TLS, how long browsers shall insist on it (HSTS); 0: not said
};

/// The HTTP/1.1 server: one request after the other, each answered in its turn (RFC 9112 §9.3.2), by a table of routes.
///
/// Whatever is not exactly one message is refused, and the connection closed: where a request ends is never guessed.
/// One for all connections of the daemon; `converse` may run on any loop, many at a time. Outlives them.
class Server {
public:
  /// Borrowed; they outlive the server.
  struct Ports {
    const Router& router;
    base::Clock& clock;
    base::Log& log;
  };
  explicit Server(Ports ports) : ports_(ports) {}

  /// Speaks with one client until one of both has enough; does not close the stream. Runs on the stream's loop;
  /// `stream` outlives the call. Throws nothing.
  boost::asio::awaitable<void> converse(net::Stream& stream, const Settings& settings);

private:
  Ports ports_;
  std::atomic<std::size_t> under_way_{0};  ///< octets of answers
};

}  // namespace mailpod::http
