#include <mailpod/sasl/scram_exchange.hpp>

#include "auth_exchange.hpp"

namespace mailpod::smtp {
namespace {

/// RFC 5802 §7's word for it stands in the text, so that a failure can be told from a wrong password: none of those
/// that are said depends on who logs in. RFC 5802 §5.1 leaves out the server's last message then.
Reply refusal_for(const boost::system::error_code& error) {
  if (sasl::is_malformed(error)) return {501, "5.5.2", "malformed response: e=" + error.message()};
  if (error.category() != sasl::scram_category()) return refused();
  return {535, "5.7.8", "authentication failed: e=" + error.message()};
}

awaitable<Entered> exchange(Session& session, sasl::ScramExchange& scram, std::string_view first) {
  auto& credentials = session.services.credentials;
  if (const auto taken = scram.take_first(first); !taken) co_return refusal_for(taken.error());
  auto challenging = with_failures(session, credentials.challenge_scram(scram.authentication_id()));
  const auto challenge = co_await std::move(challenging);
  if (!challenge) co_return refusal_by(session, challenge.error());
  const std::string server_first = scram.server_first(*challenge);
  auto asking = ask(session, server_first);
  const Response last = co_await std::move(asking);
  if (!last) co_return last.error();
  if (const auto taken = scram.take_final(*last); !taken) co_return refusal_for(taken.error());
  auto checking = with_failures(session, credentials.check_scram(scram.claim(sasl::Scope::send)));
  auto proven = co_await std::move(checking);
  if (!proven) co_return refusal_by(session, proven.error());
  // Submission reads no mail.
  proven->login.vault_key.reset();
  const std::string server_final = sasl::ScramExchange::server_final(proven->server_signature);
  auto showing = ask(session, server_final);
  const Response acknowledged = co_await std::move(showing);
  if (!acknowledged) co_return acknowledged.error();
  if (!acknowledged->empty()) co_return Reply(501, "5.5.2", "nothing is left to say");
  co_return Entrance{std::move(proven->login), scram.authentication_id()};
}

awaitable<Entered> begin(Session& session, sasl::ScramExchange::Variant variant, std::string_view initial) {
  Response first = initial.empty() ? Response(std::string()) : decode_initial(initial);
  if (initial.empty()) first = co_await ask(session, "");
  if (!first) co_return first.error();
  sasl::ScramExchange scram(variant, sasl::bindings_of(session.stream));
  auto exchanging = exchange(session, scram, *first);
  co_return co_await std::move(exchanging);
}

}  // namespace

awaitable<Entered> exchange_scram(Session& session, std::string_view initial) {
  return begin(session, sasl::ScramExchange::Variant::bare, initial);
}

awaitable<Entered> exchange_scram_plus(Session& session, std::string_view initial) {
  return begin(session, sasl::ScramExchange::Variant::plus, initial);
}

}  // namespace mailpod::smtp
