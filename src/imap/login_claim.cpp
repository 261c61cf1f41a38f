#include "login_claim.hpp"

#include <system_error>

#include <fmt/format.h>

#include "capabilities.hpp"
#include "status_for.hpp"

namespace mailpod::imap {
namespace {

awaitable<Answer> try_to_log_in(Session& session, const sasl::OwnedClaim& claim) {
  auto& log = session.ports().log;
  const auto client = session.stream().peer().address;
  auto checking = session.ports().credentials.check_plain(claim.claim(sasl::Scope::imap));
  auto login = co_await std::move(checking);
  if (login.has_error()) {
    log.info("imap login refused client={} reason={}", client, login.error().message());
    co_return status_for(login.error());
  }
  const auto member = login->member.str();
  auto opening = session.log_in(std::move(*login));
  const auto opened = co_await std::move(opening);
  if (opened.has_error()) co_return status_for(opened.error());
  log.info("imap login member={} client={}", member, client);
  co_return ok(fmt::format("[CAPABILITY {}] Logged in", capabilities_of(session)));
}

}  // namespace

awaitable<Answer> log_in_with(Session& session, const sasl::OwnedClaim& claim) {
  std::error_code failed;
  try {
    auto trying = try_to_log_in(session, claim);
    co_return co_await std::move(trying);
  } catch (const std::system_error& failure) {
    failed = failure.code();
  }
  // The machine failed, not the client: told so, it tries again later instead of asking for another password.
  session.ports().log.error("imap login failed client={} reason={}", session.stream().peer().address,
                            base::printable(failed.message()));
  co_return session.answer_for(failed);
}

Answer privacy_required() {
  return no("[PRIVACYREQUIRED] Use TLS first");
}

}  // namespace mailpod::imap
