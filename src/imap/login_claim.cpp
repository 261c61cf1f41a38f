#include "login_claim.hpp"

#include <fmt/format.h>

#include <mailpod/store/error.hpp>

#include "capabilities.hpp"
#include "status_for.hpp"

namespace mailpod::imap {

Answer answer_for_login(Session& session, const boost::system::error_code& error) {
  auto& log = session.ports().log;
  const auto client = session.stream().peer().address;
  if (error.category() == sasl::credentials_category()) {
    log.info("imap login refused client={} reason={}", client, error.message());
    return status_for(error);
  }
  const boost::system::error_code of_the_vault = store::Errc::closed;
  if (error.category() == of_the_vault.category()) return status_for(error);
  log.error("imap login failed client={} reason={}", client, base::printable(error.message()));
  return session.answer_for(error);
}

awaitable<Answer> enter_with(Session& session, sasl::Login login, std::string name) {
  const auto member = login.member.str();
  const auto alert = login.alert;
  auto opening = sasl::with_failures(session.log_in(std::move(login), std::move(name)));
  const auto opened = co_await std::move(opening);
  if (opened.has_error()) co_return answer_for_login(session, opened.error());
  // RFC 3501 §7.1: shown to the member, whatever the client.
  if (!alert.empty()) session.out().line("* OK [ALERT] " + alert);
  session.ports().log.info("imap login member={} client={}", member, session.stream().peer().address);
  co_return ok(fmt::format("[CAPABILITY {}] Logged in", capabilities_of(session)));
}

awaitable<Answer> log_in_with(Session& session, const sasl::OwnedClaim& claim) {
  auto checking = sasl::with_failures(session.ports().credentials.check_plain(claim.claim(sasl::Scope::imap)));
  auto login = co_await std::move(checking);
  if (login.has_error()) co_return answer_for_login(session, login.error());
  auto entering = enter_with(session, std::move(*login), std::string(claim.claim(sasl::Scope::imap).authentication_id));
  co_return co_await std::move(entering);
}

Answer privacy_required() {
  return no("[PRIVACYREQUIRED] Use TLS first");
}

}  // namespace mailpod::imap
