#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include <boost/asio/awaitable.hpp>

#include <mailpod/base/log.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/crypto/spool.hpp>
#include <mailpod/sasl/credentials.hpp>
#include <mailpod/store/vaults.hpp>

namespace mailpod::net {
class Stream;
}

namespace mailpod::imap {

/// What an IMAP conversation allows. Sizes in octets.
struct Settings {
  std::chrono::seconds login_timeout{60};    ///< greeting to login, whatever is sent meanwhile
  std::chrono::seconds idle_timeout{1'860};  ///< autologout; RFC 9051 §5.4 demands at least 30 minutes
  std::chrono::seconds data_timeout{300};    ///< within one command: the next octets of a literal, our writes
  std::size_t command_before_login = 4'096;  ///< one command, its literals included
  std::size_t line = 64 * 1024;              ///< one line of a command
  std::size_t command = 1024 * 1024;         ///< one command, its literals included, APPEND's message aside
  std::size_t literal = 64 * 1024;           ///< one literal other than APPEND's message
  std::uint64_t message = 50 * 1024 * 1024;  ///< APPEND's message
  unsigned commands_before_login = 100;      ///< of any kind, after which the connection is closed
  unsigned bad_before_login = 10;            ///< commands answered BAD or NO, after which the connection is closed
  unsigned bad_after_login = 100;            ///< the same, in a row
  unsigned unauthenticates = 10'000;         ///< of one connection; 0: not offered (RFC 8437 §8)
  std::size_t search_depth = 32;             ///< parentheses, NOT and OR within each other
  std::size_t search_keys = 1'000;           ///< of one SEARCH
  std::size_t fetch_items = 100;             ///< of one FETCH
  std::size_t header_fields = 100;           ///< of one HEADER.FIELDS
  std::size_t append_parts = 1'000;          ///< literals and URLs of one APPEND, of all its messages
  std::size_t set_ranges = 10'000;           ///< of one sequence set
  std::uint32_t saved_messages = 1'000'000;  ///< of one COPY or APPEND, which take all or none of them: RFC 9738
  std::size_t notifications = 1'000;         ///< mailboxes of NOTIFY that change at once; more is too much to tell
  std::size_t output = 64 * 1024;            ///< collected replies before they are written
  std::size_t read_slice = 128 * 1024;       ///< of a body, read in one job of the pool; half of what may lie in memory
};

/// The IMAP server: IMAP4rev1 (RFC 3501) and IMAP4rev2 (RFC 9051), with the extensions of its capability list.
///
/// One for all connections of the daemon; `converse` may run on any loop, many at a time. Outlives them.
class Server {
public:
  /// Borrowed; they outlive the server.
  struct Ports {
    sasl::Credentials& credentials;
    store::Vaults& vaults;
    crypto::SpoolPlace spool;  ///< for the messages of APPEND
    base::Clock& clock;
    base::Log& log;
  };

  Server(Ports ports, const Settings& settings);

  /// Speaks with one client, from greeting to close; returns once the connection is closed, whatever happens on it.
  /// A stream that is not encrypted offers STARTTLS and no login. Runs on the stream's loop; `stream` outlives the
  /// call.
  ///
  /// When the member's vault is closed (revocation, shutdown) the client is told `* BYE` at once, also while it idles.
  boost::asio::awaitable<void> converse(net::Stream& stream) const;

private:
  Ports ports_;
  Settings settings_;
};

}  // namespace mailpod::imap
