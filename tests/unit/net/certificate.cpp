#include "certificate.hpp"

#include <unistd.h>
#include <cstdlib>

#include <filesystem>
#include <fstream>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "simulation/disk.hpp"

namespace mailpod::net {

namespace {

std::string content(BIO* bio) {
  char* octets = nullptr;
  const long size = BIO_get_mem_data(bio, &octets);
  std::string out(octets, static_cast<std::size_t>(size));
  BIO_free(bio);
  return out;
}

}  // namespace

MadeCertificate make_certificate(const std::vector<std::string>& names) {
  return make_certificate(names, names);
}

MadeCertificate make_certificate(const std::vector<std::string>& subject_names, const std::vector<std::string>& names) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* made = X509_new();
  X509_set_version(made, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
  X509_gmtime_adj(X509_getm_notBefore(made), -3600);
  X509_gmtime_adj(X509_getm_notAfter(made), 3600);
  X509_set_pubkey(made, key);
  X509_NAME* subject = X509_get_subject_name(made);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(subject_names.front().c_str()), -1, -1, 0);
  X509_set_issuer_name(made, subject);
  std::string alternatives;
  for (const auto& name : names) alternatives += (alternatives.empty() ? "DNS:" : ",DNS:") + name;
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternatives.c_str());
  X509_add_ext(made, extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(made, key, EVP_sha256());

  BIO* chain_out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(chain_out, made);
  BIO* key_out = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(key_out, key, nullptr, nullptr, 0, nullptr, nullptr);
  X509_free(made);
  EVP_PKEY_free(key);
  return {content(chain_out), content(key_out)};
}

AuthoritiesFile::AuthoritiesFile(const std::string& pem) {
  std::string pattern = (std::filesystem::temp_directory_path() / "mailpod-authorities-XXXXXX").string();
  const int made = ::mkstemp(pattern.data());
  path_ = pattern;
  std::ofstream(path_) << pem;
  ::close(made);
}

AuthoritiesFile::~AuthoritiesFile() {
  std::filesystem::remove(path_);
}

std::shared_ptr<const TlsContext> tls_with(const MadeCertificate& certificate) {
  simulation::Disk disk;
  base::replace_file(disk, "/tls.crt", certificate.chain);
  base::replace_file(disk, "/tls.key", certificate.key);
  return TlsContext::load(disk, {{"/tls.crt", "/tls.key"}});
}

std::shared_ptr<const TlsContext> make_tls(const std::vector<std::vector<std::string>>& names) {
  simulation::Disk disk;
  std::vector<CertificateFiles> files;
  for (const auto& each : names) {
    const std::string stem = "/tls-" + std::to_string(files.size());
    const MadeCertificate made = make_certificate(each);
    base::replace_file(disk, stem + ".crt", made.chain);
    base::replace_file(disk, stem + ".key", made.key);
    files.push_back({stem + ".crt", stem + ".key"});
  }
  return TlsContext::load(disk, files);
}

}  // namespace mailpod::net
