#include <mailpod/delivery/signed_mail.hpp>

#include <gtest/gtest.h>

#include <mailpod/governance/act_text.hpp>
#include <mailpod/message/scanner.hpp>
#include <mailpod/text/base64.hpp>

#include "simulation/community.hpp"

/// Signed files among a message's parts.
namespace mailpod::delivery {
namespace {

using simulation::Community;

std::string with_crlf(std::string_view text) {
  std::string out;
  for (const char octet : text) out += octet == '\n' ? "\r\n" : std::string(1, octet);
  return out;
}

std::string part(std::string_view head, std::string_view body) {
  return "--b\r\n" + std::string(head) + "\r\n\r\n" + std::string(body) + "\r\n";
}

std::string mail(const std::string& parts) {
  return "From: a@other.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + parts + "--b--\r\n";
}

class SignedMailTest : public testing::Test {
protected:
  SignedMail read(const std::string& octets) {
    const base::MemorySource source(octets);
    return read_signed_mail(source, message::scan(source));
  }
  governance::SignedFile act(std::vector<std::size_t> signers = {0}) {
    return community.sign(community.suspension(community.newcomer(), std::chrono::hours(5)), std::move(signers));
  }
  static std::string plain(std::string_view octets) { return part("Content-Type: text/plain", with_crlf(octets)); }
  static std::string base64(std::string_view octets) {
    return part("Content-Type: application/octet-stream; name=x\r\nContent-Transfer-Encoding: base64",
                text::write_base64(octets));
  }

  Community community{3, 2};
};

TEST_F(SignedMailTest, AFileIsFoundWithItsSignaturesHoweverTheyAreEncodedAndNamed) {
  const auto file = act({0, 2});
  for (const auto& parts :
       {base64(file.octets) + base64(file.minisigs[0]) + base64(file.minisigs[1]),
        plain("Hello\n") + plain(file.minisigs[1]) + plain(file.octets) + base64(file.minisigs[0])}) {
    const auto found = read(mail(parts));
    ASSERT_EQ(found.files.size(), 1U);
    EXPECT_EQ(found.files[0].octets, file.octets) << "octet for octet, whatever mail made of its line ends";
    EXPECT_EQ(governance::in_key_order(found.files[0].minisigs), governance::in_key_order(file.minisigs));
    EXPECT_TRUE(found.texts.empty());
  }
}

TEST_F(SignedMailTest, SignaturesFindTheirFilesByWhatTheySay) {
  const auto one = act();
  const auto two = act();
  const auto found =
      read(mail(base64(two.minisigs[0]) + base64(one.octets) + base64(two.octets) + base64(one.minisigs[0])));
  ASSERT_EQ(found.files.size(), 2U);
  EXPECT_EQ(found.files[0].minisigs, one.minisigs);
  EXPECT_EQ(found.files[1].minisigs, two.minisigs);
  const auto alone = read(mail(base64(one.octets) + base64(two.minisigs[0]) + base64(one.octets)));
  ASSERT_EQ(alone.files.size(), 1U) << "the same file twice is one";
  EXPECT_TRUE(alone.files[0].minisigs.empty()) << "another file's signature is none of this";
}

TEST_F(SignedMailTest, TheTextOfAnActComesAlong) {
  const governance::ActText text{"The garden", "It opens.\n", {}, {7}};
  const auto found = read(mail(base64(act().octets) + plain(governance::write_act_text(text))));
  ASSERT_EQ(found.texts.size(), 1U);
  EXPECT_EQ(found.texts[0], governance::write_act_text(text));
}

TEST_F(SignedMailTest, AMessageWithinIsNotLookedInto) {
  const auto file = act();
  EXPECT_TRUE(read(mail(part("Content-Type: message/rfc822", mail(base64(file.octets))))).files.empty());
  EXPECT_TRUE(read(mail(plain("Hello\n"))).files.empty());
  EXPECT_TRUE(read("").files.empty());
}

TEST_F(SignedMailTest, WhatIsTooMuchIsNotReadAtAll) {
  std::string parts;
  for (int i = 0; i < 16; ++i) parts += base64(act().octets);
  EXPECT_EQ(read(mail(parts)).files.size(), 16U);
  const auto more = read(mail(parts + base64(act().octets)));
  EXPECT_TRUE(more.too_much);
  EXPECT_TRUE(more.files.empty());
  parts.clear();
  for (int i = 0; i < 65; ++i) parts += plain("x\n");
  EXPECT_TRUE(read(mail(parts)).too_much);
  EXPECT_TRUE(read(mail(base64(act().octets) + plain(std::string(1 << 20, 'x')))).too_much);
  EXPECT_TRUE(read(mail(base64("type = \"act\"\n" + std::string(200'000, '#')))).files.empty()) << "one huge part";
}

}  // namespace
}  // namespace mailpod::delivery
