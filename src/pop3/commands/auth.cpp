#include <mailpod/sasl/authentication.hpp>
#include <mailpod/sasl/mechanisms.hpp>
#include <mailpod/sasl/scram_exchange.hpp>
#include <mailpod/text/base64.hpp>

#include "commands.hpp"

// RFC 5034 §4.
namespace mailpod::pop3::commands {
namespace {

struct Auth {
  std::string mechanism;  // empty: which are there?
  std::optional<std::string> initial_response{};
};

constexpr text::OctetSet mechanism = text::octets::alnum | text::OctetSet("-_");
constexpr text::OctetSet base64 = text::octets::alnum | text::OctetSet("+/=");

text::Parsed<Auth> parse(text::Cursor& in) {
  Auth value;
  if (!in.take_space()) return value;
  value.mechanism = std::string(in.take_while(mechanism, 20));
  if (value.mechanism.empty()) return in.error("a mechanism");
  if (in.take_space()) {
    const auto response = in.take_while(base64);
    if (response.empty()) return in.error("an initial response in base64");
    value.initial_response = std::string(response);
  }
  return value;
}

class SaslLines final : public sasl::Challenges {
public:
  explicit SaslLines(Session& session) : session_(session) {}

  awaitable<Result<std::string>> ask(std::string_view challenge) override {
    session_.out().line("+ " + text::write_base64(challenge));
    co_await session_.out().flush();
    auto line = co_await session_.lines().read_line(session_.settings().line_before_login, net::Overlong::stop);
    if (line.kind == net::Line::Kind::closed || line.kind == net::Line::Kind::too_long) session_.leave();
    if (line.kind != net::Line::Kind::complete) co_return boost::system::error_code(sasl::ExchangeError::cancelled);
    co_return std::move(line.text);
  }

private:
  Session& session_;
};

/// No RFC has it, and Thunderbird and Outlook ask all the same: `AUTH` alone.
Reply list_mechanisms(Session& session, const std::string& names) {
  session.begin_lines("Mechanisms follow");
  for (text::Cursor in(names); !in.at_end(); in.take_space()) {
    session.out().line(in.take_until(text::OctetSet(" ")));
  }
  session.end_lines();
  return given();
}

Reply reply_for_exchange(Session& session, const boost::system::error_code& error) {
  const auto& category = error.category();
  if (error == sasl::ExchangeError::no_such_mechanism) return err("There is no such mechanism");
  if (error == sasl::ExchangeError::cancelled) return err("Authentication cancelled");
  if (category == sasl::exchange_category()) return bad("Not a response in base64, or one too many");
  if (error == sasl::MechanismError::malformed || error == sasl::MechanismError::too_long) {
    return bad("Not a response of this mechanism");
  }
  // RFC 5802 §7: none of the words that are said depends on who logs in.
  if (sasl::is_malformed(error)) return bad("Not a response of this mechanism: e=" + error.message());
  if (category == sasl::scram_category()) return err("[AUTH] Authentication failed: e=" + error.message());
  if (category == sasl::mechanism_category()) return reply_for(sasl::make_error_code(sasl::Errc::refused));
  return session.reply_for_login(error);
}

awaitable<Reply> run(Session& session, const Auth& auth) {
  if (!session.stream().secure()) co_return privacy_required();
  auto& credentials = session.ports().credentials;
  if (auth.mechanism.empty()) {
    co_return list_mechanisms(session, sasl::Authentication::offered(credentials, session.stream(), {}));
  }
  SaslLines lines(session);
  sasl::Authentication authentication(credentials, session.stream(), lines);
  auto performing = authentication.perform({auth.mechanism, auth.initial_response, sasl::Scope::imap});
  auto proven = co_await std::move(performing);
  if (proven.has_error()) co_return reply_for_exchange(session, proven.error());
  auto entering = session.enter(std::move(proven->login));
  co_return co_await std::move(entering);
}

}  // namespace

awaitable<Reply> auth(Session& session, text::Cursor in) {
  return parse_and_run<Auth>(session, in, parse, run);
}

}  // namespace mailpod::pop3::commands
