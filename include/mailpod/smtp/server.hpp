#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include <mailpod/base/log.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/net/network.hpp>
#include <mailpod/net/stream.hpp>
#include <mailpod/sasl/credentials.hpp>
#include <mailpod/smtp/mailroom.hpp>

namespace mailpod::smtp {

/// What a session promises and what it tolerates. One value for all sessions of a listener.
struct Settings {
  std::string host_name = "localhost";            ///< in the greeting and in EHLO's answer
  std::uint64_t message_size = 50 * 1024 * 1024;  ///< octets of one message, after dot-unstuffing. RFC 1870
  std::size_t recipients = 100;                   ///< of one message; RFC 5321 §4.5.3.1.8 wants at least 100
  std::size_t command_line = 2048;  ///< octets without CRLF; RFC 5321 §4.5.3.1.4 and what the extensions add
  std::size_t auth_line = 12'288;   ///< octets of one AUTH line; RFC 4954 §4.3
  std::chrono::milliseconds timeout{300'000};  ///< for each command, block of DATA and reply. RFC 5321 §4.5.3.2.7
  std::size_t slowest_data = 4096;             ///< octets of DATA that must come within `timeout`
  /// How long a client must hold its tongue before the greeting. 0: only who has spoken by then is caught. Spam engines
  /// speak at once.
  std::chrono::milliseconds greeting_pause{0};
  std::vector<net::Network> xclient;       ///< proxies that may say by XCLIENT whom they speak for
  std::chrono::milliseconds linger{1000};  ///< for the rest of a message that was refused half-way
  std::size_t errors = 10;                 ///< refused commands of any kind, then 421
  std::size_t refused_recipients = 50;     ///< of one session, then 421: harvesting addresses ends here
  std::size_t idle_commands = 100;         ///< RSET, NOOP, HELO, VRFY … since the last accepted message, then 421
  std::size_t logins = 3;                  ///< failed AUTH, then 421
  std::size_t messages = 1'000;            ///< of one session, then 421
};

/// Whom a session asks. All of it outlives the session.
struct Services {
  Mailroom& mailroom;
  sasl::Credentials& credentials;  ///< asked under Role::submission alone
  base::Clock& clock;
  base::Log& log;
};

/// One SMTP or LMTP session, from the greeting to its end, RFC 5321 or RFC 2033, with PIPELINING (2920), SIZE (1870),
/// 8BITMIME (6152), DSN (3461), SMTPUTF8 (6531), CHUNKING (3030), STARTTLS (3207), AUTH (4954), REQUIRETLS (8689),
/// LIMITS (9422) and ENHANCEDSTATUSCODES (2034), each where it makes sense: commands/hello.cpp.
///
/// Loop of the stream; `settings` and `services` outlive it. The stream is ready for the greeting: where TLS comes
/// first (port 465), its handshake is done. Leaves the stream for the caller to close. After `stream.end_input()` the
/// session answers what it has read, says 421 4.3.2 and returns. A session whose login stands no longer (revoked,
/// suspended) hears 421 4.7.0, also within DATA, and is disconnected within half a second. Returns normally whatever
/// the peer does, also when it vanishes; throws only what the Mailroom throws beside std::system_error.
boost::asio::awaitable<void> serve(net::Stream& stream, Role role, const Settings& settings, Services services);

}  // namespace mailpod::smtp
