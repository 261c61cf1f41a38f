#include <mailpod/mailauth/arc.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mailpod/mailauth/dkim_signature.hpp>
#include <mailpod/mailauth/dkim_verification.hpp>
#include <mailpod/mailauth/examination.hpp>
#include <mailpod/mailauth/tag_list.hpp>
#include <mailpod/text/base64.hpp>
#include <mailpod/text/cursor.hpp>

#include "header_fields.hpp"
#include "rfc_examples.hpp"
#include "told_dns.hpp"
#include "yaml_text.hpp"

namespace mailpod::mailauth {
namespace {

namespace fs = std::filesystem;

const base::Time now = base::from_seconds(12345);

fs::path vectors() {
  const char* const named = std::getenv("MAILPOD_VECTORS");
  return (named != nullptr ? fs::path(named) : fs::path(MAILPOD_SOURCE_DIR) / "../shared/vectors") /
         "arc/arc-sign-tests.yml";
}

std::string with_line_ends(std::string_view text) {
  std::string out;
  for (const char octet : text) out += octet == '\n' ? std::string("\r\n") : std::string(1, octet);
  return out;
}

/// The tags of a list, without their white space, in no order.
std::vector<std::string> tags_of(std::string_view value) {
  std::vector<std::string> tags;
  text::Cursor in(value);
  do {
    const auto tag = without_white_space(in.take_until(text::OctetSet(";")));
    if (!tag.empty()) tags.push_back(tag);
  } while (in.take(';'));
  return tags;
}

std::string value_of(const std::vector<HeaderField>& fields, std::string_view name) {
  for (const auto& field : fields) {
    if (field.name == name) return std::string(field.octets.substr(field.octets.find(':') + 1));
  }
  return {};
}

class Arc : public testing::Test {
protected:
  Arc() { dns.txt("test._domainkey.pod.example", key().record()); }
  DkimKey key() {
    return DkimKey::parse(Algorithm::rsa_sha256, text::parse_base64(examples::test_secret).value(), arena).value();
  }
  /// What a server that found `results` puts in front.
  std::string seal(const std::string& results, const std::string& message) {
    const auto signing = key();
    const std::string examined =
        results.empty() ? message : "Authentication-Results: mx.pod.example; " + results + "\r\n" + message;
    const base::MemorySource source(examined);
    const auto set =
        SignableMessage::read(source)->arc_set({"mx.pod.example", "pod.example", "test", signing, {}}, now);
    return set.empty() ? set : set + message;
  }
  ArcVerdict verify(const std::string& message) const {
    DkimVerification verification{DkimVerification::Settings()};
    verification.update(message);
    verification.finish();
    return dns.settle([&](DnsTable& table) { return verification.arc_verdict(table); });
  }

