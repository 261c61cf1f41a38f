#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include <mailpod/base/ports.hpp>
#include <mailpod/net/resolver.hpp>
#include <mailpod/net/stream.hpp>
#include <mailpod/queue/entry.hpp>
#include <mailpod/smtp/client.hpp>

/// Which hosts take mail for a recipient. RFC 5321 §5; docs/sending.md, "Where to".
namespace mailpod::queue {

/// Where mail goes, before DNS was asked: messages of one destination share connections.
struct Destination {
  std::string domain;  ///< lower case, A-labels, or an address literal; empty if pinned
  std::string pinned;  ///< an administrator's route: Entry::pinned_route
  /// Only by hosts that prove their names and offer REQUIRETLS; so they have connections of their own. RFC 8689 §4.2.1.
  bool require_tls = false;
  /// No policy of TLS keeps anything from it. RFC 8689 §5.
  bool tls_optional = false;

  friend auto operator<=>(const Destination&, const Destination&) = default;
};
Destination destination_of(std::string_view address, std::string_view pinned_route);
/// Of one recipient, with what the entry demands of the way.
Destination destination_of(const Entry& entry, std::size_t recipient);

/// One address of one host.
struct Host {
  std::string name;  ///< for SNI, records and reports; the address where there is no name
  net::Endpoint endpoint;
  /// Nobody on the way can have put this name in the place of another: DNSSEC vouches for the MX, or the recipient's
  /// domain or an administrator's route has this name itself.
  bool is_authentic = false;
  /// Where its TLSA records may be, first the most likely; none where DNSSEC does not vouch for name and addresses, and
  /// DANE has nothing to say. RFC 7672 §2.2.
  std::vector<std::string> tlsa_bases{};
  /// What its certificate may be for, if an authority of its TLSA records vouches for it. RFC 7672 §3.2.2.
  std::vector<std::string> names{};
  friend bool operator==(const Host& a, const Host& b) {
    return a.name == b.name && a.endpoint.address == b.endpoint.address && a.endpoint.port == b.endpoint.port;
  }
};

/// The addresses to try, best first; or, if there are none, what the recipients are answered instead.
struct Route {
  std::vector<Host> hosts;
  std::optional<smtp::Answer> refusal;
};

/// An administrator's `host`, `[address]`, either with `:port`.
struct PinnedRoute {
  std::string host;     ///< to be looked up (A and AAAA, no MX); empty if it is an address
  std::string address;  ///< as inet_ntop writes it
  std::optional<std::uint16_t> port;
};
std::optional<PinnedRoute> parse_pinned_route(std::string_view text);

/// Asks DNS. Loop of the resolver.
class Guide {
public:
  struct Settings {
    std::uint16_t port = 25;
    std::vector<std::string> own_names;  ///< lower case
    std::size_t hosts = 10;              ///< addresses of one route
    bool loopback = false;               ///< take addresses of the machine's own loopback from DNS
  };
  /// Borrows both.
  Guide(net::Resolver& resolver, base::Entropy& entropy, Settings settings);

  /// Throws std::system_error(net::Errc::shutting_down) when the resolver stops.
  boost::asio::awaitable<Route> find(const Destination& destination);

private:
  boost::asio::awaitable<Route> by_mx(const std::string& domain);
  boost::asio::awaitable<Route> by_pinned_route(const std::string& text);
  Route by_literal(const std::string& literal) const;

  /// What the lookups of a route's addresses have come to so far.
  struct Search {
    std::vector<Host> hosts;
    bool failed_for_now = false;  ///< one of the lookups
    bool found_ourselves = false;
  };
  /// A name whose addresses are to be found.
  struct Name {
    std::string name;
    std::uint16_t port = 25;
    bool from_dns = true;  ///< and not from an administrator
    bool is_authentic = true;
    std::vector<std::string> domains{};  ///< whose host it is: the recipient's, and what that one is an alias of
  };
  boost::asio::awaitable<void> add_addresses(Search& search, const Name& name);
  struct Found;
  boost::asio::awaitable<std::optional<std::vector<std::string>>> tlsa_bases(const Name& name, const Found& found);
  static Route concluded(Search search);
  bool is_own(std::string_view name) const;
  std::vector<net::Mx> usable(std::vector<net::Mx> records) const;
  void shuffle_equals(std::vector<net::Mx>& records);

  net::Resolver& resolver_;
  base::Entropy& entropy_;
  Settings settings_;
};

}  // namespace mailpod::queue
