#include <mailpod/members/pod_credentials.hpp>

namespace mailpod::members {
namespace {

class PodCredentials final : public sasl::Credentials {
public:
  PodCredentials(KeyRing& keys, net::Pool& pool, net::Gate& gate, KeyRing::Purpose purpose)
      : keys_(keys), pool_(pool), gate_(gate), purpose_(purpose) {}

  boost::asio::awaitable<Result<sasl::Login>> check_plain(sasl::PlainClaim claim) override {
    Result<sasl::Login> answer = make_error_code(sasl::Errc::refused);
    auto check = [this, &claim, &answer] {
      answer = keys_.log_in(claim.authentication_id, claim.password, claim.wanted, purpose_);
    };
    const auto shape = shape_of(claim.password);
    const bool admitted = purpose_ == KeyRing::Purpose::own_affairs || keys_.admits(shape);
    if (shape == SecretShape::human && admitted) {
      const Status done = co_await gate_.run(check);
      if (!done) answer = make_error_code(sasl::Errc::busy);
    } else {
      co_await pool_.run(check);
    }
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
