#include <mailpod/guard/guarded_mailroom.hpp>

namespace mailpod::guard {
namespace {

using boost::asio::awaitable;

/// A member's letter that counts for the day; it is given back unless it is accepted.
class CountedLetter final : public smtp::Letter {
public:
  CountedLetter(std::unique_ptr<smtp::Letter> letter, DailyTally& tally, MemberId member)
      : letter_(std::move(letter)), tally_(tally), member_(member) {}
  ~CountedLetter() override {
    if (!accepted_) tally_.give_back(member_);
  }

  awaitable<Status> write(std::string_view octets) override { return letter_->write(octets); }
  awaitable<Result<std::string>> accept() override {
    auto accepting = letter_->accept();
    auto answer = co_await std::move(accepting);
    accepted_ = answer.has_value();
    co_return answer;
  }

private:
  std::unique_ptr<smtp::Letter> letter_;
  DailyTally& tally_;
  MemberId member_;
  bool accepted_ = false;
};

}  // namespace

GuardedMailroom::GuardedMailroom(Ports ports, Origin origin) : ports_(std::move(ports)), origin_(std::move(origin)) {}

awaitable<Status> GuardedMailroom::consider_sender(const smtp::Peer& peer, const smtp::Mailbox& reverse_path,
                                                   const smtp::MailParameters& parameters) {
  auto question = ports_.mailroom.consider_sender(peer, reverse_path, parameters);
  const Status considered = co_await std::move(question);
  if (!considered) co_return considered;
  const bool admitted =
      peer.login ? ports_.doorkeeper.admits_message(peer.login->member) : ports_.doorkeeper.admits_message(origin_);
  if (admitted) co_return considered;
  ports_.log.info("smtp.too_fast client={} what=messages", peer.address);
  co_return smtp::Errc::too_fast;
}

awaitable<Status> GuardedMailroom::consider_recipient(const smtp::Peer& peer, const smtp::Mailbox& reverse_path,
                                                      const smtp::Mailbox& forward_path) {
  // Before it is looked up: asking who is there is what is counted.
  const bool admitted =
      peer.login ? ports_.doorkeeper.admits_recipient(peer.login->member) : ports_.doorkeeper.admits_recipient(origin_);
  if (!admitted) {
    ports_.log.info("smtp.too_fast client={} what=recipients", peer.address);
    co_return smtp::Errc::too_fast;
  }
  auto question = ports_.mailroom.consider_recipient(peer, reverse_path, forward_path);
  co_return co_await std::move(question);
}

awaitable<Result<std::unique_ptr<smtp::Letter>>> GuardedMailroom::begin(const smtp::Peer& peer,
                                                                        const smtp::Mailbox& reverse_path,
                                                                        const std::vector<smtp::Mailbox>& recipients,
                                                                        const smtp::MailParameters& parameters) {
  const bool counted = peer.login.has_value();
  if (counted && !ports_.tally.take(peer.login->member, ports_.messages_a_day())) {
    ports_.log.info("smtp.day_is_full member={}", peer.login->member.str());
    co_return smtp::Errc::day_is_full;
  }
  auto beginning = ports_.mailroom.begin(peer, reverse_path, recipients, parameters);
  auto letter = co_await std::move(beginning);
  if (!counted) co_return letter;
  if (!letter) {
    ports_.tally.give_back(peer.login->member);
    co_return letter;
  }
  co_return std::unique_ptr<smtp::Letter>(
      std::make_unique<CountedLetter>(std::move(*letter), ports_.tally, peer.login->member));
}

}  // namespace mailpod::guard
