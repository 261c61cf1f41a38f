#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/http/error.hpp>
#include <mailpod/http/message.hpp>
#include <mailpod/http/reader.hpp>
#include <mailpod/net/dialer.hpp>
#include <mailpod/net/resolver.hpp>

namespace mailpod::http {

/// Where something is: `https://host[:port]/path[?query]`.
struct Url {
  enum class Scheme { http, https };
  Scheme scheme = Scheme::https;
  std::string host;  ///< a name in lower case without its final dot, or a numeric IPv4 address
  std::uint16_t port = 443;
  std::string target = "/";  ///< path and query, as a request line has them

  std::string str() const;
  friend bool operator==(const Url&, const Url&) = default;
};
/// Nothing for other schemes, user names, fragments, IPv6 addresses, names that no host has (RFC 1123 §2.1: labels of 1
/// to 63 letters, digits, `-` and `_`, no hyphen at an end), and what no request line can hold.
std::optional<Url> parse_url(std::string_view text);

struct ClientSettings {
  std::chrono::milliseconds connect{10'000};  ///< for each address that is tried, with its TLS handshake
  std::chrono::milliseconds whole{
      30'000};                ///< of a fetch with all its redirects; a lookup ends when its resolver gives up
  std::size_t addresses = 4;  ///< that are tried, IPv6 and IPv4 in turn
  unsigned redirects = 0;     ///< that are followed; a GET's only, and never out of https
  MessageLimits limits;
  std::string user_agent = "mailpod";
};

/// Asks other servers, one connection a request. Belongs to the loop of its dialer; only on it.
///
/// Under https nothing is sent before the server's certificate is found to be for the host's name and from an authority
/// that the dialer trusts (net::TlsInformation::verified), which no numeric address ever is. An answer counts when it
/// is whole: one that ends where the connection does is end_unknown. Its content is as it came, of at most
/// `limits.content` octets; whatever its status says is the caller's to judge.
class Client {
public:
  /// Borrowed; they outlive each fetch.
  struct Ports {
    net::Dialer& dialer;
    net::Resolver& resolver;
    base::Clock& clock;
  };
  struct Asked {
    Method method = Method::get;
    Url url;
    Fields fields;  ///< beside Host, User-Agent, Accept-Encoding, Connection and Content-Length, which it writes itself
    std::string content;
  };
  Client(Ports ports, ClientSettings settings) : ports_(ports), settings_(std::move(settings)) {}

  /// The final answer, 1xx passed over; one without one is an error: http::Errc, net::Errc (of the lookup, the
  /// connection or TLS; shutting_down once the dialer or the resolver was stopped), or one of errno's (timed_out,
  /// connection_refused, …). Throws nothing of the network's. Name what you ask for, do not write it into the co_await
  /// expression. The client outlives the call. std::errc::invalid_argument: a URL that parse_url() would not have made,
  /// or fields that are the client's to write.
  boost::asio::awaitable<Result<Response>> fetch(Asked asked) const;

private:
  /// Of the monotonic clock, when all of a fetch must be over.
  using Deadline = std::chrono::microseconds;
  boost::asio::awaitable<Result<Response>> fetch_once(const Asked& asked, Deadline deadline) const;
  boost::asio::awaitable<Result<std::unique_ptr<net::Stream>>> connect(const Url& url, Deadline deadline) const;
  std::chrono::milliseconds left_until(Deadline deadline) const;

  Ports ports_;
  ClientSettings settings_;
};

}  // namespace mailpod::http
