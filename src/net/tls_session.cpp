#include "tls_session.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace mailpod::net {

namespace {

constexpr std::size_t max_record = 16 * 1024;  // octets, RFC 8446 §5.1
constexpr std::string_view exporter_label = "EXPORTER-Channel-Binding";
constexpr std::size_t exporter_size = 32;

/// OpenSSL's own words for what just failed.
std::string last_reason() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason != nullptr ? reason : "unknown reason";
}

bool is_numeric_address(const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> ignored;
  return inet_pton(AF_INET, name.c_str(), ignored.data()) == 1 ||
         inet_pton(AF_INET6, name.c_str(), ignored.data()) == 1;
}

Mistrust mistrust_for(long verify_result) {
  switch (verify_result) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
      return Mistrust::other_name;
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return Mistrust::expired;
    case X509_V_ERR_DANE_NO_MATCH:
      return Mistrust::no_match;
    default:
      return Mistrust::untrusted;
  }
}

int bounded(std::size_t size) {
  return static_cast<int>(std::min(size, max_record));
}

}  // namespace

TlsSession::TlsSession(std::shared_ptr<const TlsContext> context, int descriptor)
    : TlsSession(std::move(context), descriptor, Role::server) {}

TlsSession::TlsSession(std::shared_ptr<const TlsContext> context, int descriptor, const TlsPeer& peer)
    : TlsSession(std::move(context), descriptor, Role::client) {
  if (peer.name.empty() || is_numeric_address(peer.name)) return;
  // To OpenSSL a dot in front means any name below it: a certificate for one of them is none for this.
  if (peer.name.starts_with('.')) return;
  SSL_set_tlsext_host_name(session_, peer.name.c_str());
  // RFC 6125 §6.4: the name among its DNS names, `*` as a whole label only; the subject's common name says nothing.
  SSL_set_hostflags(session_, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  expects_tlsa_ = !peer.tlsa.empty();
  expects_name_ = expects_tlsa_ ? expect_tlsa(peer) : SSL_set1_host(session_, peer.name.c_str()) == 1;
}

/// False if none of the records can be used: then nothing is verified.
bool TlsSession::expect_tlsa(const TlsPeer& peer) {
  if (SSL_dane_enable(session_, peer.name.c_str()) != 1) return false;
  // RFC 7672 §3.1.1: a record of DANE-EE binds the key to the name by itself; names and dates in the certificate say
  // nothing.
  SSL_dane_set_flags(session_, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
  for (const std::string& name : peer.other_names) {
    if (SSL_add1_host(session_, name.c_str()) != 1) return false;
  }
  bool any = false;
  for (const Tlsa& record : peer.tlsa) {
    if (!is_usable(record)) continue;
    const auto* data = reinterpret_cast<const unsigned char*>(record.data.data());
    any |=
        SSL_dane_tlsa_add(session_, record.usage, record.selector, record.matching_type, data, record.data.size()) == 1;
  }
  ERR_clear_error();
  return any;
}

TlsSession::TlsSession(std::shared_ptr<const TlsContext> context, int descriptor, Role role)
    : context_(std::move(context)), session_(SSL_new(context_->native())) {
  if (session_ == nullptr || SSL_set_fd(session_, descriptor) != 1) {
    SSL_free(session_);
    throw std::system_error(std::make_error_code(std::errc::not_enough_memory), "SSL_new");
  }
  if (role == Role::server) {
    SSL_set_accept_state(session_);
  } else {
    SSL_set_connect_state(session_);
  }
}

void TlsSession::offer_protocol(const std::string& name) {
  if (name.empty() || name.size() > 255) return;
  const std::string list = static_cast<char>(name.size()) + name;
  SSL_set_alpn_protos(session_, reinterpret_cast<const unsigned char*>(list.data()),
                      static_cast<unsigned>(list.size()));
}

void TlsSession::accept_protocol(std::string name) {
  accepted_protocol_ = std::move(name);
  SSL_set_app_data(session_, &accepted_protocol_);
}

const std::string& TlsSession::accepted_protocol(const ssl_st* session) {
  static const std::string anything;
  const auto* said = static_cast<const std::string*>(SSL_get_app_data(session));
  return said != nullptr ? *said : anything;
}

TlsSession::~TlsSession() {
  SSL_free(session_);
}

Attempt TlsSession::result_of(int returned) {
  if (returned > 0) return {Attempt::Kind::done, static_cast<std::size_t>(returned)};
  const int system_error = errno;
  switch (SSL_get_error(session_, returned)) {
    case SSL_ERROR_WANT_READ:
      return {Attempt::Kind::wants_read};
    case SSL_ERROR_WANT_WRITE:
      return {Attempt::Kind::wants_write};
    case SSL_ERROR_ZERO_RETURN:
      return {Attempt::Kind::closed};
    case SSL_ERROR_SYSCALL:
      ERR_clear_error();
      if (system_error == 0) return {Attempt::Kind::closed};
      throw std::system_error(system_error, std::generic_category(), "TLS");
    default:
      throw std::system_error(make_error_code(Errc::tls_broken), last_reason());
  }
}

Attempt TlsSession::handshake() {
  ERR_clear_error();
  errno = 0;
  const int returned = SSL_do_handshake(session_);
  if (returned == 0) throw std::system_error(make_error_code(Errc::tls_handshake_failed), last_reason());
  try {
    const Attempt attempt = result_of(returned);
    if (attempt.kind == Attempt::Kind::closed)
      throw std::system_error(make_error_code(Errc::peer_closed), "TLS handshake");
    shook_hands_ = attempt.kind == Attempt::Kind::done;
    return attempt;
  } catch (const std::system_error& failure) {
    throw std::system_error(make_error_code(Errc::tls_handshake_failed), failure.what());
  }
}

Attempt TlsSession::read(std::span<char> into) {
  ERR_clear_error();
  errno = 0;
  return result_of(SSL_read(session_, into.data(), bounded(into.size())));
}

Attempt TlsSession::peek() {
  ERR_clear_error();
  errno = 0;
  char octet = 0;
  return result_of(SSL_peek(session_, &octet, 1));
}

Attempt TlsSession::write(std::string_view octets) {
  ERR_clear_error();
  errno = 0;
  return result_of(SSL_write(session_, octets.data(), bounded(octets.size())));
}

Attempt TlsSession::shut_down() {
  ERR_clear_error();
  errno = 0;
  const int returned = SSL_shutdown(session_);
  // 0: our close_notify is sent, the peer's is not yet here, and we do not wait for it.
  if (returned >= 0) return {Attempt::Kind::done};
  return result_of(returned);
}

bool TlsSession::is_verified() const {
  // Without a certificate the result is good too: nothing was wrong with it.
  if (!expects_name_ || SSL_get0_peer_certificate(session_) == nullptr) return false;
  if (SSL_get_verify_result(session_) != X509_V_OK) return false;
  return !expects_tlsa_ || SSL_get0_dane_authority(session_, nullptr, nullptr) >= 0;
}

TlsInformation TlsSession::information() const {
  TlsInformation found;
  found.version = SSL_get_version(session_);
  found.cipher = SSL_get_cipher_name(session_);
  if (const char* name = SSL_get_servername(session_, TLSEXT_NAMETYPE_host_name)) found.server_name = name;
  const unsigned char* protocol = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(session_, &protocol, &length);
  if (protocol != nullptr) found.application_protocol.assign(reinterpret_cast<const char*>(protocol), length);
  found.verified = is_verified();
  if (!found.verified) found.mistrust = mistrust_for(SSL_get_verify_result(session_));
  return found;
}

std::string TlsSession::channel_binding(Binding kind) const {
  if (kind == Binding::tls_exporter) {
    // Before TLS 1.3 the exporter is unique to a connection only with the extended master secret. RFC 9266 §4.2
    if (SSL_version(session_) < TLS1_3_VERSION && SSL_get_extms_support(session_) != 1) return {};
    std::string material(exporter_size, '\0');
    const int done =
        SSL_export_keying_material(session_, reinterpret_cast<unsigned char*>(material.data()), material.size(),
                                   exporter_label.data(), exporter_label.size(), nullptr, 0, 0);
    return done == 1 ? material : std::string{};
  }
  X509* certificate = SSL_get_certificate(session_);
  int digest = NID_undef;
  if (certificate == nullptr || X509_get_signature_info(certificate, &digest, nullptr, nullptr, nullptr) != 1)
    return {};
  // RFC 5929 §4.1: the signature's hash, but SHA-256 in place of MD5 and SHA-1.
  if (digest == NID_md5 || digest == NID_sha1) digest = NID_sha256;
  const EVP_MD* method = EVP_get_digestbynid(digest);
  if (method == nullptr) return {};
  std::string hash(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  if (X509_digest(certificate, method, reinterpret_cast<unsigned char*>(hash.data()), &size) != 1) return {};
  hash.resize(size);
  return hash;
}

}  // namespace mailpod::net
