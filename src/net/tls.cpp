#include <mailpod/net/tls.hpp>

#include <algorithm>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <mailpod/net/error.hpp>

#include "tls_session.hpp"

namespace mailpod::net {

namespace {

constexpr std::uint64_t max_pem_size = 1 << 20;  // octets

// TLS 1.3 chooses among its own; for 1.2 only forward-secret AEAD suites (RFC 9325 §4.2).
constexpr const char* tls12_ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

[[noreturn]] void fail(const std::string& what) {
  ERR_clear_error();
  throw std::system_error(make_error_code(Errc::bad_certificate), what);
}

std::string read(base::Disk& disk, const std::string& path) {
  try {
    return base::read_file(disk, path, max_pem_size);
  } catch (const std::system_error& failure) {
    throw std::system_error(failure.code(),
                            fmt::format("cannot read {}: check [tls] in the configuration, and that the user who runs "
                                        "mailpod may read this file and its folders",
                                        path));
  }
}

Bio reader(const std::string& pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

/// Answers every question for a passphrase with none, so that OpenSSL never asks the terminal.
int no_passphrase(char*, int, int, void*) {
  return 0;
}

void use_chain(SSL_CTX* made, const std::string& pem, const std::string& path) {
  const Bio in = reader(pem);
  const Certificate own(PEM_read_bio_X509_AUX(in.get(), nullptr, &no_passphrase, nullptr));
  if (!own)
    fail(fmt::format("{} holds no PEM certificate; give the full chain, the pod's own certificate first", path));
  if (SSL_CTX_use_certificate(made, own.get()) != 1) {
    fail(fmt::format("the certificate in {} is too weak or of an unknown kind; request an ECDSA P-256 or RSA 2048 one",
                     path));
  }
  while (X509* next = PEM_read_bio_X509(in.get(), nullptr, &no_passphrase, nullptr)) {
    if (SSL_CTX_add0_chain_cert(made, next) != 1) {
      X509_free(next);
      fail(fmt::format("an intermediate certificate in {} cannot be used", path));
    }
  }
  ERR_clear_error();
}

void use_key(SSL_CTX* made, const std::string& pem, const CertificateFiles& files) {
  const Bio in = reader(pem);
  const Key key(PEM_read_bio_PrivateKey(in.get(), nullptr, &no_passphrase, nullptr));
  if (!key) fail(fmt::format("{} holds no PEM private key, or one with a passphrase; store it without", files.key));
  if (SSL_CTX_use_PrivateKey(made, key.get()) != 1 || SSL_CTX_check_private_key(made) != 1) {
    fail(fmt::format("{} is not the key of the certificate in {}; install both from the same renewal", files.key,
                     files.chain));
  }
}

void configure(SSL_CTX* made) {
  SSL_CTX_set_min_proto_version(made, TLS1_2_VERSION);
  SSL_CTX_set_options(made, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // Buffers are given back while a connection idles; a write may be retried from another address.
  SSL_CTX_set_mode(made,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Resumption by tickets alone: no table of sessions to grow.
  SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
}

/// TLS against eavesdroppers asks for less than TLS with a peer whom one knows: nothing of a server's that is still
/// better than clear text is refused. But the versions of RFC 8996 are: those servers are few, OpenSSL offers them only
/// with SHA-1 signatures allowed, and the sender may meet them in clear text.
void configure_client(SSL_CTX* made, Strength strength) {
  configure(made);
  // The certificate is looked at all the same, and what came of it can be asked for.
  SSL_CTX_set_verify(made, SSL_VERIFY_NONE, nullptr);
  if (strength == Strength::of_today) {
    // Said here, so that no openssl.cnf says less.
    SSL_CTX_set_security_level(made, 2);
    SSL_CTX_set_cipher_list(made, tls12_ciphers);
    return;
  }
  // Keys of 1,024 bits and more; no anonymous suites, no RC4. Said here, so that no openssl.cnf says something else.
  SSL_CTX_set_cipher_list(made, "DEFAULT:@SECLEVEL=1");
  // Of a renegotiation that RFC 5746 does not protect we never begin one; and who stands between reads along anyway.
  SSL_CTX_set_options(made, SSL_OP_LEGACY_SERVER_CONNECT);
}

void trust(SSL_CTX* made, const std::string& authorities) {
  const bool known = authorities.empty() ? SSL_CTX_set_default_verify_paths(made) == 1
                                         : SSL_CTX_load_verify_locations(made, authorities.c_str(), nullptr) == 1;
  if (!known) fail(fmt::format("{} holds no PEM certificates; check authorities under [sending]", authorities));
  ERR_clear_error();
}

bool is_of_http(std::string_view protocol) {
  return protocol.starts_with("http/") || protocol == "h2" || protocol == "h2c" || protocol == "h3";
}

/// RFC 7301 §3.2: the one protocol that the listener speaks. A browser that was led to a port of mail's is refused
/// before anything is said (RFC 9325 §3.8): one certificate is for both, and what a page has it say there must not be
/// taken for commands. Mail programs that offer what nobody knows are not: many are old.
int choose_protocol(SSL* session, const unsigned char** out, unsigned char* out_length, const unsigned char* offered,
                    unsigned length, void*) {
  const std::string& ours = TlsSession::accepted_protocol(session);
  bool only_http = true;
  std::string_view rest(reinterpret_cast<const char*>(offered), length);
  while (!rest.empty()) {
    const auto name = rest.substr(1, static_cast<unsigned char>(rest.front()));
    if (name == ours) {
      *out = reinterpret_cast<const unsigned char*>(name.data());
      *out_length = static_cast<unsigned char>(name.size());
      return SSL_TLSEXT_ERR_OK;
    }
    only_http = only_http && is_of_http(name);
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
  }
  return only_http || is_of_http(ours) ? SSL_TLSEXT_ERR_ALERT_FATAL : SSL_TLSEXT_ERR_NOACK;
}

void configure_server(SSL_CTX* made) {
  configure(made);
  SSL_CTX_set_alpn_select_cb(made, &choose_protocol, nullptr);
  SSL_CTX_set_cipher_list(made, tls12_ciphers);
  SSL_CTX_set_num_tickets(made, 1);
  constexpr std::string_view session_id = "mailpod";
  SSL_CTX_set_session_id_context(made, reinterpret_cast<const unsigned char*>(session_id.data()), session_id.size());
}

}  // namespace

std::shared_ptr<const TlsContext> TlsContext::load(base::Disk& disk,
                                                   const std::vector<CertificateFiles>& certificates) {
  if (certificates.empty()) fail("no certificate is configured; name its files under [tls]");
  const std::shared_ptr<TlsContext> loaded(new TlsContext);
  for (const auto& files : certificates) {
    const std::string chain = read(disk, files.chain);
    std::string key = read(disk, files.key);
    ERR_clear_error();
    SSL_CTX* made = SSL_CTX_new(TLS_server_method());
    if (made == nullptr) throw std::system_error(std::make_error_code(std::errc::not_enough_memory), "SSL_CTX_new");
    loaded->contexts_.push_back(made);
    configure_server(made);
    use_chain(made, chain, files.chain);
    use_key(made, key, files);
    OPENSSL_cleanse(key.data(), key.size());
  }
  SSL_CTX_set_tlsext_servername_callback(loaded->native(), &TlsContext::choose_by_name);
  SSL_CTX_set_tlsext_servername_arg(loaded->native(), loaded.get());
  return loaded;
}

std::shared_ptr<const TlsContext> TlsContext::for_clients(const std::string& authorities, Strength strength) {
  const std::shared_ptr<TlsContext> made(new TlsContext);
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  if (context == nullptr) throw std::system_error(std::make_error_code(std::errc::not_enough_memory), "SSL_CTX_new");
  made->contexts_.push_back(context);
  configure_client(context, strength);
  SSL_CTX_dane_enable(context);
  trust(context, authorities);
  return made;
}

/// RFC 6066 §3: an unknown name gets the first certificate, never an alert: the client will judge it.
int TlsContext::choose_by_name(SSL* session, int*, void* self) {
  const char* name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  for (SSL_CTX* candidate : static_cast<const TlsContext*>(self)->contexts_) {
    if (X509_check_host(SSL_CTX_get0_certificate(candidate), name, 0, 0, nullptr) == 1) {
      SSL_set_SSL_CTX(session, candidate);
      break;
    }
  }
  return SSL_TLSEXT_ERR_OK;
}

TlsContext::~TlsContext() {
  for (SSL_CTX* made : contexts_) SSL_CTX_free(made);
}

}  // namespace mailpod::net
