#include <mailpod/crypto/keys.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/base64.hpp>

#include "../grammar.hpp"
#include "../login_claim.hpp"
#include "commands.hpp"

// RFC 3501 §6.2.2, with the initial response of RFC 4959. The mechanism is PLAIN (RFC 4616).
namespace mailpod::imap::commands {
namespace {

struct Authenticate {
  std::string mechanism;
  std::optional<std::string> initial_response;  // base64, or `=` for an empty one
};

constexpr text::OctetSet base64 = text::octets::alnum | text::OctetSet("+/=");

text::Parsed<Authenticate> parse(text::Cursor& in, const Settings&) {
  if (!in.take_space()) return in.error("SP and a mechanism");
  auto mechanism = parse_atom(in);
  if (mechanism.has_error()) return mechanism.error();
  Authenticate value{std::move(*mechanism), std::nullopt};
  if (in.take_space()) {
    const auto response = in.take_while(base64);
    if (response.empty()) return in.error("an initial response in base64");
    value.initial_response = std::string(response);
  }
  return value;
}

/// Nothing if the client cancelled or went away.
awaitable<std::optional<std::string>> ask_for_response(Session& session) {
  session.out().line("+ ");
  co_await session.out().flush();
  auto& lines = session.requests().lines();
  auto line = co_await lines.read_line(session.settings().command_before_login, net::Overlong::stop);
  if (line.kind == net::Line::Kind::closed || line.kind == net::Line::Kind::too_long) session.leave();
  if (line.kind != net::Line::Kind::complete || line.text == "*") co_return std::nullopt;
  co_return std::move(line.text);
}

Answer refused(const boost::system::error_code& error) {
  if (error == sasl::MechanismError::malformed || error == sasl::MechanismError::too_long) {
    return bad("Not a response of this mechanism");
  }
  return no("[AUTHENTICATIONFAILED] Authentication failed");
}

awaitable<Answer> run(Session& session, const Authenticate& authenticate) {
  if (!session.stream().secure()) co_return privacy_required();
  if (!text::equal_fold(authenticate.mechanism, sasl::Plain::name)) co_return no("[CANNOT] No such mechanism");
  auto response = authenticate.initial_response;
  if (response && *response == "=") response->clear();
  if (!response) response = co_await ask_for_response(session);
  if (!response) co_return bad("Authentication cancelled");
  auto octets = text::parse_base64(*response);
  crypto::wipe(*response);
  if (!octets) co_return bad("Not base64");
  const auto claim = sasl::Plain::take(*octets);
  crypto::wipe(*octets);
  if (claim.has_error()) co_return refused(claim.error());
  auto logging_in = log_in_with(session, *claim);
  co_return co_await std::move(logging_in);
}

}  // namespace

awaitable<Answer> authenticate(Session& session, text::Cursor in) {
  return parse_and_run<Authenticate>(session, in, parse, run);
}

}  // namespace mailpod::imap::commands
