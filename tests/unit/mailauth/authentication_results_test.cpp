#include <gtest/gtest.h>

#include <mailpod/mailauth/examination.hpp>
#include <mailpod/message/header_edit.hpp>

#include "told_dns.hpp"

namespace mailpod::mailauth {
namespace {

using Type = DnsQuestion::Type;

Findings some_findings() {
  Findings findings;
  findings.spf = {SpfResult::pass, "bounces.example.com", ""};
  findings.dkim = {{DkimResult::pass, "example.com", "s1", "rsa-sha256", "F45dVW/f", ""},
                   {DkimResult::fail, "list.example", "k", "ed25519-sha256", "gCrinpcQ", "the body was changed"}};
  findings.dmarc = {DmarcResult::pass, "example.com", DmarcPolicy::reject};
  findings.iprev = {IprevVerdict::Result::pass, "2001:db8::1", "mail.example.com"};
  return findings;
}

TEST(AuthenticationResults, SayEachMethodOnALineOfItsOwn) {
  EXPECT_EQ(write_authentication_results("mx.pod.example", some_findings()),
            "Authentication-Results: mx.pod.example;\r\n"
            "\tspf=pass smtp.mailfrom=bounces.example.com;\r\n"
            "\tdkim=pass header.d=example.com header.s=s1 header.a=rsa-sha256 header.b=\"F45dVW/f\";\r\n"
            "\tdkim=fail reason=\"the body was changed\" header.d=list.example header.s=k header.a=ed25519-sha256"
            " header.b=gCrinpcQ;\r\n"
            "\tarc=none;\r\n"
            "\tdmarc=pass header.from=example.com policy.dmarc=reject;\r\n"
            "\tiprev=pass policy.iprev=\"2001:db8::1\"\r\n");
}

TEST(AuthenticationResults, SayWhereThereIsNothing) {
  Findings findings;
  findings.spf.domain = "[192.0.2.1]";
  findings.spf_scope = Findings::SpfScope::helo;
  EXPECT_EQ(write_authentication_results("mx.pod.example", findings),
            "Authentication-Results: mx.pod.example;\r\n"
            "\tspf=none smtp.helo=\"[192.0.2.1]\";\r\n"
            "\tdkim=none;\r\n"
            "\tarc=none;\r\n"
            "\tdmarc=none;\r\n"
            "\tiprev=permerror\r\n");
}

TEST(AuthenticationResults, SayWhatAClientCallsItselfOnlyIfThatIsANameOrAnAddress) {
  const auto helo = [](const char* said) {
    Findings findings;
    findings.spf = {SpfResult::none, said, ""};
    findings.spf_scope = Findings::SpfScope::helo;
    const auto field = write_authentication_results("mx.pod.example", findings);
    const auto line = field.substr(field.find("\tspf"));
    return line.substr(0, line.find(";\r\n"));
  };
  EXPECT_EQ(helo("mail.example.com"), "\tspf=none smtp.helo=mail.example.com");
  EXPECT_EQ(helo("[ipv6:2001:db8::1]"), "\tspf=none smtp.helo=\"[ipv6:2001:db8::1]\"");
  for (const char* words : {"x;arc=pass;y", "[", "[]", "[x;arc=pass]", "localhost", "a b.example", "mail..example"})
    EXPECT_EQ(helo(words), "\tspf=none") << words;
}

TEST(AuthenticationResults, LetNobodyWriteFields) {
  for (const std::string& octets : std::vector<std::string>{"a\r\nSubject: forged", "a; dmarc=pass", "a\"; dmarc=pass",
                                                            std::string("a\0b", 3), "a\\", "\xC3\xBC", "(", ""}) {
    Findings findings = some_findings();
    findings.spf.domain = octets;
    const auto field = write_authentication_results("mx.pod.example", findings);
    const auto line = field.substr(field.find('\t'), field.find("\r\n\tdkim") - field.find('\t'));
    for (const char octet : line) EXPECT_TRUE(octet == '\t' || (octet >= ' ' && octet <= '~')) << octets;
    EXPECT_TRUE(line.starts_with(octets.empty() ? "\tspf=pass" : "\tspf=pass smtp.mailfrom=\"")) << line;
    EXPECT_EQ(std::ranges::count(line, '"'), octets.empty() ? 0 : 2) << line;
    EXPECT_EQ(line.find('\\'), std::string::npos);
    message::HeaderEdit edit;
    edit.forged_authserv_id = "MX.pod.example";
    EXPECT_EQ(edit.apply(field + "From: x\r\n\r\n").value(), "From: x\r\n\r\n") << "known as ours again";
  }
}

TEST(Iprev, IsANameThatLeadsBack) {
  ToldDns dns;
  dns.has(Type::ptr, "192.0.2.1", "other.example").has(Type::ptr, "192.0.2.1", "mail.example.com");
  dns.has(Type::a, "mail.example.com", "192.0.2.1").has(Type::a, "other.example", "192.0.2.9");
  const auto check = [&](const char* client) {
    return dns.settle([&](DnsTable& table) { return check_iprev(client, table); });
  };
  EXPECT_EQ(check("192.0.2.1").result, IprevVerdict::Result::pass);
  EXPECT_EQ(check("192.0.2.1").name, "mail.example.com");
  EXPECT_EQ(check("::ffff:192.0.2.1").name, "mail.example.com");
  EXPECT_EQ(check("192.0.2.2").result, IprevVerdict::Result::permerror);
  dns.has(Type::ptr, "192.0.2.3", "other.example");
  EXPECT_EQ(check("192.0.2.3").result, IprevVerdict::Result::fail);
  dns.has(Type::ptr, "192.0.2.4", "silent.example").fails("silent.example");
  EXPECT_EQ(check("192.0.2.4").result, IprevVerdict::Result::temperror);
  EXPECT_EQ(check("").result, IprevVerdict::Result::permerror);
}

}  // namespace
}  // namespace mailpod::mailauth
