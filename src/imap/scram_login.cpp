#include "scram_login.hpp"

#include "login_claim.hpp"
#include "sasl_lines.hpp"
#include "status_for.hpp"

namespace mailpod::imap {
namespace {

/// RFC 5802 §7's word for it stands in the text, so that a failure can be told from a wrong password: none of those
/// that are said depends on who logs in. RFC 5802 §5.1 leaves out the server's last message then.
Answer refusal_for(const boost::system::error_code& error) {
  if (sasl::is_malformed(error)) return bad("Not a response of this mechanism: e=" + error.message());
  if (error.category() == sasl::scram_category()) {
    return no("[AUTHENTICATIONFAILED] Authentication failed: e=" + error.message());
  }
  return status_for(sasl::make_error_code(sasl::Errc::refused));
}

/// What both sides have proved; or how it ended.
using Proven = boost::system::result<sasl::Login, Answer>;

awaitable<Proven> exchange(Session& session, sasl::ScramExchange& scram, const std::string& first) {
  auto& credentials = session.ports().credentials;
  if (const auto taken = scram.take_first(first); !taken) co_return refusal_for(taken.error());
  auto challenging = with_failures(credentials.challenge_scram(scram.authentication_id()));
  const auto challenge = co_await std::move(challenging);
  if (!challenge) co_return answer_for_login(session, challenge.error());
  const auto server_first = scram.server_first(*challenge);
  auto asking = ask(session, server_first);
  const auto final = co_await std::move(asking);
  if (!final) co_return final.error();
  if (const auto taken = scram.take_final(*final); !taken) co_return refusal_for(taken.error());
  auto checking = with_failures(credentials.check_scram(scram.claim(sasl::Scope::imap)));
  auto proven = co_await std::move(checking);
  if (!proven) co_return answer_for_login(session, proven.error());
  const auto server_final = sasl::ScramExchange::server_final(proven->server_signature);
  auto showing = ask(session, server_final);
  const auto acknowledged = co_await std::move(showing);
  if (!acknowledged) co_return acknowledged.error();
  if (!acknowledged->empty()) co_return bad("Nothing is left to say");
  co_return std::move(proven->login);
}

}  // namespace

awaitable<Answer> log_in_by_scram(Session& session, sasl::ScramExchange::Variant variant,
                                  const std::optional<std::string>& initial) {
  auto reading = first_response(session, initial);
  const auto first = co_await std::move(reading);
  if (!first) co_return first.error();
  sasl::ScramExchange scram(variant, sasl::bindings_of(session.stream()));
  auto exchanging = exchange(session, scram, *first);
  auto proven = co_await std::move(exchanging);
  if (!proven) co_return proven.error();
  auto entering = enter_with(session, std::move(*proven), std::string(scram.authentication_id()));
  co_return co_await std::move(entering);
}

}  // namespace mailpod::imap
