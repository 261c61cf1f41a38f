#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <mailpod/net/stream.hpp>
#include <mailpod/net/tls.hpp>

#include "attempt.hpp"

namespace mailpod::net {

/// TLS, either side, over a non-blocking socket; OpenSSL reads and writes the descriptor itself. So an idle connection
/// costs one SSL object without buffers, where asio::ssl::stream would hold two BIOs and its own buffers of 17 KiB
/// each. SIGPIPE must be ignored in the process.
class TlsSession {
public:
  /// Server side.
  TlsSession(std::shared_ptr<const TlsContext> context, int descriptor);
  /// Client side. The peer's name is sent as SNI unless it is empty or a numeric address (RFC 6066 §3).
  TlsSession(std::shared_ptr<const TlsContext> context, int descriptor, const TlsPeer& peer);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  /// By ALPN, before the handshake; empty: nothing.
  void offer_protocol(const std::string& name);
  void accept_protocol(std::string name);
  /// What accept_protocol() said of the server's side `session`; empty: anything.
  static const std::string& accepted_protocol(const ssl_st* session);

  /// Throws Errc::tls_handshake_failed.
  Attempt handshake();
  /// It is done, once and for all: what TLS says later (tickets, new keys) does not change that.
  bool shook_hands() const { return shook_hands_; }
  Attempt read(std::span<char> into);
  /// Whether application data are there, leaving them.
  Attempt peek();
  /// Some of `octets`, at least one when done. After wants_*, repeat with the same octets.
  Attempt write(std::string_view octets);
  /// Sends close_notify; does not wait for the peer's.
  Attempt shut_down();

  TlsInformation information() const;
  std::string channel_binding(Binding kind) const;

private:
  enum class Role { server, client };
  TlsSession(std::shared_ptr<const TlsContext> context, int descriptor, Role role);
  bool expect_tlsa(const TlsPeer& peer);
  bool is_verified() const;
  Attempt result_of(int returned);
  std::shared_ptr<const TlsContext> context_;
  ssl_st* session_;
  std::string accepted_protocol_;
  bool shook_hands_ = false;
  bool expects_name_ = false;  ///< the server must show a certificate for the name that was asked for
  bool expects_tlsa_ = false;  ///< or one that TLSA records name
};

}  // namespace mailpod::net
