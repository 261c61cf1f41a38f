#include <mailpod/guard/guarded_credentials.hpp>

namespace mailpod::guard {

using Answer = Doorkeeper::Verdict::Answer;

GuardedCredentials::GuardedCredentials(sasl::Credentials& credentials, Doorkeeper& doorkeeper, net::Stream& stream,
                                       std::string protocol, base::Log& log)
    : credentials_(credentials),
      doorkeeper_(doorkeeper),
      stream_(stream),
      protocol_(std::move(protocol)),
      log_(log),
      client_(stream.peer().address),
      origin_(doorkeeper.origin_of(client_)) {}

/// False if nothing is to be looked at; who is under suspicion waits first.
boost::asio::awaitable<bool> GuardedCredentials::may_try(std::string_view account) {
  const auto verdict = doorkeeper_.consider_login(origin_, account);
  if (verdict.delay.count() > 0) {
    const auto alarm = stream_.make_alarm();
    co_await alarm->wait(verdict.delay);
  }
  if (verdict.answer == Answer::refused) {
    log_.info("login.refused protocol={} client={}", protocol_, client_);
    co_return false;
  }
  co_return true;
}

void GuardedCredentials::note(std::string_view account, const boost::system::error_code& error) {
  if (!error) {
    doorkeeper_.login_succeeded(origin_, account);
  } else if (error == sasl::Errc::refused) {
    doorkeeper_.login_failed(origin_, account);
    log_.info("login.failed protocol={} client={}", protocol_, client_);
  }
}

boost::asio::awaitable<Result<sasl::Login>> GuardedCredentials::check_plain(sasl::PlainClaim claim) {
  auto asking = may_try(claim.authentication_id);
  const bool may = co_await std::move(asking);
  if (!may) co_return sasl::make_error_code(sasl::Errc::busy);
  auto question = credentials_.check_plain(claim);
  auto login = co_await std::move(question);
  note(claim.authentication_id, login ? boost::system::error_code() : login.error());
  co_return login;
}

// Nothing is tried yet, so nobody waits and nothing is counted; but who would be refused later is so at once.
boost::asio::awaitable<Result<sasl::ScramChallenge>> GuardedCredentials::challenge_scram(
    std::string_view authentication_id) {
  const auto verdict = doorkeeper_.consider_login(origin_, authentication_id);
  if (verdict.answer == Answer::refused) {
    auto asking = may_try(authentication_id);
    const bool may = co_await std::move(asking);
    if (!may) co_return sasl::make_error_code(sasl::Errc::busy);
  }
  auto question = credentials_.challenge_scram(authentication_id);
  co_return co_await std::move(question);
}

boost::asio::awaitable<Result<sasl::ScramLogin>> GuardedCredentials::check_scram(sasl::ScramClaim claim) {
  auto asking = may_try(claim.authentication_id);
  const bool may = co_await std::move(asking);
  if (!may) co_return sasl::make_error_code(sasl::Errc::busy);
  auto question = credentials_.check_scram(claim);
  auto login = co_await std::move(question);
  note(claim.authentication_id, login ? boost::system::error_code() : login.error());
  co_return login;
}

}  // namespace mailpod::guard
