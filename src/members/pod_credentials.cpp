#include <mailpod/members/pod_credentials.hpp>

namespace mailpod::members {
namespace {

class PodCredentials final : public sasl::Credentials {
public:
  PodCredentials(KeyRing& keys, net::Pool& pool, net::Gate& gate, KeyRing::Purpose purpose)
      : keys_(keys), pool_(pool), gate_(gate), purpose_(purpose) {}

  boost::asio::awaitable<Result<sasl::Login>> check_plain(sasl::PlainClaim claim) override {
    const auto shape = shape_of(claim.password);
    const bool is_admitted = purpose_ == KeyRing::Purpose::own_affairs || keys_.admits(shape);
    const bool is_costly = shape == SecretShape::human && is_admitted;
    Result<sasl::Login> answer = make_error_code(sasl::Errc::refused);
    auto recall = [this, &claim, &answer, is_costly] {
      answer = keys_.recall(claim.authentication_id, claim.password, claim.wanted, purpose_);
      if (!answer && !is_costly) answer = keys_.log_in(claim.authentication_id, claim.password, claim.wanted, purpose_);
    };
    co_await pool_.run(recall);
    if (answer || !is_costly) co_return answer;
    auto check = [this, &claim, &answer] {
      answer = keys_.log_in(claim.authentication_id, claim.password, claim.wanted, purpose_);
    };
    const Status done = co_await gate_.run(check);
    if (!done) answer = make_error_code(sasl::Errc::busy);
    co_return answer;
  }

  // Human passwords have no keys of SCRAM's, and a program that is offered it asks no member whether theirs has.
  bool offers_scram() const override { return !keys_.admits(SecretShape::human); }

  boost::asio::awaitable<Result<sasl::ScramChallenge>> challenge_scram(std::string_view authentication_id) override {
    auto look_up = [this, authentication_id] { return keys_.challenge(authentication_id); };
    auto challenge = co_await pool_.run(look_up);
    co_return challenge;
  }

  boost::asio::awaitable<Result<sasl::ScramLogin>> check_scram(sasl::ScramClaim claim) override {
    auto check = [this, &claim] { return keys_.log_in(claim); };
    auto answer = co_await pool_.run(check);
    co_return answer;
  }

private:
  KeyRing& keys_;
  net::Pool& pool_;
  net::Gate& gate_;
  KeyRing::Purpose purpose_;
};

}  // namespace

std::unique_ptr<sasl::Credentials> make_pod_credentials(KeyRing& keys, net::Pool& pool, net::Gate& argon2_gate,
                                                        KeyRing::Purpose purpose) {
  return std::make_unique<PodCredentials>(keys, pool, argon2_gate, purpose);
}

}  // namespace mailpod::members
