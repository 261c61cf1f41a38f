#include "certificate.hpp"

#include <ctime>
#include <memory>
#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace mailpod::daemon {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(BIO* octets) const { BIO_free(octets); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

constexpr std::int64_t validity_days = 3650;

void require(bool done) {
  if (!done) throw std::runtime_error("OpenSSL could not make a certificate");
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

void set_serial(X509* certificate) {
  unsigned char octets[16];
  require(RAND_bytes(octets, sizeof octets) == 1);
  octets[0] &= 0x7f;  // positive, RFC 5280 §4.1.2.2
  BIGNUM* number = BN_bin2bn(octets, sizeof octets, nullptr);
  require(number != nullptr && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr);
  BN_free(number);
}

void set_names(X509* certificate, const std::vector<std::string>& names) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  const auto* common = reinterpret_cast<const unsigned char*>(names.front().c_str());
  // RFC 5280's ub-common-name; clients read the alternative names anyway.
  if (names.front().size() <= 64)
    require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, common, -1, -1, 0) == 1);
  require(X509_set_issuer_name(certificate, subject) == 1);
  std::string alternatives;
  for (const auto& name : names) alternatives += "DNS:" + name + ",";
  add_extension(certificate, NID_subject_alt_name, alternatives + "IP:127.0.0.1,IP:::1");
}

std::string contents(BIO* octets) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(octets, &data);
  return {data, static_cast<std::size_t>(size)};
}

Owned<X509> first_of(const std::string& pem) {
  const Owned<BIO> octets(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Owned<X509>(PEM_read_bio_X509(octets.get(), nullptr, nullptr, nullptr));
}

}  // namespace

SelfSigned make_self_signed(const std::vector<std::string>& names, base::Time now) {
  const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  const Owned<X509> certificate(X509_new());
  require(key != nullptr && certificate != nullptr);
  const auto from = static_cast<std::time_t>(base::to_seconds(now)) - 3600;
  require(X509_set_version(certificate.get(), X509_VERSION_3) == 1);
  set_serial(certificate.get());
  require(ASN1_TIME_set(X509_getm_notBefore(certificate.get()), from) != nullptr);
  require(ASN1_TIME_set(X509_getm_notAfter(certificate.get()), from + validity_days * 86'400) != nullptr);
  require(X509_set_pubkey(certificate.get(), key.get()) == 1);
  set_names(certificate.get(), names);
  add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate.get(), NID_ext_key_usage, "serverAuth");
  require(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);

  const Owned<BIO> public_part(BIO_new(BIO_s_mem()));
  const Owned<BIO> private_part(BIO_new(BIO_s_secmem()));
  require(PEM_write_bio_X509(public_part.get(), certificate.get()) == 1);
  require(PEM_write_bio_PrivateKey(private_part.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return {contents(public_part.get()), contents(private_part.get())};
}

std::optional<base::Time> expiry_of(const std::string& pem) {
  const auto certificate = first_of(pem);
  std::tm parts{};
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &parts) != 1)
    return std::nullopt;
  return base::from_seconds(static_cast<std::uint64_t>(timegm(&parts)));
}

bool is_for(const std::string& pem, const std::string& host) {
  const auto certificate = first_of(pem);
  return certificate != nullptr && X509_check_host(certificate.get(), host.c_str(), host.size(), 0, nullptr) == 1;
}

bool is_self_signed(const std::string& pem) {
  const auto certificate = first_of(pem);
  return certificate != nullptr && X509_self_signed(certificate.get(), 0) == 1;
}

}  // namespace mailpod::daemon
