#include <mailpod/mailauth/dkim_verification.hpp>

#include <gtest/gtest.h>

#include <mailpod/mailauth/canonical.hpp>
#include <mailpod/mailauth/dkim_key.hpp>
#include <mailpod/mailauth/tag_list.hpp>
#include <mailpod/text/base64.hpp>
#include <simulation/entropy.hpp>

#include "header_fields.hpp"
#include "rfc_examples.hpp"
#include "told_dns.hpp"

namespace mailpod::mailauth {
namespace {

using namespace std::chrono_literals;

const base::Time now = base::from_seconds(1'528'640'000);

std::string decoded(std::string_view base64) {
  return text::parse_base64(without_white_space(base64)).value();
}

/// What a signer writes into the field, but for h=, bh= and b=.
struct Said {
  std::string tags = "v=1; a=rsa-sha256; c=relaxed/relaxed; d=football.example.com; s=test";
  std::string names = "from:to:subject";
  std::string more{};  ///< tags behind those
};

class DkimVerificationTest : public testing::Test {
protected:
  DkimVerificationTest() {
    dns.txt("test._domainkey.football.example.com", examples::test_record);
    dns.txt("brisbane._domainkey.football.example.com", examples::ed25519_record);
  }

  DkimKey rsa() { return DkimKey::parse(Algorithm::rsa_sha256, decoded(examples::test_secret), arena).value(); }

  /// A DKIM-Signature field for the dinner, as a signer makes one who may say what they like.
  std::string sign(const DkimKey& key, const Said& said) {
    constexpr auto how = Canonicalization::relaxed;
    std::vector<std::string> names;
    text::Cursor in(said.names);
    do {
      names.emplace_back(in.take_until(text::OctetSet(":")));
    } while (in.take(':'));
    const base::MemorySource body(examples::dinner_body);
    std::string field = "DKIM-Signature: " + said.tags + "; h=" + said.names +
                        "; bh=" + text::write_base64(base::octets(hash_body(body, 0, how))) + said.more + "; b=";
    std::string octets = canonical_fields(split_header(examples::dinner_header), names, how);
    octets += canonical_field(how, field);
    octets.resize(octets.size() - 2);
    return field + text::write_base64(key.sign(octets)) + "\r\n";
  }
  std::string sign(const Said& said) { return sign(rsa(), said); }

  std::vector<DkimVerdict> verify(std::string_view message, std::size_t step = SIZE_MAX,
                                  const DkimVerification::Settings& settings = {}) const {
    DkimVerification verification(settings);
    while (!message.empty()) {
      const auto piece = message.substr(0, step);
      verification.update(piece);
      message.remove_prefix(piece.size());
    }
    verification.finish();
    return dns.settle([&](DnsTable& table) { return verification.verdicts(table, now); });
  }
  DkimVerdict verify_one(const std::string& field) const {
    const auto all = verify(field + examples::dinner_header + examples::dinner_body);
    return all.size() == 1 ? all.front() : DkimVerdict();
  }
  std::string result_of(const Said& said) {
    const auto verdict = verify_one(sign(said));
    return std::string(name_of(verdict.result)) + (verdict.reason.empty() ? "" : ": " + verdict.reason);
  }

  ToldDns dns;
  crypto::KeyArena arena;
};

// RFC 8463 Appendix A.3
TEST_F(DkimVerificationTest, TheRfcsExampleHoldsHoweverItIsCut) {
  const std::string message =
      examples::ed25519_field + examples::rsa_field + examples::dinner_header + examples::dinner_body;
  for (const std::size_t step : {SIZE_MAX, std::size_t{1}, std::size_t{7}, std::size_t{100}}) {
    const auto all = verify(message, step);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].result, DkimResult::pass) << all[0].reason;
    EXPECT_EQ(all[1].result, DkimResult::pass) << all[1].reason;
    EXPECT_EQ(all[0].algorithm, "ed25519-sha256");
    EXPECT_EQ(all[1].domain, "football.example.com");
    EXPECT_EQ(all[1].selector, "test");
    EXPECT_EQ(all[1].signature_begin, "F45dVWDf");
  }
}

TEST_F(DkimVerificationTest, WhatWasChangedFails) {
  const std::string message = examples::rsa_field + examples::dinner_header + examples::dinner_body;
  const auto result_with = [&](const std::string& what, const std::string& by) {
    std::string changed = message;
    changed.replace(changed.find(what), what.size(), by);
    const auto all = verify(changed);
    return all.size() == 1 ? all.front().reason : "not one";
  };
  EXPECT_EQ(result_with("lost", "won"), "the body was changed");
  EXPECT_EQ(result_with("Joe.\r\n", "Joe.\r\nP.S. Buy.\r\n"), "the body was changed");
  EXPECT_EQ(result_with("dinner ready", "supper ready"), "the signature does not hold");
  EXPECT_EQ(result_with("Subject:", "Subject: another\r\nSubject:"), "the signature does not hold")
      << "h= names it once more than it occurs";
  EXPECT_EQ(result_with("b=F45", "b=G45"), "the signature does not hold");
  EXPECT_EQ(result_with("Joe.\r\n", "Joe. \r\n\r\n\r\n"), "") << "relaxed";
  EXPECT_EQ(result_with("DKIM-Signature", "Received: x\r\nDKIM-Signature"), "");
}

TEST_F(DkimVerificationTest, WhatSaysTooLittleOrTooMuchIsNoPass) {
  EXPECT_EQ(result_of({}), "pass");
  EXPECT_EQ(result_of({.more = "; l=10"}), "policy: l= leaves a part of the body unsigned");
  EXPECT_EQ(result_of({.names = "to:subject"}), "permerror: From is not signed");
  EXPECT_EQ(result_of({.more = "; x=1528630000"}), "policy: expired");
  EXPECT_EQ(result_of({.more = "; t=1528640601"}), "policy: made in the future");
  EXPECT_EQ(result_of({.more = "; t=1528640600; x=99999999999999999999"}), "pass") << "a clock may be a little fast";
  EXPECT_EQ(result_of({.more = "; t=20; x=10"}), "permerror: x= is not after t=");
  EXPECT_EQ(result_of({.more = "; i=@football.example.net"}), "permerror: i= is not of the signing domain");
  EXPECT_EQ(result_of({.more = "; i=joe@mail.football.example.com"}), "pass");
  EXPECT_EQ(result_of({.more = "; q=dns/other"}), "permerror: unknown query method");
  EXPECT_EQ(result_of({.more = "; d=football.example.com"}), "permerror: malformed signature field") << "a tag twice";
  const auto with = [&](const std::string& tags) { return result_of({.tags = tags}); };
  EXPECT_EQ(with("v=1; a=rsa-sha1; d=football.example.com; s=test"), "permerror: unsupported algorithm");
  EXPECT_EQ(with("v=2; a=rsa-sha256; d=football.example.com; s=test"), "permerror: unknown version");
  EXPECT_EQ(with("v=1; a=rsa-sha256; d=com; s=test"), "permerror: malformed d=");
  EXPECT_EQ(with("v=1; a=rsa-sha256; d=foot(ball.example.com; s=test"), "permerror: malformed d=");
  EXPECT_EQ(with("v=1; a=rsa-sha256; d=football.example.com; s=te..st"), "permerror: malformed s=");
  EXPECT_EQ(with("v=1; a=ed25519-sha256; d=football.example.com; s=test"),
            "permerror: the key is for another algorithm");
}

TEST_F(DkimVerificationTest, TheKeySaysWhatItIsGoodFor) {
  const std::string p = examples::test_record.substr(examples::test_record.find("p="));
  const auto with = [&](const std::vector<std::string>& records, const std::string& more = "") {
    ToldDns told;
    for (const auto& record : records) told.txt("test._domainkey.football.example.com", record);
    dns = told;
    return result_of({.more = more});
  };
  EXPECT_EQ(with({p}), "pass") << "nothing but the key";
  EXPECT_EQ(with({"v=DKIM1; h=sha1:sha256; s=email; n=words; " + p}), "pass");
  EXPECT_EQ(with({"v=spf1 -all", p}), "pass") << "what is no key does not count";
  EXPECT_EQ(with({p, p}), "permerror: more than one key");
  EXPECT_EQ(with({}), "permerror: no key");
  EXPECT_EQ(with({"v=DKIM1; p="}), "permerror: the key is revoked");
  EXPECT_EQ(with({"v=DKIM2; " + p}), "permerror: no key");
  EXPECT_EQ(with({"h=sha1; " + p}), "permerror: no key");
  EXPECT_EQ(with({"s=tlsrpt; " + p}), "permerror: no key");
  EXPECT_EQ(with({"k=ed25519; " + p}), "permerror: no key");
  EXPECT_EQ(with({"p=AAAA"}), "permerror: no key");
  EXPECT_EQ(with({"t=s; " + p}, "; i=@mail.football.example.com"), "permerror: i= is below the signing domain");
  EXPECT_EQ(with({"t=y; " + p}), "pass");
  EXPECT_EQ(with({examples::brisbane_record}), "fail: the signature does not hold");
  EXPECT_EQ(with({examples::brisbane_record + "; t=y"}), "neutral: the signature does not hold");
  EXPECT_EQ(with({p + '\0'}), "permerror: no key");
  EXPECT_EQ(with({p + "\r\nX: y"}), "permerror: no key");
}

// RFC 8301 §3.2, and errata of RFC 6376 §3.6.1: a key may come without its envelope.
TEST_F(DkimVerificationTest, KeysAreLongEnoughAndComeInTwoForms) {
  const auto weak = DkimKey::parse(Algorithm::rsa_sha256, crypto::RsaKey::generate(768).secret(), arena).value();
  dns.txt("weak._domainkey.football.example.com", weak.record());
  const Said by_weak{.tags = "v=1; a=rsa-sha256; c=relaxed/relaxed; d=football.example.com; s=weak"};
  EXPECT_EQ(verify_one(sign(weak, by_weak)).reason, "the key is too short");
  EXPECT_EQ(verify_one(sign(weak, by_weak)).result, DkimResult::policy);

  const std::string envelope = decoded(examples::test_record.substr(examples::test_record.find("p=") + 2));
  const std::string bare = envelope.substr(envelope.size() - 140);
  ASSERT_EQ(bare.substr(0, 2), "\x30\x81") << "RSAPublicKey";
  dns.txt("bare._domainkey.football.example.com", "p=" + text::write_base64(bare));
  EXPECT_EQ(result_of({.tags = "v=1; a=rsa-sha256; c=relaxed/relaxed; d=football.example.com; s=bare"}), "pass");

  DkimVerification::Settings strict;
  strict.least_rsa_bits = 2048;
  const auto all = verify(sign({}) + examples::dinner_header + examples::dinner_body, SIZE_MAX, strict);
  EXPECT_EQ(all.at(0).reason, "the key is too short");
}

TEST_F(DkimVerificationTest, SaysWhenDnsDoesNot) {
  dns.fails("other._domainkey.football.example.com");
  const auto verdict = verify_one(sign({.tags = "v=1; a=rsa-sha256; d=football.example.com; s=other"}));
  EXPECT_EQ(verdict.result, DkimResult::temperror);
}

TEST_F(DkimVerificationTest, LooksAtEightSignaturesFromTheTop) {
  std::string fields;
  for (int i = 0; i < 200; ++i) fields += i == 7 ? sign({}) : "DKIM-Signature: v=1; d=x" + std::to_string(i) + "\r\n";
  const auto all = verify(fields + examples::dinner_header + examples::dinner_body);
  ASSERT_EQ(all.size(), 8U);
  EXPECT_EQ(all[7].result, DkimResult::pass) << all[7].reason;
  EXPECT_EQ(all[0].result, DkimResult::permerror);
}

TEST_F(DkimVerificationTest, AHeaderThatIsTooLongIsNotVerified) {
  DkimVerification::Settings small;
  small.header_octets = 100;
  EXPECT_TRUE(verify(sign({}) + examples::dinner_header + examples::dinner_body, 10, small).empty());
}

TEST_F(DkimVerificationTest, AMessageWithoutABodyOrWithoutAnythingIsNoTrouble) {
  EXPECT_TRUE(verify("").empty());
  EXPECT_TRUE(verify("\r\n").empty());
  EXPECT_EQ(verify(sign({})).at(0).reason, "the body was changed");
  EXPECT_EQ(verify("DKIM-Signature:").at(0).reason, "malformed signature field");
  EXPECT_EQ(verify("DKIM-Signature: v=1").at(0).result, DkimResult::permerror);
}

}  // namespace
}  // namespace mailpod::mailauth
