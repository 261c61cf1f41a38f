#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <mailpod/base/disk.hpp>

struct ssl_ctx_st;
struct ssl_st;

namespace mailpod::net {

/// One certificate of ours, in PEM files.
struct CertificateFiles {
  std::string chain;  ///< the certificate, then its intermediates
  std::string key;    ///< its private key, without a passphrase
};

/// What a client takes of a server's TLS, beside the versions.
enum class Strength {
  /// Against eavesdroppers whatever is better than clear text, which would be the alternative (RFC 7435): OpenSSL's
  /// security level 1.
  whatever_keeps_listeners_out,
  /// What nobody of today falls short of (RFC 9325): security level 2, so no RSA of less than 2,048 bits, no SHA-1 in
  /// certificates; forward-secret AEAD ciphers, and secure renegotiation (RFC 5746).
  of_today,
};

/// What one side of TLS brings along: TLS 1.2 or later, no renegotiation, no compression; for a server certificates and
/// keys, forward-secret AEAD ciphers.
///
/// Immutable; shared by streams of all loops. Session tickets are resumable only within one context, so a reload also
/// renews their key.
class TlsContext {
public:
  /// The first certificate answers clients that send no or an unknown server name (SNI); the others answer the names in
  /// them. Throws std::system_error with Errc::bad_certificate, or the errno of a file; the text names file and remedy.
  static std::shared_ptr<const TlsContext> load(base::Disk& disk, const std::vector<CertificateFiles>& certificates);

  /// For clients: no certificate of ours, any of theirs, TLS 1.2 or later. `authorities` is a PEM file of those who say
  /// whose a certificate is, for TlsInformation::verified; empty: the machine's. Throws std::system_error that names
  /// the file.
  static std::shared_ptr<const TlsContext> for_clients(const std::string& authorities = {},
                                                       Strength strength = Strength::whatever_keeps_listeners_out);

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  /// For net's own streams.
  ssl_ctx_st* native() const { return contexts_.front(); }

private:
  TlsContext() = default;
  static int choose_by_name(ssl_st* session, int* alert, void* self);
  std::vector<ssl_ctx_st*> contexts_;  ///< one per certificate; the first is the default
};

/// The context new handshakes use, replaced when certificates are renewed; running connections keep theirs. Any thread.
class CurrentTls {
public:
  explicit CurrentTls(std::shared_ptr<const TlsContext> first = nullptr) : current_(std::move(first)) {}

  /// nullptr while there is no certificate: STARTTLS is then not offered.
  std::shared_ptr<const TlsContext> get() const {
    const std::lock_guard lock(mutex_);
    return current_;
  }
  void replace(std::shared_ptr<const TlsContext> next) {
    const std::lock_guard lock(mutex_);
    current_ = std::move(next);
  }

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const TlsContext> current_;
};

}  // namespace mailpod::net
