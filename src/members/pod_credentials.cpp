#include <mailpod/members/pod_credentials.hpp>

namespace mailpod::members {
namespace {

class PodCredentials final : public sasl::Credentials {
public:
  PodCredentials(KeyRing& keys, net::Pool& pool, net::Gate& gate) : keys_(keys), pool_(pool), gate_(gate) {}

  boost::asio::awaitable<Result<sasl::Login>> check_plain(sasl::PlainClaim claim) override {
    Result<sasl::Login> answer = make_error_code(sasl::Errc::refused);
    auto check = [this, &claim, &answer] {
      answer = keys_.log_in(claim.authentication_id, claim.password, claim.wanted);
    };
    const auto shape = shape_of(claim.password);
    if (shape == SecretShape::human && keys_.admits(shape)) {
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
};

}  // namespace

std::unique_ptr<sasl::Credentials> make_pod_credentials(KeyRing& keys, net::Pool& pool, net::Gate& argon2_gate) {
  return std::make_unique<PodCredentials>(keys, pool, argon2_gate);
}

}  // namespace mailpod::members
