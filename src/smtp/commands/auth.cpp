#include <mailpod/crypto/keys.hpp>
#include <mailpod/sasl/mechanisms.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/base64.hpp>

#include "../commands.hpp"

namespace mailpod::smtp {

namespace {

/// What the client said to a challenge: its decoded response, or the reply that ends the exchange.
using Response = boost::system::result<std::string, Reply>;

// An exchange line, RFC 4954 §4: base64 or a single `*`, which cancels.
Response decode(std::string_view line) {
  if (line == "*") return Reply(501, "5.7.0", "authentication cancelled");
  auto octets = text::parse_base64(line);
  if (!octets) return Reply(501, "5.5.2", "cannot decode the response");
  return std::move(*octets);
}

// The initial response of the AUTH line itself: there `=` is an empty one.
Response decode_initial(std::string_view argument) {
  return argument == "=" ? Response(std::string()) : decode(argument);
}

awaitable<Response> ask(Session& session, std::string_view challenge) {
  const Reply question(334, "", text::write_base64(challenge));
  co_await session.say(question);
  co_await session.flush();
  net::Line line = co_await session.lines.read_line(session.settings.auth_line);
  Response response = Reply(500, "5.5.2", "lines end with CR LF", Next::close);
  if (line.kind == net::Line::Kind::complete) response = decode(line.text);
  if (line.kind == net::Line::Kind::too_long) response = Reply(500, "5.5.6", "line too long");
  crypto::wipe(line.text);
  if (line.kind == net::Line::Kind::closed) throw std::system_error(net::make_error_code(net::Errc::peer_closed));
  co_return response;
}

/// A finished exchange: the claim, or why there is none.
using Claimed = boost::system::result<sasl::OwnedClaim, Reply>;

Reply refused() {
  return {535, "5.7.8", "authentication failed"};
}

// Malformed is the client's fault and said so; a name that may not be used reads like every other refusal.
Reply refusal_for(boost::system::error_code error) {
  if (error == sasl::MechanismError::empty_name || error == sasl::MechanismError::authorization_differs) {
    return refused();
  }
  return {501, "5.5.2", "malformed response"};
}

// RFC 4616. A client that sends no initial response is asked for it with an empty challenge.
awaitable<Claimed> exchange_plain(Session& session, std::string_view initial) {
  Response response = initial.empty() ? Response(std::string()) : decode_initial(initial);
  if (initial.empty()) response = co_await ask(session, "");
  if (!response) co_return response.error();
  auto claim = sasl::Plain::take(*response);
  crypto::wipe(*response);
  if (!claim) co_return refusal_for(claim.error());
  co_return std::move(*claim);
}

// Two challenges; some clients give the name as an initial response, which is the answer to the first.
awaitable<Claimed> exchange_login(Session& session, std::string_view initial) {
  sasl::LoginExchange login;
  bool first = !initial.empty();
  while (!login.complete()) {
    Response response = first ? decode_initial(initial) : Response(std::string());
    if (!first) response = co_await ask(session, login.challenge());
    first = false;
    if (!response) co_return response.error();
    const Status taken = login.take(*response);
    crypto::wipe(*response);
    if (!taken) co_return refusal_for(taken.error());
  }
  co_return login.claim();
}

awaitable<Result<sasl::Login>> check(Session& session, const sasl::OwnedClaim& claim) {
  try {
    auto question = session.services.credentials.check_plain(claim.claim(sasl::Scope::send));
    co_return co_await std::move(question);
  } catch (const std::system_error& failure) {
    session.services.log.error("smtp.login_failed peer={} reason={}", session.peer.address, failure.code().message());
  }
  // Not the client's fault: as if too much were waiting.
  co_return Result<sasl::Login>(sasl::make_error_code(sasl::Errc::busy));
}

awaitable<Reply> log_in(Session& session, const sasl::OwnedClaim& claim) {
  auto login = co_await check(session, claim);
  if (login) {
    session.log_in(std::move(*login), claim.claim(sasl::Scope::send).authentication_id);
    session.patience.idle_commands = 0;
    session.services.log.info("smtp.login peer={} member={}", session.peer.address, session.peer.login->member.str());
    co_return Reply(235, "2.7.0", "authentication successful");
  }
  if (login.error() == sasl::Errc::busy) co_return Reply(454, "4.7.0", "temporary authentication failure");
  ++session.patience.failed_logins;
  session.services.log.info("smtp.login_refused peer={}", session.peer.address);
  co_return refused();
}

std::optional<Reply> may_not_authenticate(const Session& session) {
  if (!session.is_submission()) return Reply(502, "5.5.1", "authentication is not offered on this port");
  if (!session.peer.tls) return Reply(538, "5.7.11", "encryption required: STARTTLS first");
  if (!session.peer.extended) return Reply(503, "5.5.1", "say EHLO first");
  if (session.peer.login) return Reply(503, "5.5.1", "authenticated already");
  return std::nullopt;
}

}  // namespace

// RFC 4954 §4
awaitable<Reply> run_auth(Session& session, std::string_view arguments) {
  if (auto refusal = may_not_authenticate(session)) {
    ++session.patience.errors;
    co_return std::move(*refusal);
  }
  const std::size_t space = arguments.find(' ');
  const std::string_view mechanism = arguments.substr(0, space);
  const std::string_view initial = space == std::string_view::npos ? "" : text::trim(arguments.substr(space));
  const bool plain = text::equal_fold(mechanism, sasl::Plain::name);
  if (!plain && !text::equal_fold(mechanism, sasl::LoginExchange::name)) {
    ++session.patience.errors;
    co_return Reply(504, "5.5.4", "unknown mechanism");
  }
  auto exchange = plain ? exchange_plain(session, initial) : exchange_login(session, initial);
  const Claimed claim = co_await std::move(exchange);
  if (!claim) {
    // A malformed exchange is a failed login too: it must not be a free way to keep trying.
    ++session.patience.failed_logins;
    co_return claim.error();
  }
  Reply reply = co_await log_in(session, *claim);
  co_return reply;
}

}  // namespace mailpod::smtp
