#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/result.hpp>
#include <mailpod/reports/error.hpp>

/// How TLS with a domain's servers went, as those who send to it say. RFC 8460.
namespace mailpod::reports {

/// Sessions that failed in one way. RFC 8460 §4.3.
struct TlsFailure {
  std::string result_type;     ///< `certificate-expired`, …
  std::string receiving_host;  ///< the MX, and its address; empty where nobody said
  std::string receiving_address;
  std::uint64_t sessions = 0;
  friend bool operator==(const TlsFailure&, const TlsFailure&) = default;
};

/// What became of the sessions under one policy.
struct TlsPolicyReport {
  std::string type;    ///< `tlsa`, `sts`, `no-policy-found`
  std::string domain;  ///< whose policy
  std::uint64_t successes = 0;
  std::uint64_t failures = 0;  ///< as the report says; those named may be fewer
  std::vector<TlsFailure> named;
  friend bool operator==(const TlsPolicyReport&, const TlsPolicyReport&) = default;
};

struct TlsReport {
  std::string organization;
  std::string id;
  std::string begins, ends;  ///< as written, date and time
  std::vector<TlsPolicyReport> policies;
  friend bool operator==(const TlsReport&, const TlsReport&) = default;
};

struct TlsReportLimits {
  std::size_t octets = 1024 * 1024;  ///< of its JSON, which takes many times that in memory
  std::size_t depth = 10;            ///< of its JSON
  std::size_t policies = 10'000;
  std::size_t failures = 100'000;  ///< of all policies together
  std::size_t text = 1'000;        ///< octets kept of each text
};
/// RFC 8460 §4.4. Members that are not known are passed over; a text where a number belongs is malformed.
/// Errors: no_report (no JSON of this kind), malformed, too_big.
Result<TlsReport> parse_tls_report(std::string_view octets, const TlsReportLimits& limits = {});

}  // namespace mailpod::reports
