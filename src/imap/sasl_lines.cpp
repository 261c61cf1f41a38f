#include "sasl_lines.hpp"

#include <mailpod/sasl/mechanisms.hpp>
#include <mailpod/sasl/scram_exchange.hpp>
#include <mailpod/text/base64.hpp>

#include "login_claim.hpp"
#include "status_for.hpp"

namespace mailpod::imap {
namespace {

Answer answer_for(sasl::ExchangeError error) {
  switch (error) {
    case sasl::ExchangeError::no_such_mechanism:
      return no("[CANNOT] No such mechanism");
    case sasl::ExchangeError::not_base64:
      return bad("Not base64");
    case sasl::ExchangeError::cancelled:
      return bad("Authentication cancelled");
    case sasl::ExchangeError::unasked:
      break;
  }
  return bad("Nothing is left to say");
}

}  // namespace

awaitable<Result<std::string>> SaslLines::ask(std::string_view challenge) {
  session_.out().line("+ " + text::write_base64(challenge));
  co_await session_.out().flush();
  auto& lines = session_.requests().lines();
  auto line = co_await lines.read_line(session_.settings().command_before_login, net::Overlong::stop);
  if (line.kind == net::Line::Kind::closed || line.kind == net::Line::Kind::too_long) session_.leave();
  if (line.kind != net::Line::Kind::complete) co_return boost::system::error_code(sasl::ExchangeError::cancelled);
  co_return std::move(line.text);
}

Answer answer_for_exchange(Session& session, const boost::system::error_code& error) {
  if (error.category() == sasl::exchange_category()) return answer_for(static_cast<sasl::ExchangeError>(error.value()));
  if (error == sasl::MechanismError::malformed || error == sasl::MechanismError::too_long) {
    return bad("Not a response of this mechanism");
  }
  // RFC 5802 §7's word for it stands in the text, so that a failure can be told from a wrong password: none of those
  // that are said depends on who logs in. RFC 5802 §5.1 leaves out the server's last message then.
  if (sasl::is_malformed(error)) return bad("Not a response of this mechanism: e=" + error.message());
  if (error.category() == sasl::scram_category()) {
    return no("[AUTHENTICATIONFAILED] Authentication failed: e=" + error.message());
  }
  if (error.category() == sasl::mechanism_category()) return status_for(sasl::make_error_code(sasl::Errc::refused));
  return answer_for_login(session, error);
}

}  // namespace mailpod::imap
