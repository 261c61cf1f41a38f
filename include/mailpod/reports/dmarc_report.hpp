#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/reports/error.hpp>

/// What others make of mail that says it comes from a domain: DMARC aggregate reports. RFC 9990; RFC 7489 Appendix C is
/// read alike.
namespace mailpod::reports {

/// Messages from one address that fared alike.
struct DmarcRow {
  std::string source_address;
  std::uint64_t messages = 0;
  std::string disposition;  ///< `none`, `quarantine`, `reject`, `pass`
  std::string dkim, spf;    ///< `pass` or `fail`: aligned with the domain, or not
  std::string header_from;
  friend bool operator==(const DmarcRow&, const DmarcRow&) = default;

  bool passes() const { return dkim == "pass" || spf == "pass"; }
};

struct DmarcReport {
  std::string organization;
  std::string id;
  base::Time begins, ends;
  std::string domain;  ///< whose policy was looked at
  std::string policy;  ///< what it was: `p=`
  std::vector<DmarcRow> rows;
  friend bool operator==(const DmarcReport&, const DmarcReport&) = default;
};

struct DmarcReportLimits {
  std::size_t octets = 16 * 1024 * 1024;
  std::size_t depth = 16;  ///< of its XML
  std::size_t rows = 100'000;
  std::size_t text = 1'000;  ///< octets kept of each text
};
/// No document type and no entity of its own is taken. Elements that are not known are passed over.
/// Errors: no_report (no XML of this kind), malformed, too_big.
Result<DmarcReport> parse_dmarc_report(std::string_view xml, const DmarcReportLimits& limits = {});

}  // namespace mailpod::reports
