#include <mailpod/mailauth/mta_sts.hpp>

#include <gtest/gtest.h>

namespace mailpod::mailauth {
namespace {

using std::chrono::seconds;

std::string id_of(std::string_view text) {
  const auto record = parse_sts_record(text);
  return record ? record->id : "none";
}

TEST(StsRecord, SaysWhichPolicyThereIs) {
  EXPECT_EQ(id_of("v=STSv1; id=20160831085700Z;"), "20160831085700Z");
  EXPECT_EQ(id_of("v=STSv1;id=a"), "a");
  EXPECT_EQ(id_of("v=STSv1 ; x-new.name=some thing ; id = 7 "), "7") << "fields that are not known are passed over";
  EXPECT_EQ(id_of("v=STSv1; id=one; id=two"), "one");
  EXPECT_EQ(id_of("v=STSv1; id=" + std::string(32, 'i')), std::string(32, 'i'));
}

TEST(StsRecord, IsNothingElse) {
  for (const std::string& text :
       {std::string(), std::string("v=STSv1"), std::string("v=STSv1; id="), std::string("v=STSv1; id=a-b"),
        std::string("v=STSv2; id=a"), std::string("v=stsv1; id=a"), std::string("id=a; v=STSv1"),
        std::string("v=STSv1; id=") + std::string(33, 'i'), std::string("v=spf1 -all"), std::string("v=STSv10; id=a")})
    EXPECT_EQ(id_of(text), "none") << text;
  EXPECT_TRUE(is_sts_record("v=STSv1; id=a-b")) << "it means to be one";
  EXPECT_FALSE(is_sts_record("v=STSv10; id=a"));
}

// RFC 8461 §3.2.
TEST(StsPolicy, IsReadFromItsLines) {
  const auto policy = parse_sts_policy(
      "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.Example.net\r\nmx: backupmx.example.com\r\n"
      "max_age: 604800\r\n");
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->mode, StsMode::enforce);
  EXPECT_EQ(policy->max_age, seconds(604'800));
  EXPECT_EQ(policy->mx, (std::vector<std::string>{"mail.example.com", "*.example.net", "backupmx.example.com"}));
}

TEST(StsPolicy, IsReadAsItIsMeant) {
  const auto policy = parse_sts_policy(
      "\n  version :STSv1  \nnew: field\nno field\nmode:testing\nmode: enforce\nmx: a.example\nmax_age: 0009\nmax_age: "
      "7");
  ASSERT_TRUE(policy) << policy.error().expected;
  EXPECT_EQ(*policy, (StsPolicy{StsMode::testing, seconds(9), {"a.example"}}));
  EXPECT_EQ(parse_sts_policy("version: STSv1\nmode: none\nmax_age: 1\n").value(),
            (StsPolicy{StsMode::none, seconds(1), {}}));
  EXPECT_EQ(parse_sts_policy("version: STSv1\nmode: none\nmax_age: 9999999999").value().max_age, seconds(31'557'600));
}

TEST(StsPolicy, IsNothingElse) {
  const std::string whole = "version: STSv1\nmode: enforce\nmax_age: 86400\nmx: mx.example.com\n";
  ASSERT_TRUE(parse_sts_policy(whole));
  const auto instead = [&](const std::string& line, const std::string& other) {
    std::string text = whole;
    return text.replace(text.find(line), line.size(), other);
  };
  for (const auto& [line, others] : std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"version: STSv1", {"", "version: STSv2", "version: stsv1", "Version: STSv1"}},
           {"mode: enforce", {"", "mode: Enforce", "mode:", "mode: reject"}},
           {"max_age: 86400", {"", "max_age: -1", "max_age: 1d", "max_age:", "max_age: 12345678901"}},
           {"mx: mx.example.com",
            {"", "mx:", "mx: *", "mx: com", "mx: *.com", "mx: mx..example.com", "mx: a b.example",
             "mx: *.*.example.com", "mx: m*.example.com", "mx: mx.example.com.", "mx: <html>.example"}}}) {
    for (const auto& other : others) EXPECT_FALSE(parse_sts_policy(instead(line, other))) << other;
  }
  EXPECT_FALSE(parse_sts_policy("<html><body>not found</body></html>"));
}

TEST(StsPolicy, HasLimits) {
  std::string many = "version: STSv1\nmode: enforce\nmax_age: 86400\n";
  for (int i = 0; i < 256; ++i) many += "mx: m" + std::to_string(i) + ".example.com\n";
  EXPECT_TRUE(parse_sts_policy(many));
  EXPECT_FALSE(parse_sts_policy(many + "mx: one.more.example\n"));
  const std::string small = "version: STSv1\nmode: enforce\nmax_age: 86400\nmx: mx.example.com\n";
  EXPECT_TRUE(parse_sts_policy(small + std::string(64 * 1024 - small.size(), '\n')));
  EXPECT_FALSE(parse_sts_policy(small + std::string(64 * 1024 - small.size() + 1, '\n')));
}

// RFC 8461 §4.1: the asterisk is one label, the whole of it.
TEST(StsPolicy, ListsHosts) {
  const StsPolicy policy{StsMode::enforce, seconds(1), {"mx.example.com", "*.example.net"}};
  for (const auto* host : {"mx.example.com", "MX.Example.com", "a.example.net"})
    EXPECT_TRUE(lists(policy, host)) << host;
  for (const auto* host : {"a.mx.example.com", "example.net", "a.b.example.net", "example.com", "mx.example.com.evil",
                           "aexample.net", "", ".example.net.", "192.0.2.1"})
    EXPECT_FALSE(lists(policy, host)) << host;
}

}  // namespace
}  // namespace mailpod::mailauth
