#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <mailpod/base/result.hpp>
#include <mailpod/net/error.hpp>
#include <mailpod/net/tlsa.hpp>

namespace mailpod::net {

using boost::asio::awaitable;

struct Mx {
  std::uint16_t preference = 0;
  std::string exchange;  ///< lower case, without the final dot; empty is the null MX (RFC 7505)
};

/// Records of one name and type, and whether DNSSEC vouches for them. (A bogus answer is an error, never an Answer.)
template <class Record>
struct Answer {
  std::vector<Record> records;
  bool authentic = false;   ///< validated by DNSSEC (RFC 4035 §4.3 "secure")
  std::uint32_t ttl = 0;    ///< seconds
  std::string canonical{};  ///< the name to which CNAMEs led; empty if there were none
};

enum class Family { ipv4, ipv6 };

/// Asks the DNS. Names are given and answered in lower case A-label form without the final dot; CNAMEs are followed.
/// Errors: Errc::no_such_name (also of what no name can be), no_such_record, lookup_failed, bogus_answer,
/// shutting_down. Belongs to one loop; only on it.
class Resolver {
public:
  virtual ~Resolver() = default;
  /// By preference, not shuffled.
  virtual awaitable<Result<Answer<Mx>>> mx(std::string name) = 0;
  /// Addresses as inet_ntop writes them.
  virtual awaitable<Result<Answer<std::string>>> addresses(std::string name, Family family) = 0;
  /// Each record's character-strings joined (RFC 7208 §3.3).
  virtual awaitable<Result<Answer<std::string>>> txt(std::string name) = 0;
  virtual awaitable<Result<Answer<Tlsa>>> tlsa(std::string name) = 0;
  /// The CNAME of the name itself, which is not followed.
  virtual awaitable<Result<Answer<std::string>>> cname(std::string name) = 0;
  /// The names of a numeric address.
  virtual awaitable<Result<Answer<std::string>>> ptr(std::string address) = 0;
  /// Every present and later lookup fails with Errc::shutting_down.
  virtual void stop() = 0;
};

struct ResolverSettings {
  /// Whom to ask, each `address` or `address@port`; empty: whom `resolv_conf` names when the resolver is made. They
  /// resolve for us and hand signatures on; where they do not, signed names are bogus_answer under a trust anchor.
  std::vector<std::string> servers;
  /// As resolv.conf(5) has it: where there is no such file, the machine's own server is asked.
  std::string resolv_conf = "/etc/resolv.conf";
  /// A file of DNSKEY or DS records, such as /usr/share/dns/root.key of Debian's dns-root-data, which its updates
  /// renew. Empty: none, and no answer is authentic.
  std::string trust_anchor;
  /// Of one lookup with all its retries; then it is lookup_failed.
  std::chrono::milliseconds time_limit = std::chrono::seconds(20);
  std::size_t cache_size = 6 << 20;  ///< octets
};

/// Over libunbound, which validates DNSSEC itself, keeps a cache, and has one thread of its own for it. Throws
/// std::system_error that names the setting which cannot be used.
std::unique_ptr<Resolver> make_unbound_resolver(boost::asio::any_io_executor loop, ResolverSettings settings);

}  // namespace mailpod::net
