#include <mailpod/reports/report_mail.hpp>

#include <algorithm>
#include <array>

#include <mailpod/message/scanner.hpp>
#include <mailpod/text/base64.hpp>
#include <mailpod/text/quoted_printable.hpp>

namespace mailpod::reports {

namespace {

// RFC 9990 §3.5, RFC 8460 §5.3, and what programs write in their place.
constexpr std::array report_types{"application/gzip",         "application/x-gzip",      "application/gzip-compressed",
                                  "application/zip",          "application/x-zip",       "application/x-zip-compressed",
                                  "application/octet-stream", "application/xml",         "text/xml",
                                  "application/tlsrpt+gzip",  "application/tlsrpt+json", "application/json"};

std::string decoded(std::string_view body, std::string_view encoding) {
  std::string out;
  if (encoding == "base64") {
    text::Base64Decoder decoder;
    decoder.decode(body, out);
    decoder.finish(out);
  } else if (encoding == "quoted-printable") {
    text::QuotedPrintableDecoder decoder;
    decoder.decode(body, out);
    decoder.finish(out);
  } else {
    out = body;
  }
  return out;
}

Result<Report> parse_plain(std::string_view octets, std::size_t rows) {
  DmarcReportLimits of_dmarc;
  of_dmarc.rows = std::min(of_dmarc.rows, rows);
  auto dmarc = parse_dmarc_report(octets, of_dmarc);
  if (dmarc) return Report(std::move(*dmarc));
  if (dmarc.error() != Errc::no_report) return dmarc.error();
  TlsReportLimits of_tls;
  of_tls.policies = std::min(of_tls.policies, rows);
  of_tls.failures = std::min(of_tls.failures, rows);
  auto tls = parse_tls_report(octets, of_tls);
  if (!tls) return tls.error();
  return Report(std::move(*tls));
}

std::size_t rows_of(const DmarcReport& report) {
  return report.rows.size();
}
std::size_t rows_of(const TlsReport& report) {
  std::size_t rows = report.policies.size();
  for (const TlsPolicyReport& policy : report.policies) rows += policy.named.size();
  return rows;
}
std::size_t rows_of(const FeedbackReport&) {
  return 1;
}

/// The parts of a message that may be reports, in order.
class Parts {
public:
  Parts(std::string_view message, const ReportMailLimits& limits) : message_(message), left_(limits) {}

  void look_at(const message::Part& part) {
    if (left_.parts == 0) return;
    --left_.parts;
    const std::string type = part.type + "/" + part.subtype;
    const std::string_view body =
        message_.substr(static_cast<std::size_t>(part.body.begin), static_cast<std::size_t>(part.body.size()));
    if (type == "message/feedback-report") {
      note(parse_feedback_report(decoded(body, part.transfer_encoding)));
    } else if (std::ranges::find(report_types, type) != report_types.end()) {
      note(unpack(decoded(body, part.transfer_encoding)));
    }
    // What a complaint is about may be a report itself, and is not one here.
    if (!part.is_multipart()) return;
    for (const message::Part& child : part.children) look_at(child);
  }
  Result<std::vector<Report>> found() {
    if (reports_.empty()) return fault_;
    return std::move(reports_);
  }

private:
  Result<Report> unpack(const std::string& packed) {
    constexpr std::uint64_t most_of_one = 1032;  // octets that deflate makes of one
    const auto plain = unpacked(packed, left_.archive);
    auto& octets = left_.archive.octets;
    octets -= plain ? plain->size() : std::min<std::uint64_t>(octets, packed.size() * most_of_one);
    if (!plain) return plain.error();
    auto report = parse_plain(*plain, left_.rows);
    if (report) {
      const auto rows = std::visit([](const auto& one) { return rows_of(one); }, *report);
      left_.rows -= std::min(left_.rows, rows);
    }
    return report;
  }
  template <class Kind>
  void note(Result<Kind> report) {
    if (report) {
      reports_.emplace_back(std::move(*report));
    } else if (report.error() != Errc::no_report) {
      fault_ = report.error();
    }
  }

  std::string_view message_;
  ReportMailLimits left_;
  std::vector<Report> reports_;
  boost::system::error_code fault_ = Errc::no_report;
};

}  // namespace

Result<Report> parse_report(std::string_view octets, const ReportMailLimits& limits) {
  const auto plain = unpacked(octets, limits.archive);
  if (!plain) return plain.error();
  return parse_plain(*plain, limits.rows);
}

Result<std::vector<Report>> reports_in(std::string_view message, const ReportMailLimits& limits) {
  const message::Structure structure = message::scan(message);
  Parts parts(message, limits);
  parts.look_at(structure.root);
  return parts.found();
}

}  // namespace mailpod::reports
