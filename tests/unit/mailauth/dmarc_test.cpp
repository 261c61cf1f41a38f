#include <mailpod/mailauth/dmarc.hpp>

#include <gtest/gtest.h>

#include "told_dns.hpp"

namespace mailpod::mailauth {
namespace {

class Dmarc : public testing::Test {
protected:
  /// A message of `from` whose signature, or server, is that of `by`.
  DmarcVerdict signed_by(const std::string& by, const std::string& from) {
    const SpfVerdict spf;
    const std::vector<DkimVerdict> dkim{{DkimResult::pass, by, "s", "rsa-sha256", "", ""}};
    return dns.settle([&](DnsTable& table) { return check_dmarc({from, spf, dkim}, table); });
  }
  DmarcVerdict sent_by(SpfResult result, const std::string& by, const std::string& from) {
    const SpfVerdict spf{result, by, ""};
    return dns.settle([&](DnsTable& table) { return check_dmarc({from, spf, {}}, table); });
  }
  DmarcVerdict unsigned_of(const std::string& from) { return sent_by(SpfResult::none, "elsewhere.example", from); }

  ToldDns dns;
};

using enum DmarcResult;

TEST_F(Dmarc, RecordsAreReadAsBothRfcsHaveThem) {
  const auto record = parse_dmarc_record("v=DMARC1; p=reject; sp=quarantine; np=reject; adkim=s; aspf=r; psd=n; t=y");
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->policy, DmarcPolicy::reject);
  EXPECT_EQ(record->subdomains, DmarcPolicy::quarantine);
  EXPECT_EQ(record->nonexistent, DmarcPolicy::reject);
  EXPECT_EQ(record->dkim, DmarcRecord::Alignment::strict);
  EXPECT_EQ(record->spf, DmarcRecord::Alignment::relaxed);
  EXPECT_EQ(record->public_suffix, DmarcRecord::PublicSuffix::no);
  EXPECT_TRUE(record->testing);
  const auto old = parse_dmarc_record("v=DMARC1;p=none;pct=50;rf=afrf;ri=86400;fo=1:d;rua=mailto:a@b.example!10m;");
  ASSERT_TRUE(old.has_value());
  EXPECT_FALSE(old->testing);
  EXPECT_TRUE(parse_dmarc_record("v=DMARC1; p=reject; pct=0")->testing);
  EXPECT_TRUE(parse_dmarc_record("v=DMARC1; p=Reject").has_value());
  EXPECT_EQ(parse_dmarc_record("v=DMARC1; p=nonsense; rua=mailto:a@b.example")->policy, DmarcPolicy::none);
  for (const char* none : {"", "v=DMARC1", "v=DMARC1; p=nonsense", "p=reject; v=DMARC1", "v=dmarc1; p=reject",
                           "v=DMARC10; p=reject", "x; v=DMARC1; p=reject", "v=DMARC1; p=reject\r\nX: y", ";"})
    EXPECT_FALSE(parse_dmarc_record(none).has_value()) << none;
}

TEST_F(Dmarc, AFaultBehindThePolicyTakesNothingFromIt) {
  for (const char* record :
       {"v=DMARC1; p=reject;; rua=mailto:r@example.com", "v=DMARC1; p=reject; rua=mailto:b\xC3\xBC@example.com",
        "v=DMARC1; p=reject; p=none", "v=DMARC1;p=reject;nonsense;=;1=2;", "v = DMARC1 ; p = reject"}) {
    const auto read = parse_dmarc_record(record);
    ASSERT_TRUE(read.has_value()) << record;
    EXPECT_EQ(read->policy, DmarcPolicy::reject) << record;
  }
}

TEST_F(Dmarc, PassesWhatTheDomainSignedOrSent) {
  dns.txt("_dmarc.example.com", "v=DMARC1; p=reject");
  EXPECT_EQ(signed_by("example.com", "example.com").result, pass);
  EXPECT_EQ(signed_by("mail.example.com", "example.com").result, pass);
  EXPECT_EQ(signed_by("example.com", "news.EXAMPLE.com").result, pass);
  EXPECT_EQ(signed_by("other.example.com", "news.example.com").result, pass);
  EXPECT_EQ(sent_by(SpfResult::pass, "bounces.example.com", "example.com").result, pass);
  EXPECT_EQ(sent_by(SpfResult::softfail, "example.com", "example.com").result, fail);
  EXPECT_EQ(signed_by("example.org", "example.com").result, fail);
  EXPECT_EQ(signed_by("com", "example.com").result, fail) << "a public suffix";
  EXPECT_EQ(signed_by("notexample.com", "example.com").result, fail);
  EXPECT_EQ(signed_by("example.com.evil.example", "example.com").result, fail);
  EXPECT_EQ(unsigned_of("example.com").result, fail);
  EXPECT_EQ(unsigned_of("example.com").policy, DmarcPolicy::reject);
}

TEST_F(Dmarc, OnlyAPassCounts) {
  dns.txt("_dmarc.example.com", "v=DMARC1; p=reject");
  const SpfVerdict spf;
  for (const auto result :
       {DkimResult::none, DkimResult::fail, DkimResult::policy, DkimResult::neutral, DkimResult::permerror}) {
    const std::vector<DkimVerdict> dkim{{result, "example.com", "s", "", "", ""}};
    const auto verdict = dns.settle([&](DnsTable& table) { return check_dmarc({"example.com", spf, dkim}, table); });
    EXPECT_EQ(verdict.result, fail) << name_of(result);
  }
}

TEST_F(Dmarc, StrictAlignmentWantsTheVeryName) {
  dns.txt("_dmarc.example.com", "v=DMARC1; p=reject; adkim=s; aspf=s");
  EXPECT_EQ(signed_by("example.com", "example.com").result, pass);
  EXPECT_EQ(signed_by("mail.example.com", "example.com").result, fail);
  EXPECT_EQ(sent_by(SpfResult::pass, "mail.example.com", "example.com").result, fail);
}

// RFC 9989 §4.10.2
TEST_F(Dmarc, TheTreeSaysWhoBelongsTogether) {
  dns.txt("_dmarc.example", "v=DMARC1; p=none; psd=y");
  dns.txt("_dmarc.giant.bank.example", "v=DMARC1; p=reject; psd=n");
  dns.txt("_dmarc.bank.example", "v=DMARC1; p=quarantine");
  EXPECT_EQ(signed_by("small.example", "large.example").result, fail) << "two domains below a public suffix";
  EXPECT_EQ(signed_by("a.bank.example", "b.bank.example").result, pass);
  EXPECT_EQ(signed_by("bank.example", "giant.bank.example").result, fail) << "psd=n: an organization of its own";
  EXPECT_EQ(signed_by("x.giant.bank.example", "y.giant.bank.example").result, pass);
  EXPECT_EQ(signed_by("giant.bank.example", "bank.example").result, fail);
}

TEST_F(Dmarc, AsksAtMostEightTimesHoweverLongTheNameIs) {
  std::string name = "example.com";
  for (int i = 0; i < 40; ++i) name.insert(0, "a.");
  dns.txt("_dmarc.example.com", "v=DMARC1; p=reject");
  std::size_t asked = 0;
  const SpfVerdict spf;
  const auto verdict = dns.settle([&](DnsTable& table) {
    asked = table.size();
    return check_dmarc({name, spf, {}}, table);
  });
  EXPECT_EQ(verdict.policy, DmarcPolicy::reject);
  EXPECT_EQ(asked, 8U);
}

TEST_F(Dmarc, PoliciesOfSubdomainsAndOfNamesThatDoNotExist) {
  dns.txt("_dmarc.example.com", "v=DMARC1; p=reject; sp=none; np=quarantine");
  dns.txt("_dmarc.own.example.com", "v=DMARC1; p=quarantine");
  dns.exists("news.example.com");
  dns.exists("own.example.com");
  EXPECT_EQ(unsigned_of("example.com").policy, DmarcPolicy::reject);
  EXPECT_EQ(unsigned_of("news.example.com").policy, DmarcPolicy::none);
  EXPECT_EQ(unsigned_of("nothing.example.com").policy, DmarcPolicy::quarantine);
  EXPECT_EQ(unsigned_of("own.example.com").policy, DmarcPolicy::quarantine);
}

TEST_F(Dmarc, WhoTestsIsMetOneStepMilder) {
  dns.txt("_dmarc.a.example", "v=DMARC1; p=reject; t=y");
  dns.txt("_dmarc.b.example", "v=DMARC1; p=quarantine; t=y");
  EXPECT_EQ(unsigned_of("a.example").policy, DmarcPolicy::quarantine);
  EXPECT_EQ(unsigned_of("b.example").policy, DmarcPolicy::none);
}

TEST_F(Dmarc, WithoutARecordThereIsNoAnswer) {
  dns.txt("_dmarc.twice.example", "v=DMARC1; p=reject").txt("_dmarc.twice.example", "v=DMARC1; p=reject");
  dns.txt("_dmarc.other.example", "v=spf1 -all");
  for (const char* from : {"nothing.example", "twice.example", "other.example", "localhost"}) {
    EXPECT_EQ(unsigned_of(from).result, none) << from;
  }
  EXPECT_EQ(unsigned_of("b\xC3\xBC"
                        "cher.example")
                .from,
            "xn--bcher-kva.example");
}

TEST_F(Dmarc, ADomainThatDnsCannotHaveIsAnError) {
  for (const char* from : {"[192.0.2.1]", "", "two words.example", "a..example", "bad\r\n.example", "example.com'",
                           "=?utf-8?Q?example.com?=", "example.com\xE2\x80\x8E", "loc'host"}) {
    EXPECT_EQ(unsigned_of(from).result, permerror) << from;
    EXPECT_EQ(unsigned_of(from).from, "") << from;
  }
}

TEST_F(Dmarc, WhatDnsDoesNotSayIsNotDecided) {
  dns.fails("_dmarc.silent.example");
  EXPECT_EQ(unsigned_of("silent.example").result, temperror);
  EXPECT_EQ(unsigned_of("silent.example").policy, DmarcPolicy::none);
  dns.txt("_dmarc.example.com", "v=DMARC1; p=reject");
  EXPECT_EQ(sent_by(SpfResult::temperror, "example.com", "example.com").result, temperror);
  EXPECT_EQ(sent_by(SpfResult::temperror, "example.com", "example.com").policy, DmarcPolicy::reject);
  EXPECT_EQ(sent_by(SpfResult::temperror, "evil.example", "example.com").result, fail) << "it could not have helped";
  dns.fails("_dmarc.com");
  EXPECT_EQ(signed_by("example.com", "example.com").result, pass) << "the very name needs no tree";
}

TEST_F(Dmarc, WhatDependsOnAParentThatDoesNotAnswerIsUndecided) {
  dns.txt("_dmarc.news.example.com", "v=DMARC1; p=reject");
  EXPECT_EQ(signed_by("example.com", "news.example.com").result, fail) << "there is no record above";
  dns.fails("_dmarc.example.com");
  EXPECT_EQ(signed_by("example.com", "news.example.com").result, temperror);
  EXPECT_EQ(signed_by("example.com", "news.example.com").policy, DmarcPolicy::reject);
  EXPECT_EQ(sent_by(SpfResult::pass, "bounces.example.com", "news.example.com").result, temperror);
  EXPECT_EQ(signed_by("evil.com", "news.example.com").result, fail) << "it is nobody's parent's";
  EXPECT_EQ(signed_by("news.example.com", "news.example.com").result, pass);
  dns.txt("_dmarc.strict.example.com", "v=DMARC1; p=reject; adkim=s");
  EXPECT_EQ(signed_by("example.com", "strict.example.com").result, fail) << "no parent is asked for";
}

}  // namespace
}  // namespace mailpod::mailauth
