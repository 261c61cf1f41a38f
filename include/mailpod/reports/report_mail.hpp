#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include <mailpod/reports/archive.hpp>
#include <mailpod/reports/dmarc_report.hpp>
#include <mailpod/reports/feedback_report.hpp>
#include <mailpod/reports/tls_report.hpp>

namespace mailpod::reports {

using Report = std::variant<DmarcReport, TlsReport, FeedbackReport>;

/// Of one message, all its parts together.
struct ReportMailLimits {
  std::size_t parts = 100;  ///< that are looked at
  ArchiveLimits archive;
  std::size_t rows = 100'000;  ///< of all reports in it
};

/// A report by itself, packed or not, as it is attached to messages. Errors: no_report, malformed, too_big.
Result<Report> parse_report(std::string_view octets, const ReportMailLimits& limits = {});

/// The reports in a message: in its parts of application/gzip, zip, tlsrpt+gzip, xml and so on, and its
/// message/feedback-report. Errors: no_report, or what was wrong with the only one.
Result<std::vector<Report>> reports_in(std::string_view message, const ReportMailLimits& limits = {});

}  // namespace mailpod::reports
