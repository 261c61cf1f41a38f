#include <mailpod/reports/report_mail.hpp>

#include <gtest/gtest.h>

#include <mailpod/reports/summary.hpp>
#include <mailpod/text/base64.hpp>

#include "samples.hpp"

namespace mailpod::reports {
namespace {

std::string changed(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

// ---- DMARC

TEST(DmarcReportXml, IsRead) {
  const auto report = parse_dmarc_report(dmarc_sample);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->organization, "big.example");
  EXPECT_EQ(report->id, "17");
  EXPECT_EQ(report->begins, base::from_seconds(1'767'225'600));
  EXPECT_EQ(report->ends, base::from_seconds(1'767'311'999));
  EXPECT_EQ(report->domain, "coop.example");
  EXPECT_EQ(report->policy, "quarantine");
  ASSERT_EQ(report->rows.size(), 2U);
  EXPECT_EQ(report->rows[0], (DmarcRow{"192.0.2.10", 118, "none", "pass", "fail", "coop.example"}));
  EXPECT_TRUE(report->rows[0].passes());
  EXPECT_FALSE(report->rows[1].passes());
}

// RFC 9990 gives it a namespace.
TEST(DmarcReportXml, IsReadInItsNamespace) {
  const auto plain = parse_dmarc_report(dmarc_sample).value();
  EXPECT_EQ(
      parse_dmarc_report(changed(dmarc_sample, "<feedback>", "<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">"))
          .value(),
      plain);
}

// XXE and a billion laughs.
TEST(DmarcReportXml, BringsNoEntities) {
  const std::string laughs = "<!DOCTYPE feedback [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]>";
  const std::string far = "<!DOCTYPE feedback [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>";
  for (const auto& type : {laughs, far, std::string("<!DOCTYPE feedback SYSTEM \"http://evil.example/x.dtd\">")}) {
    std::string xml = changed(dmarc_sample, "<feedback>", type + "<feedback>");
    EXPECT_EQ(parse_dmarc_report(xml).error(), Errc::malformed);
    xml = changed(xml, "big.example", "&b;&x;");
    EXPECT_EQ(parse_dmarc_report(xml).error(), Errc::malformed);
  }
  EXPECT_EQ(parse_dmarc_report(changed(dmarc_sample, "big.example", "&unknown;")).error(), Errc::malformed);
}

TEST(DmarcReportXml, HasLimits) {
  std::string deep;
  std::string many = "<feedback>";
  for (int i = 0; i < 20; ++i) deep += "<feedback>";
  for (int i = 0; i < 11; ++i) many += "<record></record>";
  EXPECT_EQ(parse_dmarc_report(deep).error(), Errc::malformed);
  DmarcReportLimits limits;
  limits.rows = 10;
  EXPECT_EQ(parse_dmarc_report(many + "</feedback>", limits).error(), Errc::too_big);
  const auto report = parse_dmarc_report(changed(dmarc_sample, "big.example", std::string(100'000, 'b')));
  EXPECT_EQ(report.value().organization.size(), 1'000U);
}

TEST(DmarcReportXml, ThatIsNoneIsRefused) {
  EXPECT_EQ(parse_dmarc_report("<html></html>").error(), Errc::no_report);
  EXPECT_EQ(parse_dmarc_report("{}").error(), Errc::no_report);
  EXPECT_EQ(parse_dmarc_report("").error(), Errc::no_report);
  EXPECT_EQ(parse_dmarc_report(dmarc_sample.substr(0, 700)).error(), Errc::malformed);
  for (const auto* count : {"-1", "many", "", "99999999999999999999999"})
    EXPECT_EQ(parse_dmarc_report(changed(dmarc_sample, "118", count)).error(), Errc::malformed) << count;
  EXPECT_TRUE(parse_dmarc_report(changed(dmarc_sample, "1767225600", "18446744073709551615"))) << "no overflow";
}

// ---- TLS

TEST(TlsReportJson, IsRead) {
  const auto report = parse_tls_report(tls_sample);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->organization, "Company-X");
  EXPECT_EQ(report->begins, "2016-04-01T00:00:00Z");
  ASSERT_EQ(report->policies.size(), 1U);
  const TlsPolicyReport& policy = report->policies[0];
  EXPECT_EQ(policy.type, "sts");
  EXPECT_EQ(policy.domain, "company-y.example");
  EXPECT_EQ(policy.successes, 5326U);
  EXPECT_EQ(policy.failures, 303U);
  ASSERT_EQ(policy.named.size(), 2U);
  EXPECT_EQ(policy.named[0], (TlsFailure{"certificate-expired", "mx1.mail.company-y.example", "", 100}));
}

TEST(TlsReportJson, ThatIsNoneIsRefused) {
  EXPECT_EQ(parse_tls_report("{}").error(), Errc::no_report);
  EXPECT_EQ(parse_tls_report("[]").error(), Errc::no_report);
  EXPECT_EQ(parse_tls_report(tls_sample.substr(0, 300)).error(), Errc::no_report);
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"5326", "\"5326\""},
                                                        {"5326", "-1"},
                                                        {"5326", "1.5"},
                                                        {"\"Company-X\"", "7"},
                                                        {"\"policies\": [{", "\"policies\": [1, {"},
                                                        {"{\"policy-type\"", "[\"policy-type\""}})
    EXPECT_FALSE(parse_tls_report(changed(tls_sample, from, to))) << to;
  EXPECT_EQ(parse_tls_report(std::string(100'000, '[')).error(), Errc::malformed) << "not by recursion";
  TlsReportLimits limits;
  limits.failures = 1;
  EXPECT_EQ(parse_tls_report(tls_sample, limits).error(), Errc::too_big);
}

// Its tree would take many times as much.
TEST(TlsReportJson, IsOfLimitedSize) {
  EXPECT_EQ(parse_tls_report(tls_sample + std::string(1 << 20, ' ')).error(), Errc::too_big);
}

// ---- complaints

TEST(FeedbackReportFields, AreRead) {
  const auto report = parse_feedback_report(feedback_sample);
  ASSERT_TRUE(report);
  EXPECT_EQ(*report, (FeedbackReport{"abuse", "SomeGenerator/1.0", "192.0.2.1", {"example.net", "other.example"}, 1}));
  EXPECT_EQ(parse_feedback_report(feedback_sample + "Incidents: 20\r\n")->incidents, 20U);
  EXPECT_EQ(parse_feedback_report(feedback_sample + "Incidents: x\r\n").error(), Errc::malformed);
  EXPECT_EQ(parse_feedback_report(changed(feedback_sample, "Version: 1", "Version: 2")).error(), Errc::malformed);
  EXPECT_EQ(parse_feedback_report("Version: 1\r\n").error(), Errc::malformed);
}

// ---- in messages

std::string mail(const std::string& type, const std::string& content) {
  return "From: noreply@big.example\r\nSubject: Report Domain: coop.example\r\nMIME-Version: 1.0\r\n"
         "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nA report.\r\n"
         "--b\r\nContent-Type: " +
         type + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" + text::write_base64_lines(content) + "--b--\r\n";
}

TEST(ReportMail, HoldsReports) {
  const auto dmarc = reports_in(mail("application/gzip", gzipped(dmarc_sample)));
  ASSERT_TRUE(dmarc) << dmarc.error().message();
  EXPECT_EQ(std::get<DmarcReport>(dmarc->at(0)).id, "17");
  const auto tls = reports_in(mail("application/tlsrpt+gzip", gzipped(tls_sample)));
  ASSERT_TRUE(tls) << tls.error().message();
  EXPECT_EQ(std::get<TlsReport>(tls->at(0)).policies.size(), 1U);
  const std::string complaint =
      "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; "
      "boundary=b\r\n\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\n" +
      feedback_sample + "\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" +
      mail("application/gzip", gzipped(dmarc_sample)) + "\r\n--b--\r\n";
  const auto abuse = reports_in(complaint);
  ASSERT_TRUE(abuse) << abuse.error().message();
  ASSERT_EQ(abuse->size(), 1U) << "what the complaint is about is no report to us";
  EXPECT_EQ(std::get<FeedbackReport>(abuse->at(0)).type, "abuse");
}

/// One message with a report many times.
std::string mail_of(std::size_t parts, const std::string& content) {
  std::string text = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (std::size_t i = 0; i < parts; ++i) {
    text += "--b\r\nContent-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
            text::write_base64_lines(content);
  }
  return text + "--b--\r\n";
}

TEST(ReportMail, OfManyPartsHasOneLimitForAll) {
  ReportMailLimits limits;
  limits.rows = 5;  // two are in each
  EXPECT_EQ(reports_in(mail_of(4, gzipped(dmarc_sample)), limits)->size(), 2U);
  limits = {};
  limits.archive.octets = 2 * dmarc_sample.size() + 100;
  EXPECT_EQ(reports_in(mail_of(4, gzipped(dmarc_sample)), limits)->size(), 2U);
}

TEST(ReportMail, WithoutAReportSaysSo) {
  EXPECT_EQ(reports_in("Subject: hello\r\n\r\nworld\r\n").error(), Errc::no_report);
  EXPECT_EQ(reports_in(mail("image/png", "PNG")).error(), Errc::no_report);
  EXPECT_EQ(reports_in(mail("application/gzip", gzipped(dmarc_sample).substr(0, 100))).error(), Errc::malformed);
  EXPECT_EQ(reports_in(mail("application/zip", gzipped(std::string(17 << 20, '\0')))).error(), Errc::too_big);
}

// ---- together

TEST(ReportSummary, AddsUpAndCountsARepeatedReportOnce) {
  Summary summary;
  const auto first = parse_report(gzipped(dmarc_sample)).value();
  EXPECT_TRUE(summary.add(first));
  EXPECT_FALSE(summary.add(first));
  EXPECT_TRUE(summary.add(parse_report(changed(dmarc_sample, "<report_id>17", "<report_id>18")).value()));
  EXPECT_TRUE(summary.add(parse_report(tls_sample).value()));
  EXPECT_TRUE(summary.add(Report(parse_feedback_report(feedback_sample).value())));
  EXPECT_TRUE(summary.add(Report(parse_feedback_report(feedback_sample).value()))) << "two may be alike";
  const auto& dmarc = summary.dmarc().at("coop.example");
  EXPECT_EQ(dmarc.passed, 236U);
  EXPECT_EQ(dmarc.failed, 4U);
  EXPECT_EQ(dmarc.sources.at("203.0.113.5").dispositions.at("quarantine"), 4U);
  const auto& tls = summary.tls().at({"company-y.example", "sts"});
  EXPECT_EQ(tls.failures, 303U);
  EXPECT_EQ(tls.named.at({"certificate-expired", "mx1.mail.company-y.example"}), 100U);
  EXPECT_EQ(summary.complaints().at("abuse"), 2U);
  EXPECT_EQ(summary.reports(), 5U);
}

TEST(ReportSummary, PutsTogetherWhatIsTooMuch) {
  DmarcReport report = parse_dmarc_report(dmarc_sample).value();
  const DmarcRow failed = report.rows[1];
  report.rows.clear();
  for (std::size_t i = 0; i < Summary::most_named + 7; ++i) {
    report.rows.push_back(failed);
    report.rows.back().source_address = std::to_string(i);
  }
  Summary summary;
  summary.add(report);
  const auto& sources = summary.dmarc().at("coop.example").sources;
  EXPECT_EQ(sources.size(), Summary::most_named + 1);
  EXPECT_EQ(sources.at("").messages, 7 * failed.messages);
}

}  // namespace
}  // namespace mailpod::reports
