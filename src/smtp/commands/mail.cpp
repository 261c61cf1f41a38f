#include <algorithm>
#include <limits>
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

Reply syntax(std::string_view enhanced, const text::ParseError& error) {
  return {501, enhanced, "expected " + std::string(error.expected)};
}

// RFC 1870 §3: up to 20 digits, which may be more than 64 bits hold: too big for anyone.
std::optional<std::uint64_t> parse_size(std::string_view digits) {
  constexpr std::size_t most_digits = 20;
  const auto is_digit = [](char octet) { return text::octets::digit.contains(octet); };
  if (digits.empty() || digits.size() > most_digits || !std::ranges::all_of(digits, is_digit)) return std::nullopt;
  Cursor in(digits);
  return in.number().has_value() ? *Cursor(digits).number() : std::numeric_limits<std::uint64_t>::max();
}

std::optional<Reply> apply(const Parameter& parameter, const Session& session, MailParameters& parameters) {
  if (parameter.keyword == "SIZE") {
    const auto size = parse_size(parameter.value);
    if (!size) return Reply(501, "5.5.4", "SIZE is a number of octets");
    if (*size > session.settings.message_size) return Reply(552, "5.3.4", "message too big");
    parameters.size = *size;
    return std::nullopt;
  }
  if (parameter.keyword == "BODY") {
    parameters.eight_bit = text::equal_fold(parameter.value, "8BITMIME");
    if (parameters.eight_bit || text::equal_fold(parameter.value, "7BIT")) return std::nullopt;
    return Reply(501, "5.5.4", "BODY is 7BIT or 8BITMIME");
  }
  if (parameter.keyword == "SMTPUTF8") {
    if (parameter.has_value) return Reply(501, "5.5.4", "SMTPUTF8 takes no value");
    parameters.smtp_utf8 = true;
    return std::nullopt;
  }
  if (parameter.keyword == "REQUIRETLS") {
    if (parameter.has_value) return Reply(501, "5.5.4", "REQUIRETLS takes no value");
    // RFC 8689 §2: what came here in clear has been on the wire for everyone already.
    if (!session.offers_require_tls()) return Reply(530, "5.7.10", "REQUIRETLS needs TLS");
    parameters.require_tls = true;
    return std::nullopt;
  }
  if (parameter.keyword == "RET" && session.offers_dsn()) {
    const auto content = parse_return(parameter.value);
    if (!content) return Reply(501, "5.5.4", "RET is FULL or HDRS");
    parameters.return_content = *content;
    return std::nullopt;
  }
  if (parameter.keyword == "ENVID" && session.offers_dsn()) {
    if (!is_envelope_id(parameter.value)) return Reply(501, "5.5.4", "ENVID is at most 100 octets of xtext");
    parameters.envelope_id = parameter.value;
    return std::nullopt;
  }
  // RFC 4954 §5: who a message was first submitted by. We take it from nobody, which the RFC allows.
  if (parameter.keyword == "AUTH" && session.is_submission() && parameter.has_value) return std::nullopt;
  return Reply(555, "5.5.4", "parameter not recognized");
}

struct Mail {
  Mailbox reverse_path;
  MailParameters parameters;
};

std::variant<Mail, Reply> parse_mail(std::string_view arguments, const Session& session) {
  if (!text::is_utf8(arguments)) return Reply(501, "5.5.2", "this is not UTF-8");
  Cursor in(arguments);
  if (!in.take("FROM:")) return syntax("5.5.4", in.error("FROM:<address>"));
  in.skip_wsp();  // a space after the colon is against the grammar, and common
  auto reverse_path = parse_reverse_path(in);
  if (!reverse_path) return syntax("5.1.7", reverse_path.error());
  const bool beyond_ascii = !text::is_ascii(arguments.substr(0, in.offset()));
  const auto given = parse_parameters(in);
  if (!given) return syntax("5.5.4", given.error());
  if (!given->empty() && !session.peer.extended) return Reply(555, "5.5.4", "parameters need EHLO");

  Mail mail{std::move(*reverse_path), {}};
  for (const Parameter& parameter : *given) {
    if (auto refusal = apply(parameter, session, mail.parameters)) return std::move(*refusal);
  }
  // RFC 6531 §3.5
  if (beyond_ascii && !mail.parameters.smtp_utf8) return Reply(550, "5.6.7", "an address beyond ASCII needs SMTPUTF8");
  return mail;
}

awaitable<Reply> begin_transaction(Session& session, std::string_view arguments) {
  if (session.patience.messages >= session.settings.messages) {
    co_return Reply(421, "4.7.0", "too many messages on one connection", Next::close);
  }
  auto parsed = parse_mail(arguments, session);
  if (auto* refusal = std::get_if<Reply>(&parsed)) {
    ++session.patience.errors;
    co_return std::move(*refusal);
  }
  Mail& mail = std::get<Mail>(parsed);
  auto question = session.services.mailroom.consider_sender(session.peer, mail.reverse_path, mail.parameters);
  const Status considered = co_await answer_of(std::move(question));
  if (!considered) {
    Reply refusal = status_for(considered.error());
    if (refusal.refuses_for_good()) ++session.patience.errors;
    co_return refusal;
  }
  session.chunks_refused = false;
  session.transaction.emplace(Transaction{std::move(mail.reverse_path), std::move(mail.parameters)});
  co_return Reply(250, "2.1.0", "sender ok");
}

}  // namespace

// RFC 5321 §4.1.1.2
awaitable<Reply> run_mail(Session& session, std::string_view arguments) {
  session.refused_mail.reset();
  Reply reply = co_await begin_transaction(session, arguments);
  if (reply.refuses()) session.refused_mail = reply;
  co_return reply;
}

}  // namespace mailpod::smtp
