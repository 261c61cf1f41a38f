#include "../grammar.hpp"
#include "../login_claim.hpp"
#include "../sasl_lines.hpp"
#include "commands.hpp"

// RFC 3501 §6.2.2, with the initial response of RFC 4959.
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

awaitable<Answer> run(Session& session, const Authenticate& authenticate) {
  if (!session.stream().secure()) co_return privacy_required();
  SaslLines lines(session);
  sasl::Authentication authentication(session.ports().credentials, session.stream(), lines);
  auto performing = authentication.perform({authenticate.mechanism, authenticate.initial_response, sasl::Scope::imap});
  auto proven = co_await std::move(performing);
  if (proven.has_error()) co_return answer_for_exchange(session, proven.error());
  auto entering = enter_with(session, std::move(proven->login), std::move(proven->authentication_id));
  co_return co_await std::move(entering);
}

}  // namespace

awaitable<Answer> authenticate(Session& session, text::Cursor in) {
  return parse_and_run<Authenticate>(session, in, parse, run);
}

}  // namespace mailpod::imap::commands
