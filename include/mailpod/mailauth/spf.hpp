#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <mailpod/base/ports.hpp>
#include <mailpod/mailauth/dns_table.hpp>

/// Sender Policy Framework: which hosts a domain sends its mail from. RFC 7208.
namespace mailpod::mailauth {

enum class SpfResult { none, neutral, pass, fail, softfail, temperror, permerror };
/// As RFC 8601 §2.7.2 spells them: `pass`, `temperror`.
std::string_view name_of(SpfResult result);

/// Who claims to send.
struct SpfQuery {
  std::string client;      ///< numeric address
  std::string helo;        ///< as said
  std::string local_part;  ///< of the reverse path, unquoted; empty: postmaster
  std::string domain;      ///< of the reverse path; empty: the null path, and HELO is asked instead (RFC 7208 §2.4)
  std::string receiver;    ///< our host name, for explanations
  base::Time now{};        ///< for explanations
};

/// Whether the domain's own words about a failure are fetched: one question more, of use only where they are shown.
enum class Explain { no, yes };

struct SpfVerdict {
  SpfResult result = SpfResult::none;
  std::string domain;       ///< whose policy was asked, lower case; of `none` perhaps no domain at all
  std::string explanation;  ///< printable ASCII; empty: none
};

struct SpfLimits {
  unsigned lookups = 10;        ///< terms that ask DNS; more are permerror. RFC 7208 §4.6.4
  unsigned void_lookups = 2;    ///< of these, to which there is nothing; more are permerror
  unsigned names_of_host = 10;  ///< exchanges of one `mx`; more are permerror. Of `ptr` further names are not looked at
  // What follows bounds the work, whatever strangers write into their zones: more is permerror.
  std::size_t record = 4096;           ///< octets of one policy; real ones have some hundred
  std::size_t expansions = 64 * 1024;  ///< octets, of all that macros come to
  unsigned steps = 10'000;             ///< terms, names and addresses that are looked at
  std::function<bool()> time_is_up{};  ///< asked at each step, then it is temperror (RFC 7208 §4.6.4); empty: never
};

/// check_host() of RFC 7208 §4. Pure; reads `dns` and leaves there what it misses.
SpfVerdict check_spf(const SpfQuery& query, DnsTable& dns, Explain explain, const SpfLimits& limits);
inline SpfVerdict check_spf(const SpfQuery& query, DnsTable& dns, Explain explain = Explain::no) {
  return check_spf(query, dns, explain, SpfLimits());
}

}  // namespace mailpod::mailauth
