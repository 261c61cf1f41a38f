#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <mailpod/net/alarm.hpp>
#include <mailpod/net/error.hpp>
#include <mailpod/net/tlsa.hpp>

namespace mailpod::net {

using boost::asio::awaitable;

/// Why wait_input came back.
enum class Wake { input, rung, timeout };

/// A numeric address and a port.
struct Endpoint {
  std::string address;  ///< as inet_ntop writes it, without brackets; v4-mapped addresses appear as IPv4
  std::uint16_t port = 0;
};

/// Whom a client expects behind TLS.
struct TlsPeer {
  /// Goes into SNI, and is what the certificate must be for to count as verified; a numeric address does neither.
  std::string name;
  /// Names for which it may be instead, where `tlsa` names an authority. RFC 7672 §3.2.2.
  std::vector<std::string> other_names{};
  /// Not empty: these alone say whose the certificate is, and the authorities that we trust say nothing. Those that
  /// are not is_usable() match nothing. RFC 7671 §5.
  std::vector<Tlsa> tlsa{};
};

/// Why a server's certificate is not verified. RFC 8460 §4.3 tells them apart.
enum class Mistrust { none, untrusted, other_name, expired, no_match };

struct TlsInformation {
  std::string version;      ///< "TLSv1.3"
  std::string cipher;       ///< "TLS_AES_256_GCM_SHA384"
  std::string server_name;  ///< what the client asked for (SNI); may be empty
  /// Of a client: the server's certificate is for the name that it was asked for (RFC 6125 §6, its DNS names only), and
  /// leads to an authority that we trust; or it is as TLSA records say, where TlsPeer has them. Never where the name is
  /// empty or a numeric address.
  bool verified = false;
  Mistrust mistrust = Mistrust::none;  ///< of what is not verified
  std::string application_protocol;    ///< what both agreed on by ALPN (RFC 7301); empty: nothing was said
};

/// What others may know of a connection while it lives on its loop. Any thread.
struct Activity {
  std::atomic<std::chrono::steady_clock::rep> last_input{std::chrono::steady_clock::now().time_since_epoch().count()};
  std::atomic<const char*> tls_version{""};  ///< "TLSv1.3"; lives as long as the process

  std::chrono::steady_clock::duration idle() const {
    const std::chrono::steady_clock::time_point last{std::chrono::steady_clock::duration(last_input)};
    return std::chrono::steady_clock::now() - last;
  }
};

/// What SCRAM-*-PLUS binds a password proof to; empty where there is none (no TLS, or the kind does not exist).
enum class Binding {
  tls_exporter,          ///< RFC 9266
  tls_server_end_point,  ///< RFC 5929 §4
};

/// One connection with a peer: octets in, octets out, perhaps under TLS.
///
/// Lives on one loop (executor()); every call is made there. One read (or wait) and one write may be under way at a
/// time. Octets are borrowed: they must stay until the call completes. Failures throw std::system_error: timed_out,
/// connection_reset, operation_canceled after abort(), net::Errc. After a failed call only close() and abort() make
/// sense. An idle stream holds no buffers.
class Stream {
public:
  virtual ~Stream() = default;

  /// Some octets, at least one; 0 when the peer has closed.
  virtual awaitable<std::size_t> read_some(std::span<char> into) = 0;
  /// All of `octets`; awaiting it is the back-pressure. Give it chunks of at most 64 KiB: each call has one deadline.
  virtual awaitable<void> write(std::string_view octets) = 0;
  /// Each later read, write and start_tls must complete within `limit` of its beginning, or throws timed_out.
  virtual void set_timeout(std::chrono::milliseconds limit) = 0;
  virtual std::chrono::milliseconds timeout() const = 0;

  /// Waits until there is something to read (also the peer's closing), someone rang, or `limit` is over. Reads nothing.
  /// TLS's own records do not count as input. A limit of 0 only looks, without waiting.
  virtual awaitable<Wake> wait_input(std::chrono::milliseconds limit) = 0;
  /// Wakes the present wait_input, or the next one: a ring is remembered until a wait returned it.
  virtual void ring() = 0;

  /// Server side TLS from here on. Throws Errc::tls_handshake_failed. Before it, whoever buffers input must have
  /// checked that nothing was received ahead of it (LineReader::buffered()).
  virtual awaitable<void> start_tls() = 0;
  /// Client side TLS from here on, against eavesdroppers only: any certificate is taken, which is all that STARTTLS
  /// between servers promises (RFC 7435); who needs more looks at tls().verified. Throws Errc::tls_handshake_failed;
  /// the connection is then of no more use. What was received ahead of it must be empty, as with start_tls().
  virtual awaitable<void> start_client_tls(TlsPeer peer) = 0;
  awaitable<void> start_client_tls(std::string server_name) {
    return start_client_tls(TlsPeer{std::move(server_name)});
  }
  /// What is spoken under TLS, as ALPN names it; counts for the start of TLS that follows. A client offers it. A server
  /// takes no other: who offers some and not this meant somebody else, and has no handshake (RFC 7301 §3.2); who offers
  /// none is taken at their word. Until then a server takes no notice of what is offered.
  virtual void set_application_protocol(std::string) {}
  /// start_tls would not fail for want of a certificate.
  virtual bool offers_tls() const = 0;
  virtual bool secure() const = 0;
  /// Empty fields while not secure().
  virtual TlsInformation tls() const = 0;
  virtual std::string channel_binding(Binding kind) const = 0;

  virtual Endpoint peer() const = 0;
  virtual std::uint16_t local_port() const = 0;
  /// Kept up while the stream lives; nullptr where nobody keeps it.
  virtual std::shared_ptr<const Activity> activity() const { return nullptr; }

  /// Says goodbye (TLS close_notify) as far as that works within a few seconds, then disconnects. Does not throw.
  virtual awaitable<void> close() = 0;
  /// Disconnects now; what is under way fails with operation_canceled.
  virtual void abort() = 0;
  /// Every present and later read and wait fails with Errc::shutting_down; writes go on. So a conversation ends
  /// politely.
  virtual void end_input() = 0;

  virtual boost::asio::any_io_executor executor() = 0;
  /// The time that its deadlines live in, for whoever has one deadline over several operations.
  virtual std::chrono::steady_clock::time_point now() const { return std::chrono::steady_clock::now(); }
  /// A timer on its loop, by the same clock. May outlive the stream.
  virtual std::unique_ptr<Alarm> make_alarm() { return net::make_alarm(executor()); }
};

}  // namespace mailpod::net
