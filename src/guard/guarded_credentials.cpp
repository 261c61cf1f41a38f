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

boost::asio::awaitable<Result<sasl::Login>> GuardedCredentials::check_plain(sasl::PlainClaim claim) {
  const auto verdict = doorkeeper_.consider_login(origin_, claim.authentication_id);
  if (verdict.delay.count() > 0) {
    const auto alarm = stream_.make_alarm();
    co_await alarm->wait(verdict.delay);
  }
  if (verdict.answer == Answer::refused) {
    log_.info("login.refused protocol={} client={}", protocol_, client_);
    co_return sasl::make_error_code(sasl::Errc::busy);
  }
  auto question = credentials_.check_plain(claim);
  auto login = co_await std::move(question);
  if (login) {
    doorkeeper_.login_succeeded(origin_, claim.authentication_id);
  } else if (login.error() == sasl::Errc::refused) {
    doorkeeper_.login_failed(origin_, claim.authentication_id);
    log_.info("login.failed protocol={} client={}", protocol_, client_);
  }
  co_return login;
}

}  // namespace mailpod::guard
