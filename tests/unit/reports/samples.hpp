#pragma once

#include <string>

namespace mailpod::reports {

/// As RFC 7489 Appendix C has it, and large providers send it.
inline const std::string dmarc_sample = R"(<?xml version="1.0" encoding="UTF-8" ?>
<feedback>
  <version>1.0</version>
  <report_metadata>
    <org_name>big.example</org_name>
    <email>noreply@big.example</email>
    <report_id>17</report_id>
    <date_range><begin>1767225600</begin><end>1767311999</end></date_range>
  </report_metadata>
  <policy_published>
    <domain>coop.example</domain><adkim>r</adkim><aspf>r</aspf><p>quarantine</p><sp>none</sp>
  </policy_published>
  <record>
    <row>
      <source_ip>192.0.2.10</source_ip><count>118</count>
      <policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated>
    </row>
    <identifiers><header_from>coop.example</header_from></identifiers>
    <auth_results><dkim><domain>coop.example</domain><result>pass</result></dkim></auth_results>
  </record>
  <record>
    <row>
      <source_ip>203.0.113.5</source_ip><count>2</count>
      <policy_evaluated><disposition>quarantine</disposition><dkim>fail</dkim><spf>fail</spf></policy_evaluated>
    </row>
    <identifiers><header_from>coop.example</header_from></identifiers>
  </record>
</feedback>
)";

/// RFC 8460 Appendix B, shortened.
inline const std::string tls_sample = R"({
  "organization-name": "Company-X",
  "date-range": {"start-datetime": "2016-04-01T00:00:00Z", "end-datetime": "2016-04-01T23:59:59Z"},
  "contact-info": "sts-reporting@company-x.example",
  "report-id": "5065427c-23d3-47ca-b6e0-946ea0e8c4be",
  "policies": [{
    "policy": {"policy-type": "sts", "policy-string": ["version: STSv1","mode: testing"],
               "policy-domain": "company-y.example", "mx-host": ["*.mail.company-y.example"]},
    "summary": {"total-successful-session-count": 5326, "total-failure-session-count": 303},
    "failure-details": [{"result-type": "certificate-expired", "sending-mta-ip": "2001:db8:abcd:0012::1",
                         "receiving-mx-hostname": "mx1.mail.company-y.example", "failed-session-count": 100},
                        {"result-type": "starttls-not-supported", "receiving-ip": "203.0.113.56",
                         "receiving-mx-hostname": "mx2.mail.company-y.example", "failed-session-count": 200}]
  }]
})";

inline const std::string feedback_sample =
    "Feedback-Type: abuse\r\nUser-Agent: SomeGenerator/1.0\r\nVersion: 1\r\nSource-IP: 192.0.2.1\r\n"
    "Reported-Domain: example.net\r\nReported-Domain: other.example\r\nOriginal-Mail-From: "
    "<somespammer@example.net>\r\n";

}  // namespace mailpod::reports
