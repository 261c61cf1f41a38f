#include "../message_sending.hpp"
#include "commands.hpp"

// RFC 1939 §5. A message that was sent whole has been seen, as Dovecot has it (pop3_no_flag_updates = no): what a
// member read with one program is not new in another.
namespace mailpod::pop3::commands {
namespace {

awaitable<void> note_seen(Session& session, store::Uid uid) {
  auto& vault = session.vault();
  const auto mailbox = session.maildrop().mailbox();
  const auto newest = vault.state()->find(mailbox);
  const auto number = newest ? newest->find(uid) : std::nullopt;
  if (!number || newest->at(*number).flags.has(store::Flags::seen)) co_return;
  const store::FlagChange seen{store::FlagChange::How::add, store::Flags::seen, {}};
  const auto uids = std::span(&uid, 1);
  const auto change = [&] { return vault.change_flags(mailbox, uids, seen, std::nullopt); };
  auto changing = store::on_lane(session.open_vault(), change);
  const auto changed = co_await std::move(changing);
  if (changed.has_error()) session.ports().log.debug("pop3 flag not set reason={}", changed.error().message());
}

awaitable<Reply> run(Session& session, const std::uint64_t& number) {
  const auto* message = session.maildrop().find(number);
  if (message == nullptr) co_return no_such_message();
  auto sending = send_message(session, *message, std::nullopt);
  auto reply = co_await std::move(sending);
  if (reply.kind == Reply::Kind::given) co_await note_seen(session, message->uid);
  co_return reply;
}

}  // namespace

awaitable<Reply> retr(Session& session, text::Cursor in) {
  return parse_and_run<std::uint64_t>(session, in, parse_number, run);
}

}  // namespace mailpod::pop3::commands
