#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <boost/asio/awaitable.hpp>

#include <mailpod/base/result.hpp>
#include <mailpod/net/stream.hpp>
#include <mailpod/sasl/credentials.hpp>

namespace mailpod::sasl {

/// Why an exchange ends without any secret having been looked at, beside MechanismError and ScramError.
enum class ExchangeError {
  no_such_mechanism = 1,  ///< or none that is offered here
  not_base64,
  cancelled,  ///< by the client, with `*`; or what came was no line at all
  unasked,    ///< the client went on talking where nothing was left to say
};
const boost::system::error_category& exchange_category();
inline boost::system::error_code make_error_code(ExchangeError e) {
  return {static_cast<int>(e), exchange_category()};
}

/// Port: the lines in which a protocol carries a mechanism's messages. RFC 4422 §4.
class Challenges {
public:
  virtual ~Challenges() = default;
  /// Sends `challenge` and reads the client's answer to it, a line in the protocol's own limits and without its end.
  /// Errors: ExchangeError::cancelled where no line came. Failures of the connection are the stream's exceptions.
  virtual boost::asio::awaitable<Result<std::string>> ask(std::string_view challenge) = 0;
};

/// How a client authenticates: PLAIN (RFC 4616), SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 7677), for protocols whose
/// last word is without data, such as IMAP and POP3: SCRAM's last message is then a challenge of its own, which the
/// client answers with an empty line. It has then seen that this is the server that knows it.
///
/// Whether a connection is private enough for it is the protocol's to say.
class Authentication {
public:
  /// Borrowed.
  Authentication(Credentials& credentials, const net::Stream& stream, Challenges& challenges)
      : credentials_(credentials), stream_(stream), challenges_(challenges) {}

  struct Request {
    std::string_view mechanism;          ///< in any case
    std::optional<std::string> initial;  ///< the first response, in base64; `=` is an empty one (RFC 4959, RFC 5034)
    Scope wanted;
  };
  /// Who has proved it, and by which name.
  struct Proven {
    Login login;
    std::string authentication_id;
  };
  /// The whole exchange. Errors: ExchangeError, MechanismError, ScramError, those of the credentials, and what the
  /// machine failed at while they were checked.
  boost::asio::awaitable<Result<Proven>> perform(Request request);

  /// The names of the mechanisms that perform() knows here, the strongest first, each with `prefix` before it and a
  /// space between them.
  static std::string offered(const Credentials& credentials, const net::Stream& stream, std::string_view prefix);

private:
  boost::asio::awaitable<Result<std::string>> first_response(std::optional<std::string> initial);
  boost::asio::awaitable<Result<std::string>> ask(std::string_view challenge);
  boost::asio::awaitable<Result<Proven>> by_plain(const Request& request);
  boost::asio::awaitable<Result<Proven>> by_scram(const Request& request);

  Credentials& credentials_;
  const net::Stream& stream_;
  Challenges& challenges_;
};

/// What `asked` answers, the machine's failures among its errors.
template <class T>
boost::asio::awaitable<Result<T>> with_failures(boost::asio::awaitable<Result<T>> asked) {
  try {
    co_return co_await std::move(asked);
  } catch (const std::system_error& failure) {
    co_return boost::system::error_code(failure.code());
  }
}

}  // namespace mailpod::sasl

template <>
struct boost::system::is_error_code_enum<mailpod::sasl::ExchangeError> : std::true_type {};
