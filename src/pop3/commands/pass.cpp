#include <mailpod/sasl/mechanisms.hpp>

#include "commands.hpp"

// RFC 1939 §7.
namespace mailpod::pop3::commands {

/// All that follows one space is the password, spaces included.
awaitable<Reply> pass(Session& session, text::Cursor in) {
  if (!session.stream().secure()) co_return privacy_required();
  if (!session.user()) co_return bad("Say USER first");
  auto name = std::move(*session.user());
  session.user().reset();
  if (!in.take_space()) co_return bad(in.error("SP and a password"));
  const sasl::OwnedClaim owned({}, std::move(name), std::string(in.rest()));
  const auto claim = owned.claim(sasl::Scope::imap);
  auto checking = sasl::with_failures(session.ports().credentials.check_plain(claim));
  auto login = co_await std::move(checking);
  if (login.has_error()) co_return session.reply_for_login(login.error());
  auto entering = session.enter(std::move(*login));
  co_return co_await std::move(entering);
}

}  // namespace mailpod::pop3::commands
