#include <variant>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/cursor.hpp>
#include <mailpod/text/unicode.hpp>

#include "../commands.hpp"
#include "../notification.hpp"
#include "../parameters.hpp"
#include "../path.hpp"

namespace mailpod::smtp {

namespace {

using text::Cursor;

std::optional<Reply> apply(const Parameter& parameter, const Session& session, RecipientParameters& parameters) {
  if (parameter.keyword == "NOTIFY" && session.offers_dsn()) {
    const auto notify = parse_notify(parameter.value);
    if (!notify) return Reply(501, "5.5.4", "NOTIFY is NEVER, or some of SUCCESS, FAILURE and DELAY");
    parameters.notify = *notify;
    return std::nullopt;
  }
  if (parameter.keyword == "ORCPT" && session.offers_dsn()) {
    const bool in_utf8 = session.transaction->parameters.smtp_utf8;
    if (!is_original_recipient(parameter.value, in_utf8 ? OriginalAddress::utf8 : OriginalAddress::ascii))
      return Reply(501, "5.5.4", "ORCPT is a type, ; and an xtext address");
    parameters.original_recipient = parameter.value;
    return std::nullopt;
  }
  return Reply(555, "5.5.4", "parameter not recognized");
}

std::variant<Addressee, Reply> parse_rcpt(std::string_view arguments, const Session& session) {
  const auto syntax = [](std::string_view enhanced, const text::ParseError& error) {
    return Reply(501, enhanced, "expected " + std::string(error.expected));
  };
  if (!text::is_utf8(arguments)) return Reply(501, "5.5.2", "this is not UTF-8");
  Cursor in(arguments);
  if (!in.take("TO:")) return syntax("5.5.4", in.error("TO:<address>"));
  in.skip_wsp();
  auto forward_path = parse_forward_path(in);
  if (!forward_path) return syntax("5.1.3", forward_path.error());
  // RFC 6531 §3.5
  const bool smtp_utf8 = session.transaction->parameters.smtp_utf8;
  if (!smtp_utf8 && !text::is_ascii(arguments.substr(0, in.offset())))
    return Reply(553, "5.6.7", "an address beyond ASCII needs SMTPUTF8");
  const auto given = parse_parameters(in);
  if (!given) return syntax("5.5.4", given.error());
  if (!given->empty() && !session.peer.extended) return Reply(555, "5.5.4", "parameters need EHLO");

  Addressee addressee(std::move(*forward_path));
  for (const Parameter& parameter : *given) {
    if (auto refusal = apply(parameter, session, addressee.parameters)) return std::move(*refusal);
  }
  return addressee;
}

}  // namespace

// RFC 5321 §4.1.1.3
awaitable<Reply> run_rcpt(Session& session, std::string_view arguments) {
  auto parsed = parse_rcpt(arguments, session);
  if (auto* refusal = std::get_if<Reply>(&parsed)) {
    ++session.patience.errors;
    co_return std::move(*refusal);
  }
  auto& addressee = std::get<Addressee>(parsed);
  const Mailbox& forward_path = addressee.forward_path;
  // Nobody here is addressed by the number of a machine, and mail is sent by name only.
  if (is_address_literal(forward_path)) {
    ++session.patience.refused_recipients;
    co_return Reply(550, "5.1.2", "address literals are not served");
  }
  Transaction& transaction = *session.transaction;
  if (transaction.recipients.size() >= session.settings.recipients) {
    ++session.patience.surplus_recipients;
    co_return status_for(Errc::too_many_recipients);
  }
  auto question = session.services.mailroom.consider_recipient(session.peer, transaction.reverse_path, forward_path);
  const Status considered = co_await answer_of(std::move(question));
  if (!considered) {
    ++session.patience.refused_recipients;
    std::string why;
    if (considered.error() == Errc::not_federated)
      why = session.services.mailroom.explain_recipient(session.peer, transaction.reverse_path, forward_path);
    co_return status_for(considered.error(), why);
  }
  transaction.recipients.push_back(std::move(addressee));
  co_return Reply(250, "2.1.5", "recipient ok");
}

}  // namespace mailpod::smtp
