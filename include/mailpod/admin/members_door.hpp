#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include <mailpod/admin/desk.hpp>
#include <mailpod/base/log.hpp>
#include <mailpod/guard/doorkeeper.hpp>
#include <mailpod/net/pool.hpp>
#include <mailpod/net/stream.hpp>
#include <mailpod/sasl/credentials.hpp>

namespace mailpod::admin {

/// Where members reach the desk from elsewhere: the protocol of control.sock under TLS, each request and each answer
/// one line of JSON that ends with CRLF, one request after the other. docs/pod-folder.md, "The members' door".
///
/// Anybody may knock. So only what an operation's row lets members do is asked for here; a request brings one of its
/// member's own secrets, which is tried before the operation runs; and what is refused reads the same and takes the
/// same time, whatever the reason was. Whoever has the password of a member with one-time codes is asked for a code. Of
/// votes, which are public, anybody may ask, and a ballot brings its signature.
class MembersDoor {
public:
  struct Settings {
    std::size_t request = 64 * 1024;                    ///< octets of one line
    std::chrono::milliseconds request_timeout{10'000};  ///< for a whole request to arrive
    std::chrono::milliseconds answer_timeout{60'000};   ///< for each 64 KiB of an answer to be taken
    std::chrono::milliseconds lifetime{600'000};        ///< of a connection: later no request is taken
    std::chrono::milliseconds refused_after{1000};      ///< from the request on: longer than trying a secret takes
    std::size_t refusals = 3;                           ///< of one connection, then it is closed
    std::size_t at_once = 4;                            ///< operations; the desk does one at a time anyway
    std::size_t waiting = 64;                           ///< for those; more are told to come again
  };
  /// All borrowed.
  struct Services {
    Desk& desk;
    guard::Doorkeeper& doorkeeper;
    net::Pool& pool;
    base::Log& log;
  };
  MembersDoor(const Services& services, const Settings& settings);

  /// One connection, which is under TLS already, from its first request to its end. `credentials` say who a member is
  /// (and count who fails), for the sake of their own affairs: human passwords too. Does not close the stream. On the
  /// stream's loop.
  net::awaitable<void> converse(net::Stream& stream, sasl::Credentials& credentials);

private:
  class Visit;
  net::awaitable<void> serve_requests(net::Stream& stream, sasl::Credentials& credentials);

  Services services_;
  Settings settings_;
  net::Gate work_;
  net::Gate errands_;  ///< who waits for an errand takes no place of who wants something done
};

}  // namespace mailpod::admin
