#include <mailpod/mailauth/dkim_key.hpp>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/text/base64.hpp>

namespace mailpod::mailauth {

namespace {

constexpr unsigned rsa_bits = 2048;

}  // namespace

std::string_view name_of(Algorithm algorithm) {
  return algorithm == Algorithm::rsa_sha256 ? "rsa-sha256" : "ed25519-sha256";
}

DkimKey DkimKey::generate(Algorithm algorithm, crypto::KeyArena& arena, base::Entropy& entropy) {
  if (algorithm == Algorithm::rsa_sha256) return DkimKey(crypto::RsaKey::generate(rsa_bits));
  return DkimKey(crypto::SigningKey::random(arena, entropy));
}

Result<DkimKey> DkimKey::parse(Algorithm algorithm, std::string_view secret, crypto::KeyArena& arena) {
  if (algorithm == Algorithm::rsa_sha256) {
    auto key = crypto::RsaKey::parse(secret);
    if (!key) return Errc::damaged;
    return DkimKey(std::move(*key));
  }
  if (secret.size() != crypto::Key::size) return Errc::damaged;
  return DkimKey(crypto::SigningKey(crypto::Key::copy_of(arena, secret)));
}

Algorithm DkimKey::algorithm() const {
  return std::holds_alternative<crypto::RsaKey>(secret_) ? Algorithm::rsa_sha256 : Algorithm::ed25519_sha256;
}

std::string DkimKey::secret() const {
  if (const auto* rsa = std::get_if<crypto::RsaKey>(&secret_)) return rsa->secret();
  return std::string(std::get<crypto::SigningKey>(secret_).seed().octets());
}

std::string DkimKey::sign(std::string_view octets) const {
  if (const auto* rsa = std::get_if<crypto::RsaKey>(&secret_)) return rsa->sign(octets);
  // RFC 8463 §3: Ed25519 signs the hash.
  const auto hash = crypto::sha256(octets);
  const auto signature = std::get<crypto::SigningKey>(secret_).sign(base::octets(hash));
  return std::string(base::octets(signature));
}

std::string DkimKey::record() const {
  if (const auto* rsa = std::get_if<crypto::RsaKey>(&secret_))
    return "v=DKIM1; k=rsa; p=" + text::write_base64(rsa->public_key());
  const auto& key = std::get<crypto::SigningKey>(secret_);
  return "v=DKIM1; k=ed25519; p=" + text::write_base64(base::octets(key.public_key()));
}

}  // namespace mailpod::mailauth
