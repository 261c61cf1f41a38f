#pragma once

#include <string>

#include <mailpod/base/log.hpp>
#include <mailpod/guard/doorkeeper.hpp>
#include <mailpod/net/stream.hpp>
#include <mailpod/sasl/credentials.hpp>

namespace mailpod::guard {

/// One connection's credentials, behind the doorkeeper: who fails too often is let wait, or told to come again later
/// (sasl::Errc::busy), before any secret is looked at. Writes what login daemons' log readers look for:
///
///     login.failed protocol=imap client=203.0.113.5
///     login.refused protocol=imap client=203.0.113.5
///
/// These two lines are promised: packaging/fail2ban reads them. Loop of the stream.
class GuardedCredentials final : public sasl::Credentials {
public:
  /// All borrowed. `protocol` is the listener's name.
  GuardedCredentials(sasl::Credentials& credentials, Doorkeeper& doorkeeper, net::Stream& stream, std::string protocol,
                     base::Log& log);
  boost::asio::awaitable<Result<sasl::Login>> check_plain(sasl::PlainClaim claim) override;
  bool offers_scram() const override { return credentials_.offers_scram(); }
  boost::asio::awaitable<Result<sasl::ScramChallenge>> challenge_scram(std::string_view authentication_id) override;
  boost::asio::awaitable<Result<sasl::ScramLogin>> check_scram(sasl::ScramClaim claim) override;
  void left() override { credentials_.left(); }

private:
  boost::asio::awaitable<bool> may_try(std::string_view account);
  void note(std::string_view account, const boost::system::error_code& error);

  sasl::Credentials& credentials_;
  Doorkeeper& doorkeeper_;
  net::Stream& stream_;
  std::string protocol_;
  base::Log& log_;
  std::string client_;
  Origin origin_;
};

}  // namespace mailpod::guard
