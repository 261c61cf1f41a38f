#include "acceptance.hpp"

namespace mailpod::smtp {

namespace {

awaitable<Reply> deliver(Session& session, Letter& letter, std::size_t recipients) {
  auto accepting = letter.accept();
  const Result<std::string> accepted = co_await answer_of(std::move(accepting));
  if (!accepted) co_return status_for(accepted.error(), letter.explanation());
  ++session.patience.messages;
  session.patience.idle_commands = 0;
  session.services.log.info("smtp.accepted peer={} recipients={} id={}", session.peer.address, recipients, *accepted);
  co_return Reply(250, "2.0.0", *accepted);
}

}  // namespace

awaitable<Result<std::unique_ptr<Letter>>> begin_letter(Session& session, const Transaction& transaction) {
  auto question = session.services.mailroom.begin(session.peer, transaction.reverse_path, transaction.recipients,
                                                  transaction.parameters);
  Result<std::unique_ptr<Letter>> letter = co_await answer_of(std::move(question));
  co_return letter;
}

Reply refusal_for(const Session& session, const Transaction& transaction, boost::system::error_code error) {
  std::string why;
  if (error == Errc::not_federated) {
    // A rule came into force since RCPT: of whom it speaks is said of the first.
    for (const Addressee& recipient : transaction.recipients) {
      if (why.empty())
        why =
            session.services.mailroom.explain_recipient(session.peer, transaction.reverse_path, recipient.forward_path);
    }
  }
  return status_for(error, why);
}

std::optional<Reply> no_recipients(const Session& session, const Transaction& transaction) {
  if (!transaction.recipients.empty()) return std::nullopt;
  return Reply(session.is_lmtp() ? 503 : 554, "5.5.1", "no valid recipients");
}

awaitable<Reply> accept_letter(Session& session, Letter& letter, Status received, std::size_t recipients) {
  Reply reply = received ? Reply() : status_for(received.error());
  if (received) reply = co_await deliver(session, letter, recipients);
  if (reply.refuses_for_good()) ++session.patience.errors;
  if (session.is_lmtp()) {
    for (std::size_t said = 1; said < recipients; ++said) co_await session.say(reply);
  }
  co_return reply;
}

Reply refusal_for(DataReader::Fault fault) {
  switch (fault) {
    case DataReader::Fault::nul:
      return {550, "5.6.0", "message contains NUL", Next::close};
    case DataReader::Fault::bare_cr:
      return {550, "5.6.0", "message contains CR without LF", Next::close};
    default:
      return {550, "5.6.0", "message contains LF without CR", Next::close};
  }
}

}  // namespace mailpod::smtp
