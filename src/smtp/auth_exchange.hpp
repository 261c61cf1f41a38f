#pragma once

#include <string>
#include <string_view>
#include <system_error>

#include <mailpod/sasl/mechanisms.hpp>

#include "session.hpp"

/// The lines of an AUTH exchange, and what ends one. RFC 4954 §4.
namespace mailpod::smtp {

/// What the client said to a challenge: its decoded response, or the reply that ends the exchange. The caller wipes it.
using Response = boost::system::result<std::string, Reply>;

/// The initial response of the AUTH line itself: there `=` is an empty one.
Response decode_initial(std::string_view argument);
/// Sends `challenge` and reads the client's response to it; `*` cancels. Throws if the client has closed.
awaitable<Response> ask(Session& session, std::string_view challenge);

/// How an exchange ended: who logged in, or the reply that says why nobody did.
struct Entrance {
  sasl::Login login;
  std::string name;  ///< as the client gave it
};
using Entered = boost::system::result<Entrance, Reply>;

/// The one answer to wrong secrets.
Reply refused();
/// The reply where the check of a secret ended with `error`; said in the log.
Reply refusal_by(Session& session, const boost::system::error_code& error);

/// What `asked` answers; where the machine failed, that is not the client's fault: as if too much were waiting.
template <class T>
awaitable<Result<T>> with_failures(Session& session, awaitable<Result<T>> asked) {
  try {
    co_return co_await std::move(asked);
  } catch (const std::system_error& failure) {
    session.services.log.error("smtp.login_failed peer={} reason={}", session.peer.address, failure.code().message());
  }
  co_return Result<T>(sasl::make_error_code(sasl::Errc::busy));
}

/// AUTH SCRAM-SHA-256, and with -PLUS. RFC 5802 §5, RFC 7677. The server's last message is a challenge of its own,
/// which the client answers with an empty line.
awaitable<Entered> exchange_scram(Session& session, std::string_view initial);
awaitable<Entered> exchange_scram_plus(Session& session, std::string_view initial);

/// What EHLO says behind AUTH.
std::string offered_mechanisms(const Session& session);

}  // namespace mailpod::smtp
