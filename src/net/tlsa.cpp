#include <mailpod/net/tlsa.hpp>

#include <memory>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

namespace mailpod::net {

namespace {

// RFC 6698 §7.2, §7.3, §7.4.
constexpr std::uint8_t usage_dane_ta = 2, usage_dane_ee = 3;
constexpr std::uint8_t selector_certificate = 0, selector_key = 1;
constexpr std::uint8_t matching_whole = 0, matching_sha256 = 1, matching_sha512 = 2;
constexpr std::size_t sha256_size = 32, sha512_size = 64;

/// Exactly one such object in DER. RFC 5280 §4.1.
bool is_whole(const Tlsa& record) {
  const auto* at = reinterpret_cast<const unsigned char*>(record.data.data());
  const auto* const end = at + record.data.size();
  const auto size = static_cast<long>(record.data.size());
  bool read = false;
  if (record.selector == selector_certificate) {
    const std::unique_ptr<X509, decltype(&X509_free)> found(d2i_X509(nullptr, &at, size), &X509_free);
    read = found != nullptr && X509_get0_pubkey(found.get()) != nullptr;
  } else {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> found(d2i_PUBKEY(nullptr, &at, size), &EVP_PKEY_free);
    read = found != nullptr;
  }
  ERR_clear_error();
  return read && at == end;
}

}  // namespace

bool is_usable(const Tlsa& record) {
  const bool known = (record.usage == usage_dane_ta || record.usage == usage_dane_ee) &&
                     (record.selector == selector_certificate || record.selector == selector_key);
  if (!known) return false;
  switch (record.matching_type) {
    case matching_whole:
      return is_whole(record);
    case matching_sha256:
      return record.data.size() == sha256_size;
    case matching_sha512:
      return record.data.size() == sha512_size;
    default:
      return false;
  }
}

}  // namespace mailpod::net
