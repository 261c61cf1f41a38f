#include <mailpod/guard/guarded_mailroom.hpp>

namespace mailpod::guard {
namespace {

using boost::asio::awaitable;

/// A letter whose failures whoever runs the pod hears of, not only its sender; a member's counts for the day, and is
/// given back unless it is accepted.
class WatchedLetter final : public smtp::Letter {
public:
  WatchedLetter(std::unique_ptr<smtp::Letter> letter, const GuardedMailroom::Ports& ports, std::string client,
                std::optional<MemberId> counted)
      : letter_(std::move(letter)),
        tally_(ports.tally),
        log_(ports.log),
        client_(std::move(client)),
        counted_(counted) {}
  ~WatchedLetter() override {
    if (counted_ && !accepted_) tally_.give_back(*counted_);
  }

  awaitable<Status> write(std::string_view octets) override {
    try {
      auto writing = letter_->write(octets);
      co_return co_await std::move(writing);
    } catch (const std::system_error& failure) {
      note(failure);
      throw;
    }
  }
  awaitable<Result<std::string>> accept() override {
    try {
      auto accepting = letter_->accept();
      auto answer = co_await std::move(accepting);
      accepted_ = answer.has_value();
      co_return answer;
    } catch (const std::system_error& failure) {
      note(failure);
      throw;
    }
  }

  std::string explanation() const override { return letter_->explanation(); }

private:
  /// The session answers 451, or 452 where the disk is full.
  void note(const std::system_error& failure) const {
    log_.error("smtp.storage_failed client={} reason={}", client_, failure.code().message());
  }

  std::unique_ptr<smtp::Letter> letter_;
  DailyTally& tally_;
  base::Log& log_;
  std::string client_;
  std::optional<MemberId> counted_;
  bool accepted_ = false;
};

}  // namespace

GuardedMailroom::GuardedMailroom(Ports ports) : ports_(std::move(ports)) {}

/// Asked each time: XCLIENT may have said in between whom the peer speaks for.
Origin GuardedMailroom::origin_of(const smtp::Peer& peer) const {
  return ports_.doorkeeper.origin_of(peer.address);
}

awaitable<Status> GuardedMailroom::consider_sender(const smtp::Peer& peer, const smtp::Mailbox& reverse_path,
                                                   const smtp::MailParameters& parameters) {
  auto question = ports_.mailroom.consider_sender(peer, reverse_path, parameters);
  const Status considered = co_await std::move(question);
  if (!considered) co_return considered;
  const bool admitted = peer.login ? ports_.doorkeeper.admits_message(peer.login->member)
                                   : ports_.doorkeeper.admits_message(origin_of(peer));
  if (admitted) co_return considered;
  ports_.log.info("smtp.too_fast client={} what=messages", peer.address);
  co_return smtp::Errc::too_fast;
}

awaitable<Status> GuardedMailroom::consider_recipient(const smtp::Peer& peer, const smtp::Mailbox& reverse_path,
                                                      const smtp::Mailbox& forward_path) {
  // Before it is looked up: asking who is there is what is counted.
  const bool admitted = peer.login ? ports_.doorkeeper.admits_recipient(peer.login->member)
                                   : ports_.doorkeeper.admits_recipient(origin_of(peer));
  if (!admitted) {
    ports_.log.info("smtp.too_fast client={} what=recipients", peer.address);
    co_return smtp::Errc::too_fast;
  }
  auto question = ports_.mailroom.consider_recipient(peer, reverse_path, forward_path);
  co_return co_await std::move(question);
}

std::string GuardedMailroom::explain_recipient(const smtp::Peer& peer, const smtp::Mailbox& reverse_path,
                                               const smtp::Mailbox& forward_path) const {
  return ports_.mailroom.explain_recipient(peer, reverse_path, forward_path);
}

awaitable<Result<std::unique_ptr<smtp::Letter>>> GuardedMailroom::begin(const smtp::Peer& peer,
                                                                        const smtp::Mailbox& reverse_path,
                                                                        const std::vector<smtp::Addressee>& recipients,
                                                                        const smtp::MailParameters& parameters) {
  const bool counted = peer.login.has_value();
  if (counted && !ports_.tally.take(peer.login->member, ports_.messages_a_day())) {
    ports_.log.info("smtp.day_is_full member={}", peer.login->member.str());
    co_return smtp::Errc::day_is_full;
  }
  auto beginning = ports_.mailroom.begin(peer, reverse_path, recipients, parameters);
  auto letter = co_await std::move(beginning);
  if (!letter) {
    if (counted) ports_.tally.give_back(peer.login->member);
    co_return letter;
  }
  co_return std::unique_ptr<smtp::Letter>(std::make_unique<WatchedLetter>(
      std::move(*letter), ports_, peer.address, counted ? std::optional(peer.login->member) : std::nullopt));
}

}  // namespace mailpod::guard