  ToldDns dns;
  crypto::KeyArena arena;
  const std::string dinner = examples::dinner_header + examples::dinner_body;
};

// The suite of ValiMail.
TEST_F(Arc, SealsAsThePublicVectorsDo) {
  std::ifstream file(vectors(), std::ios::binary);
  if (!file) GTEST_SKIP() << "no vectors at " << vectors() << "; MAILPOD_VECTORS names another place";
  std::ostringstream text;
  text << file.rdbuf();
  std::size_t cases = 0;
  for (const auto& scenario : YamlText(text.str()).documents()) {
    for (const auto& [name, test] : scenario.at("tests").items()) {
      ++cases;
      SCOPED_TRACE(name);
      const auto signing = key();  // it is the RFC's
      const auto text_of = [&, &each = test](const char* what) { return each.at(what).template get<std::string>(); };
      ArcSealer sealer{text_of("srv-id"), scenario.at("domain").get<std::string>(), "dummy", signing, {}};
      text::Cursor in(test.at("sig-headers").template get_ref<const std::string&>());
      do {
        sealer.names.emplace_back(in.take_until(text::OctetSet(":")));
      } while (in.take(':'));
      const std::string message = with_line_ends(text_of("message"));
      const base::MemorySource source(message);
      const auto set = SignableMessage::read(source)->arc_set(sealer, base::from_seconds(std::stoull(text_of("t"))));
      const auto fields = split_header(set);
      for (const auto& [field, expected] : {std::pair("ARC-Seal", "AS"), std::pair("ARC-Message-Signature", "AMS"),
                                            std::pair("ARC-Authentication-Results", "AAR")})
        EXPECT_THAT(tags_of(value_of(fields, field)), testing::UnorderedElementsAreArray(tags_of(text_of(expected))));
    }
  }
  EXPECT_EQ(cases, 17U);
}

TEST_F(Arc, AChainHoldsFromServerToServer) {
  EXPECT_EQ(verify(dinner).result, ArcResult::none);
  const auto once = seal("spf=pass smtp.mailfrom=a.example; dkim=none; arc=none", dinner);
  EXPECT_EQ(verify(once).result, ArcResult::pass) << verify(once).reason;
  EXPECT_EQ(verify(once).domain, "pod.example");
  const auto twice = seal("spf=fail; arc=pass; dmarc=fail", "Received: by a list\r\n" + once);
  EXPECT_EQ(verify(twice).result, ArcResult::pass) << verify(twice).reason;
  EXPECT_EQ(verify(twice).instance, 2U);
}

TEST_F(Arc, WhatWasChangedBreaksTheChainForGood) {
  const auto once = seal("arc=none; spf=pass", dinner);
  const auto broken = [&](const std::string& message, const std::string& what, const std::string& by) {
    std::string changed = message;
    changed.replace(changed.find(what), what.size(), by);
    const auto verdict = verify(changed);
    EXPECT_EQ(verdict.result, ArcResult::fail) << what;
    return verdict.reason;
  };
  EXPECT_EQ(broken(once, "lost", "won"), "the body was changed");
  EXPECT_EQ(broken(once, "dinner ready", "supper ready"), "a signature does not hold");
  EXPECT_EQ(broken(once, "spf=pass", "spf=fail"), "a signature does not hold") << "what was found is sealed";
  EXPECT_EQ(broken(once, "cv=none", "cv=pass"), "cv= does not fit");
  EXPECT_EQ(broken(once, "ARC-Seal:", "X-Seal:"), "the sets are not whole");
  EXPECT_EQ(broken(once, "ARC-Authentication-Results: i=1", "ARC-Authentication-Results: i=2"),
            "the sets are not whole");
  EXPECT_EQ(broken(once, "From:", "ARC-Seal: i=1; cv=none\r\nFrom:"), "the sets are not whole");
  EXPECT_EQ(broken(once, "d=pod.example", "d=other.example"), "no key");
  const auto twice = seal("arc=pass", once);
  EXPECT_EQ(broken(twice, "i=1; mx.pod.example;", "i=1; mx.bad.example;"), "a signature does not hold");

  const auto told = seal("arc=fail", once);
  EXPECT_NE(told, "") << "the next set says that it is broken";
  EXPECT_EQ(verify(told).reason, "it was broken before");
  EXPECT_EQ(seal("arc=fail", told), "") << "and then there is nothing to add";
}

TEST_F(Arc, NothingIsSealedThatWasNotExamined) {
  EXPECT_EQ(seal("", dinner), "");
  const auto once = seal("arc=none", dinner);
  EXPECT_EQ(seal("spf=pass", once), "") << "nobody says whether the chain held";
  EXPECT_EQ(seal("dkim=pass reason=\"arc=pass\"", once), "");
  const base::MemorySource source(std::string_view("Authentication-Results: other.example; arc=none\r\n\r\n"));
  const auto signing = key();
  EXPECT_EQ(SignableMessage::read(source)->arc_set({"mx.pod.example", "pod.example", "test", signing, {}}, now), "");
}

TEST_F(Arc, WhatAClientCallsItselfSaysNothingOfTheChain) {
  const auto once = seal("arc=none", dinner);
  const auto told = seal("spf=none smtp.helo=\"x;arc=pass;y\"; dkim=none; arc=fail", once);
  EXPECT_NE(told.find("cv=fail"), std::string::npos) << told;
  EXPECT_EQ(told.find("cv=pass"), std::string::npos) << told;
  EXPECT_EQ(seal("spf=none smtp.helo=\"x\\\";arc=pass;y\"", once), "");
}

TEST_F(Arc, SaysWhenDnsDoesNot) {
  const auto once = seal("arc=none", dinner);
  dns = ToldDns();
  dns.fails("test._domainkey.pod.example");
  EXPECT_EQ(verify(once).result, ArcResult::fail);
  EXPECT_TRUE(verify(once).undecided);
  // And then nothing is sealed: no server may go on with a chain that one has called broken.
  Findings findings;
  findings.arc = verify(once);
  const auto said = write_authentication_results("mx.pod.example", findings);
  EXPECT_EQ(said.find("\tarc="), std::string::npos) << said;
  EXPECT_EQ(seal(said.substr(said.find(';') + 1, said.size() - said.find(';') - 3), once), "");
}

TEST_F(Arc, AChainIsVerifiedOnceWhateverDnsSaysOfIt) {
  const auto message = seal("arc=none", dinner);
  DkimVerification verification{DkimVerification::Settings()};
  verification.update(message);
  verification.finish();
  DnsTable before;
  EXPECT_TRUE(verification.arc_verdict(before).undecided);
  const auto missing = before.take_missing();
  ASSERT_EQ(missing.size(), 1U);
  DnsTable failed;
  failed.put(missing.front(), {});
  EXPECT_TRUE(verification.arc_verdict(failed).undecided);
  DnsTable later;
  later.put(missing.front(), dns.answer(missing.front()));
  EXPECT_TRUE(verification.arc_verdict(later).undecided) << "what has failed is final: it is not looked at again";
}

// RFC 5322 §2.1.1
TEST_F(Arc, ASetHasNoLineThatIsTooLong) {
  std::string signatures;
  for (int i = 0; i < 100; ++i) signatures += "DKIM-Signature: v=1; d=many.example\r\n";
  const auto message = seal("arc=none", signatures + dinner);
  const auto set = message.substr(0, message.size() - signatures.size() - dinner.size());
  for (std::size_t begin = 0; begin < set.size();) {
    const auto end = set.find("\r\n", begin);
    EXPECT_LE(end - begin, 998U) << set.substr(begin, end - begin);
    begin = end + 2;
  }
  EXPECT_EQ(verify(message).result, ArcResult::pass) << verify(message).reason;
  for (int i = 0; i < 200; ++i) signatures += "To: many@example.com\r\n";
  EXPECT_EQ(seal("arc=none", signatures + dinner), "") << "goes on as it is";
}

TEST_F(Arc, FiftySetsAreTheLongestChain) {
  std::string message = dinner;
  for (int i = 0; i < 50; ++i) message = seal(i == 0 ? "arc=none" : "arc=pass", message);
  EXPECT_EQ(verify(message).instance, 50U);
  EXPECT_EQ(verify(message).result, ArcResult::pass) << verify(message).reason;
  EXPECT_EQ(seal("arc=pass", message), "");
}

TEST_F(Arc, OfTooManySetsNoneIsRead) {
  std::string seals;
  for (int i = 0; i < 40'000; ++i) seals += "ARC-Seal: i=1; cv=none\r\n";
  EXPECT_EQ(verify(seals + dinner).reason, "too many sets");
  EXPECT_EQ(verify(seals.substr(0, 24UL * 51) + dinner).reason, "too many sets");
  EXPECT_EQ(verify(seals.substr(0, 24UL * 50) + dinner).reason, "the sets are not whole");
}

}  // namespace
}  // namespace mailpod::mailauth
