#include <mailpod/mailauth/spf.hpp>

#include <gtest/gtest.h>

#include "domain_name.hpp"
#include "ip_address.hpp"
#include "spf_macros.hpp"
#include "spf_record.hpp"
#include "told_dns.hpp"

namespace mailpod::mailauth {
namespace {

using Type = DnsQuestion::Type;

class Spf : public testing::Test {
protected:
  std::string check(const std::string& record, const std::string& client = "192.0.2.3") {
    ToldDns with = dns;
    with.txt("example.com", record);
    SpfQuery query;
    query.client = client;
    query.helo = helo;
    query.local_part = "strong-bad";
    query.domain = "example.com";
    asked = 0;
    return std::string(name_of(with.settle([&](DnsTable& table) {
                                     asked = table.size();
                                     return check_spf(query, table, Explain::no, limits);
                                   })
                                   .result));
  }

  ToldDns dns;
  SpfLimits limits;
  std::string helo = "mail.example.com";
  std::size_t asked = 0;  ///< questions
};

// RFC 7208 §7.4
TEST(SpfMacros, ExpandAsTheRfcShows) {
  SpfQuery query;
  query.local_part = "strong-bad";
  query.helo = "mail.example.com";
  const auto expand = [&](std::string_view text, const char* address = "192.0.2.3") {
    const auto client = IpAddress::parse(address).value();
    return expand_macros(
               text, {query, client, "email.example.com", "email.example.com", [] { return "mx.example.org"; }}, 1000)
        .value();
  };
  EXPECT_EQ(expand("%{s}"), "strong-bad@email.example.com");
  EXPECT_EQ(expand("%{o} %{d} %{d4} %{d3} %{d2} %{d1}"),
            "email.example.com email.example.com email.example.com email.example.com example.com com");
  EXPECT_EQ(expand("%{dr} %{d2r}"), "com.example.email example.email");
  EXPECT_EQ(expand("%{l} %{l-} %{lr} %{lr-} %{l1r-}"), "strong-bad strong.bad strong-bad bad.strong strong");
  EXPECT_EQ(expand("%{ir}.%{v}._spf.%{d2}"), "3.2.0.192.in-addr._spf.example.com");
  EXPECT_EQ(expand("%{lr-}.lp._spf.%{d2}"), "bad.strong.lp._spf.example.com");
  EXPECT_EQ(expand("%{ir}.%{v}._spf.%{d2}", "2001:db8::cb01"),
            "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6._spf.example.com");
  EXPECT_EQ(expand("%{p}%%%_%-%{h}"), "mx.example.org% %20mail.example.com");
  query.local_part = "a b/c";
  EXPECT_EQ(expand("%{L}"), "a%20b%2Fc");
}

TEST(SpfRecords, AreOneOrNone) {
  const auto record = parse_spf_record("V=spf1 a:b.example/24//64 ~ip6:2001:db8::/32 unknown=%{d} redirect=_spf.%{d2}");
  ASSERT_TRUE(record.has_value());
  ASSERT_EQ(record->directives.size(), 2U);
  EXPECT_EQ(record->directives[0].v4_prefix, 24U);
  EXPECT_EQ(record->directives[0].v6_prefix, 64U);
  EXPECT_EQ(record->directives[1].says, SpfResult::softfail);
  EXPECT_EQ(record->redirect, "_spf.%{d2}");
  for (const char* bad :
       {"v=spf10", "v=spf1 a:", "v=spf1 all.", "v=spf1 all:x.example", "v=spf1 ip4:1.2.3", "v=spf1 ip4:1.2.3.4/33",
        "v=spf1 ip4:1.2.3.4/032", "v=spf1 ip6:1.2.3.4", "v=spf1 ip4:::1", "v=spf1 include", "v=spf1 a:b.example//129",
        "v=spf1 exists:%{c}.example", "v=spf1 redirect=a.example redirect=b.example", "v=spf1 exp=%{d0}.example",
        "v=spf1 a:b.1", "v=spf1 -all\r\nX-Injected: y", "v=spf1 mx:\xC3\xBC.example"})
    EXPECT_FALSE(parse_spf_record(bad).has_value()) << bad;
}

TEST_F(Spf, TenTermsMayAskAndNoMore) {
  std::string record = "v=spf1";
  for (int i = 0; i < 10; ++i) {
    const std::string name = "a" + std::to_string(i) + ".example.com";
    dns.has(Type::a, name, "198.51.100.1");
    record += " a:" + name;
  }
  dns.has(Type::a, "last.example.com", "192.0.2.3");
  EXPECT_EQ(check(record + " ip4:192.0.2.3 -all"), "pass");
  EXPECT_EQ(check(record + " a:last.example.com -all"), "permerror");
}

TEST_F(Spf, TwoTermsMayLeadToNothing) {
  EXPECT_EQ(check("v=spf1 a:x.example exists:y.example ip4:192.0.2.3 -all"), "pass");
  EXPECT_EQ(check("v=spf1 a:x.example exists:y.example mx:z.example ip4:192.0.2.3 -all"), "permerror");
}

TEST_F(Spf, CirclesAndBombsEnd) {
  EXPECT_EQ(check("v=spf1 include:example.com -all"), "permerror");
  EXPECT_EQ(check("v=spf1 redirect=example.com"), "permerror");
  dns.txt("b.example", "v=spf1 include:c.example include:c.example");
  dns.txt("c.example", "v=spf1 include:b.example include:b.example");
  EXPECT_EQ(check("v=spf1 include:b.example include:c.example"), "permerror");
  EXPECT_LE(asked, 5U);
  for (int i = 0; i < 100; ++i) dns.has(Type::mx, "many.example", "m" + std::to_string(i) + ".many.example");
  EXPECT_EQ(check("v=spf1 mx:many.example -all"), "permerror");
  EXPECT_LE(asked, 2U);
  for (int i = 0; i < 100; ++i) dns.has(Type::ptr, "192.0.2.3", "p" + std::to_string(i) + ".example.com");
  EXPECT_EQ(check("v=spf1 ptr -all"), "fail");
  EXPECT_LE(asked, 12U);
  std::string bomb = "v=spf1 exists:";
  for (int i = 0; i < 1000; ++i) bomb += "%{s}";
  EXPECT_EQ(check(bomb + ".%{d} -all"), "fail");
}

TEST_F(Spf, ALongRecordCostsNoMoreThanItsLength) {
  std::string record = "v=spf1 exists:";
  while (record.size() < 64UL * 1024) record += "%{h}";
  EXPECT_EQ(check(record + " -all"), "permerror");
  std::string name;
  while (name.size() < 1'000'000) name += "a.";
  EXPECT_EQ(shortened(name + "example.com"), name.substr(0, 242) + "example.com");
  EXPECT_EQ(shortened(std::string(254, 'a')), "");
  EXPECT_EQ(shortened(std::string(252, 'a') + "."), std::string(252, 'a'));
  EXPECT_EQ(shortened("b." + std::string(253, 'a')), std::string(253, 'a'));
}

TEST_F(Spf, WhatMacrosComeToIsBounded) {
  std::string record = "v=spf1 exists:";
  while (record.size() < 4000) record += "%{h}";
  record += " -all";
  helo = "a.a";
  EXPECT_EQ(check(record), "fail") << "the name has no address";
  while (helo.size() < 250) helo += ".a";
  EXPECT_EQ(check(record), "permerror");
}

TEST_F(Spf, TheNameOfTheClientIsLookedForOnce) {
  for (int i = 0; i < 10; ++i) {
    const std::string name = "p" + std::to_string(i) + ".example.net";
    dns.has(Type::ptr, "192.0.2.3", name).has(Type::a, name, "198.51.100.1");
  }
  std::string record = "v=spf1 exists:";
  for (int i = 0; i < 1000; ++i) record += "%{p}";
  limits.steps = 60;
  EXPECT_EQ(check(record + " -all"), "fail");
}

TEST_F(Spf, AnEvaluationThatTakesTooManyStepsOrTooLongEnds) {
  for (int i = 0; i < 200; ++i) dns.has(Type::a, "many.example", "198.51.100." + std::to_string(i));
  EXPECT_EQ(check("v=spf1 a:many.example -all"), "fail");
  limits.steps = 100;
  EXPECT_EQ(check("v=spf1 a:many.example -all"), "permerror");
  limits.time_is_up = [left = 50]() mutable { return --left < 0; };
  EXPECT_EQ(check("v=spf1 a:many.example -all"), "temperror");
}

TEST_F(Spf, AClientOfEitherFamilyIsFound) {
  EXPECT_EQ(check("v=spf1 ip4:192.0.2.0/24 -all", "::ffff:192.0.2.77"), "pass");
  EXPECT_EQ(check("v=spf1 ip6:2001:db8::/33 -all", "2001:db8:7fff::1"), "pass");
  EXPECT_EQ(check("v=spf1 ip6:2001:db8::/33 -all", "2001:db8:8000::1"), "fail");
  EXPECT_EQ(check("v=spf1 ip4:0.0.0.0/0 -all", "2001:db8::1"), "fail");
  EXPECT_EQ(check("v=spf1 +all", "no address"), "none");
}

TEST_F(Spf, StrangersWordsAreFetchedOnlyWhereTheyAreShown) {
  dns.txt("example.com", "v=spf1 -all exp=why.example.com").txt("why.example.com", "%{i} may not\x07");
  SpfQuery query;
  query.client = "192.0.2.3";
  query.domain = "example.com";
  const auto verdict = [&](Explain explain) {
    return dns.settle([&](DnsTable& table) {
      asked = table.size();
      return check_spf(query, table, explain);
    });
  };
  EXPECT_EQ(verdict(Explain::no).explanation, "");
  EXPECT_EQ(asked, 1U);
  EXPECT_EQ(verdict(Explain::yes).explanation, "") << "a control character";
  EXPECT_EQ(asked, 2U);
}

}  // namespace
}  // namespace mailpod::mailauth
