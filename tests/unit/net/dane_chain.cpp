#include "dane_chain.hpp"

#include <memory>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace mailpod::net {

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

std::string content(BIO* bio) {
  char* octets = nullptr;
  const long size = BIO_get_mem_data(bio, &octets);
  std::string out(octets, static_cast<std::size_t>(size));
  BIO_free(bio);
  return out;
}

std::string pem_of(X509* certificate) {
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, certificate);
  return content(out);
}

std::string pem_of(EVP_PKEY* key) {
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  return content(out);
}

std::string der_of(X509* certificate) {
  BIO* out = BIO_new(BIO_s_mem());
  i2d_X509_bio(out, certificate);
  return content(out);
}

std::string der_of(EVP_PKEY* key) {
  BIO* out = BIO_new(BIO_s_mem());
  i2d_PUBKEY_bio(out, key);
  return content(out);
}

void extend(X509* certificate, int which, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, which, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

struct Wishes {
  std::string name;
  long serial;
  long begins, ends;  ///< seconds from now
};

Certificate begun(EVP_PKEY* key, const Wishes& wishes) {
  Certificate made(X509_new(), &X509_free);
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), wishes.serial);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), wishes.begins);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), wishes.ends);
  X509_set_pubkey(made.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wishes.name.c_str()), -1, -1, 0);
  return made;
}

std::string digest_of(const std::string& octets, const EVP_MD* method) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  EVP_Digest(octets.data(), octets.size(), reinterpret_cast<unsigned char*>(out.data()), &size, method, nullptr);
  out.resize(size);
  return out;
}

}  // namespace

DaneChain make_dane_chain(const DaneChainWishes& wishes) {
  const Key authority_key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const Certificate authority = begun(authority_key.get(), {"The lab's authority", 1, -7200, 7200});
  X509_set_issuer_name(authority.get(), X509_get_subject_name(authority.get()));
  extend(authority.get(), NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(authority.get(), authority_key.get(), EVP_sha256());

  const Certificate leaf = begun(key.get(), {wishes.name, 2, -3600, wishes.expired ? -60 : 3600});
  X509_set_issuer_name(leaf.get(), X509_get_subject_name(authority.get()));
  extend(leaf.get(), NID_subject_alt_name, "DNS:" + wishes.name);
  X509_sign(leaf.get(), authority_key.get(), EVP_sha256());

  DaneChain made;
  made.authority_pem = pem_of(authority.get());
  made.shown = {pem_of(leaf.get()) + made.authority_pem, pem_of(key.get())};
  made.certificate = der_of(leaf.get());
  made.key = der_of(key.get());
  made.authority = der_of(authority.get());
  made.authority_key = der_of(authority_key.get());
  return made;
}

std::string sha256_of(const std::string& octets) {
  return digest_of(octets, EVP_sha256());
}
std::string sha512_of(const std::string& octets) {
  return digest_of(octets, EVP_sha512());
}

}  // namespace mailpod::net
