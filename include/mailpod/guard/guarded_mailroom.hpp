#pragma once

#include <functional>

#include <mailpod/base/log.hpp>
#include <mailpod/guard/daily_tally.hpp>
#include <mailpod/guard/doorkeeper.hpp>
#include <mailpod/smtp/mailroom.hpp>

namespace mailpod::guard {

/// One connection's mailroom, behind the doorkeeper: a stranger's messages and recipients are counted by where they
/// come from, a member's by who they are, and by the charter's `messages_a_day`. What is too much is answered with
/// smtp::Errc::too_fast or day_is_full. Loop of the session.
class GuardedMailroom final : public smtp::Mailroom {
public:
  struct Ports {
    smtp::Mailroom& mailroom;
    Doorkeeper& doorkeeper;
    DailyTally& tally;
    std::function<std::uint32_t()> messages_a_day;  ///< of the charter in force
    base::Log& log;
  };
  /// What `ports` borrows outlives the mailroom and its letters.
  explicit GuardedMailroom(Ports ports);

  boost::asio::awaitable<Status> consider_sender(const smtp::Peer& peer, const smtp::Mailbox& reverse_path,
                                                 const smtp::MailParameters& parameters) override;
  boost::asio::awaitable<Status> consider_recipient(const smtp::Peer& peer, const smtp::Mailbox& reverse_path,
                                                    const smtp::Mailbox& forward_path) override;
  std::string explain_recipient(const smtp::Peer& peer, const smtp::Mailbox& reverse_path,
                                const smtp::Mailbox& forward_path) const override;
  boost::asio::awaitable<Result<std::unique_ptr<smtp::Letter>>> begin(const smtp::Peer& peer,
                                                                      const smtp::Mailbox& reverse_path,
                                                                      const std::vector<smtp::Addressee>& recipients,
                                                                      const smtp::MailParameters& parameters) override;

private:
  Origin origin_of(const smtp::Peer& peer) const;

  Ports ports_;
};

}  // namespace mailpod::guard
