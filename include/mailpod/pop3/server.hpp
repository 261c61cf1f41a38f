#pragma once

#include <chrono>
#include <cstddef>

#include <boost/asio/awaitable.hpp>

#include <mailpod/base/log.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/sasl/credentials.hpp>
#include <mailpod/store/vaults.hpp>

namespace mailpod::net {
class Stream;
}

namespace mailpod::pop3 {

/// What a POP3 conversation allows. Sizes in octets.
struct Settings {
  /// Greeting to login, whatever is sent meanwhile: no autologout of somebody who is idle, so RFC 1939 §3's ten minutes
  /// are not asked for.
  std::chrono::seconds login_timeout{60};
  std::chrono::seconds idle_timeout{660};  ///< autologout; RFC 1939 §3 demands at least 10 minutes
  std::chrono::seconds data_timeout{300};  ///< within one command, and for our replies
  std::size_t line = 1'024;                ///< a command; RFC 2449 §4 allows 255
  std::size_t line_before_login = 12'288;  ///< a command, or a response within AUTH: RFC 5034 §4
  unsigned commands_before_login = 100;    ///< of any kind, after which the connection is closed
  unsigned bad_before_login = 10;          ///< commands answered -ERR, after which the connection is closed
  unsigned bad_after_login = 100;          ///< commands that are none, in a row
  std::size_t output = 64 * 1024;          ///< collected replies before they are written
  std::uint32_t days_kept = 0;             ///< by the charter; 0: until its member deletes it. RFC 2449 §6.7
  std::size_t read_slice = 128 * 1024;     ///< of a message, read in one job of the pool; twice that may lie in memory
};

/// The POP3 server: RFC 1939 on the same vault as IMAP, of which it shows INBOX, with CAPA (RFC 2449), STLS (RFC 2595),
/// AUTH (RFC 5034) and the response codes of RFC 2449 and RFC 3206.
///
/// One for all connections of the daemon; `converse` may run on any loop, many at a time. Outlives them.
class Server {
public:
  /// Borrowed; they outlive the server.
  struct Ports {
    sasl::Credentials& credentials;
    store::Vaults& vaults;
    base::Clock& clock;
    base::Log& log;
  };

  Server(Ports ports, const Settings& settings) : ports_(ports), settings_(settings) {}

  /// Speaks with one client, from greeting to close; returns once the connection is closed, whatever happens on it.
  /// A stream that is not encrypted offers STLS and no login. Runs on the stream's loop; `stream` outlives the call.
  ///
  /// A login needs the scope that reads mail, sasl::Scope::imap. When the member's vault is closed (revocation,
  /// shutdown) the session ends at once, and removes nothing.
  boost::asio::awaitable<void> converse(net::Stream& stream) const;

private:
  Ports ports_;
  Settings settings_;
};

}  // namespace mailpod::pop3
