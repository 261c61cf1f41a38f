#include <algorithm>

#include <mailpod/mailauth/examination.hpp>
#include <mailpod/text/cursor.hpp>

#include "ip_address.hpp"
#include "signature_tags.hpp"

namespace mailpod::mailauth {

namespace {

namespace octets = text::octets;

constexpr std::size_t longest_value = 253;                                                    // octets: a domain name
constexpr text::OctetSet token_octets = octets::vchar - text::OctetSet("()<>@,;:\\\"/[]?=");  // RFC 2045 §5.1
constexpr text::OctetSet quotable_octets = (octets::vchar | text::OctetSet(" ")) - text::OctetSet("\"\\");

/// As a token, or else quoted. RFC 8601 §2.2 `value`.
std::string value_text(std::string_view value) {
  value = value.substr(0, longest_value);
  const bool is_token = std::ranges::all_of(value, [](char octet) { return token_octets.contains(octet); });
  if (is_token && !value.empty()) return std::string(value);
  std::string quoted = "\"";
  for (const char octet : value) quoted += quotable_octets.contains(octet) ? octet : '?';
  return quoted + '"';
}

/// One method's result, a line of its own.
class Line {
public:
  Line(std::string_view method, std::string_view result) {
    out_.append(";\r\n\t").append(method).append("=").append(result);
  }
  Line& reason(std::string_view why) {
    if (!why.empty()) out_.append(" reason=").append(value_text(why));
    return *this;
  }
  /// `name`: ptype and property.
  Line& property(std::string_view name, std::string_view value) {
    if (!value.empty()) out_.append(" ").append(name).append("=").append(value_text(value));
    return *this;
  }
  const std::string& str() const { return out_; }

private:
  std::string out_;
};

/// RFC 5321 §4.1.3, in lower case.
bool is_address_literal(std::string_view text) {
  if (!text.starts_with('[') || !text.ends_with(']')) return false;
  text = text.substr(1, text.size() - 2);
  constexpr std::string_view v6("ipv6:");
  if (text.starts_with(v6)) text.remove_prefix(v6.size());
  return IpAddress::parse(text).has_value();
}

std::string spf_line(const Findings& findings) {
  const auto& domain = findings.spf.domain;
  Line line("spf", name_of(findings.spf.result));
  if (findings.spf_scope == Findings::SpfScope::mail_from) return line.property("smtp.mailfrom", domain).str();
  // HELO may be any words of the client's: of these only a name, or an address, is written down.
  return line.property("smtp.helo", is_address_literal(domain) ? domain : parse_signing_domain(domain)).str();
}

std::string dkim_line(const DkimVerdict& verdict) {
  return Line("dkim", name_of(verdict.result))
      .reason(verdict.reason)
      .property("header.d", verdict.domain)
      .property("header.s", verdict.selector)
      .property("header.a", verdict.algorithm)
      .property("header.b", verdict.signature_begin)
      .str();
}

std::string dmarc_line(const DmarcVerdict& verdict) {
  Line line("dmarc", name_of(verdict.result));
  line.property("header.from", verdict.from);
  if (verdict.result != DmarcResult::none) line.property("policy.dmarc", name_of(verdict.policy));
  return line.str();
}

std::string iprev_line(const IprevVerdict& verdict) {
  Line line("iprev", name_of(verdict.result));
  return line.property("policy.iprev", verdict.client).str();
}

}  // namespace

std::string write_authentication_results(std::string_view authserv_id, const Findings& findings) {
  std::string field = "Authentication-Results: " + value_text(authserv_id);
  field += spf_line(findings);
  for (const auto& verdict : findings.dkim) field += dkim_line(verdict);
  if (findings.dkim.empty()) field += Line("dkim", "none").str();
  // What DNS did not answer was not broken: a fail would be sealed, and nobody after us may mend it. RFC 8617 §5.1.
  if (!findings.arc.undecided) field += Line("arc", name_of(findings.arc.result)).reason(findings.arc.reason).str();
  field += dmarc_line(findings.dmarc);
  field += iprev_line(findings.iprev);
  return field + "\r\n";
}

}  // namespace mailpod::mailauth
