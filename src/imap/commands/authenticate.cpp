#include <mailpod/crypto/keys.hpp>
#include <mailpod/text/ascii.hpp>

#include "../capabilities.hpp"
#include "../grammar.hpp"
#include "../login_claim.hpp"
#include "../sasl_lines.hpp"
#include "../scram_login.hpp"
#include "commands.hpp"

// RFC 3501 §6.2.2, with the initial response of RFC 4959. The mechanisms are SCRAM-SHA-256, the same with -PLUS
// (RFC 7677), and PLAIN (RFC 4616).
namespace mailpod::imap::commands {
namespace {

struct Authenticate {
  std::string mechanism;
  std::optional<std::string> initial_response;  // base64, or `=` for an empty one
};

constexpr text::OctetSet base64 = text::octets::alnum | text::OctetSet("+/=");

text::Parsed<Authenticate> parse(text::Cursor& in, const Dialect&) {
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

Answer refused(const boost::system::error_code& error) {
  if (error == sasl::MechanismError::malformed || error == sasl::MechanismError::too_long) {
    return bad("Not a response of this mechanism");
  }
  return no("[AUTHENTICATIONFAILED] Authentication failed");
}

awaitable<Answer> log_in_plainly(Session& session, const std::optional<std::string>& initial) {
  auto reading = first_response(session, initial);
  auto response = co_await std::move(reading);
  if (!response) co_return response.error();
  const auto claim = sasl::Plain::take(*response);
  crypto::wipe(*response);
  if (claim.has_error()) co_return refused(claim.error());
  auto logging_in = log_in_with(session, *claim);
  co_return co_await std::move(logging_in);
}

awaitable<Answer> run(Session& session, const Authenticate& authenticate) {
  using Variant = sasl::ScramExchange::Variant;
  if (!session.stream().secure()) co_return privacy_required();
  const auto asked_for = [&](std::string_view name) { return text::equal_fold(authenticate.mechanism, name); };
  auto logging_in = std::optional<awaitable<Answer>>();
  if (asked_for(sasl::Plain::name)) {
    logging_in = log_in_plainly(session, authenticate.initial_response);
  } else if (offers_scram(session) && asked_for(sasl::ScramExchange::name)) {
    logging_in = log_in_by_scram(session, Variant::bare, authenticate.initial_response);
  } else if (offers_scram_plus(session) && asked_for(sasl::ScramExchange::plus_name)) {
    logging_in = log_in_by_scram(session, Variant::plus, authenticate.initial_response);
  }
  if (!logging_in) co_return no("[CANNOT] No such mechanism");
  co_return co_await std::move(*logging_in);
}

}  // namespace

awaitable<Answer> authenticate(Session& session, text::Cursor in) {
  return parse_and_run<Authenticate>(session, in, parse, run);
}

}  // namespace mailpod::imap::commands
