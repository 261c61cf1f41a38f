#include <mailpod/crypto/one_time_code.hpp>

#include <array>
#include <stdexcept>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <mailpod/base/bytes.hpp>
#include <mailpod/crypto/keys.hpp>

namespace mailpod::crypto {
namespace {

constexpr std::size_t digest_size = 20;

/// RFC 2104. SHA-1's collisions do not touch HMAC (RFC 6238 §1.2 and RFC 4226 Appendix B).
std::array<unsigned char, digest_size> hmac_sha1(std::string_view key, std::string_view octets) {
  std::array<unsigned char, digest_size> out{};
  unsigned size = 0;
  const auto* text = reinterpret_cast<const unsigned char*>(octets.data());
  const auto* done = HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), text, octets.size(), out.data(), &size);
  if (done == nullptr || size != digest_size) throw std::runtime_error("OpenSSL: HMAC-SHA-1");
  return out;
}

}  // namespace

std::string one_time_code(std::string_view key, std::uint64_t counter, unsigned digits) {
  auto digest = hmac_sha1(key, base::Encoder().u64(counter).take());
  const std::size_t offset = digest.back() & 0x0fU;
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8U | digest[offset + i];
  crypto::wipe(digest);
  number &= 0x7fff'ffffU;
  std::uint32_t modulus = 1;
  for (unsigned i = 0; i < digits; ++i) modulus *= 10;
  return fmt::format("{:0{}}", number % modulus, digits);
}

}  // namespace mailpod::crypto
