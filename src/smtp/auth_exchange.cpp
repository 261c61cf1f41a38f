#include "auth_exchange.hpp"

#include <mailpod/crypto/keys.hpp>
#include <mailpod/text/base64.hpp>

namespace mailpod::smtp {
namespace {

// An exchange line, RFC 4954 §4: base64 or a single `*`, which cancels.
Response decode(std::string_view line) {
  if (line == "*") return Reply(501, "5.7.0", "authentication cancelled");
  auto octets = text::parse_base64(line);
  if (!octets) return Reply(501, "5.5.2", "cannot decode the response");
  return std::move(*octets);
}

}  // namespace

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

Reply refused() {
  return {535, "5.7.8", "authentication failed"};
}

Reply refusal_by(Session& session, const boost::system::error_code& error) {
  if (error == sasl::Errc::busy) return {454, "4.7.0", "temporary authentication failure"};
  session.services.log.info("smtp.login_refused peer={}", session.peer.address);
  return refused();
}

}  // namespace mailpod::smtp
