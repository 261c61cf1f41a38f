#include <gtest/gtest.h>

#include <mailpod/sasl/mechanisms.hpp>

namespace mailpod::sasl {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

boost::system::error_code refusal(std::string_view response) {
  const auto taken = Plain::take(response);
  return taken ? boost::system::error_code() : taken.error();
}

TEST(Plain, TakesTheExamplesOfRfc4616) {
  const auto tim = Plain::take("\0tim\0tanstaaftanstaaf"sv);
  ASSERT_TRUE(tim);
  const PlainClaim claim = tim->claim(Scope::imap);
  EXPECT_EQ(claim.authorization_id, "");
  EXPECT_EQ(claim.authentication_id, "tim");
  EXPECT_EQ(claim.password, "tanstaaftanstaaf");
  EXPECT_EQ(claim.wanted, Scope::imap);
  // §4's second example asks to act for somebody else.
  EXPECT_EQ(refusal("Ursel\0Kurt\0xipj3plmq"sv), MechanismError::authorization_differs);
  EXPECT_TRUE(Plain::take("tim\0tim\0secret"sv));
}

TEST(Plain, WantsExactlyTwoNuls) {
  EXPECT_EQ(refusal(""sv), MechanismError::malformed);
  EXPECT_EQ(refusal("tim"sv), MechanismError::malformed);
  EXPECT_EQ(refusal("\0tim"sv), MechanismError::malformed);
  EXPECT_EQ(refusal("\0tim\0pass\0"sv), MechanismError::malformed);
  EXPECT_EQ(refusal("\0tim\0pa\0ss"sv), MechanismError::malformed);
}

TEST(Plain, WantsANameAndAPassword) {
  EXPECT_EQ(refusal("\0\0pass"sv), MechanismError::empty_name);
  EXPECT_EQ(refusal("\0tim\0"sv), MechanismError::malformed);
}

TEST(Plain, WantsUtf8) {
  EXPECT_EQ(refusal("\0t\xffm\0pass"sv), MechanismError::not_utf8);
  EXPECT_EQ(refusal("\0tim\0p\xc0\x80ss"sv), MechanismError::not_utf8);
  EXPECT_TRUE(Plain::take("\0zo\xc3\xab\0p\xc3\xa4ss"sv));
}

TEST(Plain, TakesFieldsOfAKibibyteAndNoLonger) {
  const std::string most(1024, 'x');
  EXPECT_TRUE(Plain::take("\0"s + most + '\0' + most));
  EXPECT_EQ(refusal("\0"s + most + "x\0p"s), MechanismError::too_long);
  EXPECT_EQ(refusal("\0tim\0x"s + most), MechanismError::too_long);
  EXPECT_EQ(refusal(std::string(1 << 20, 'x')), MechanismError::too_long);
}

TEST(LoginExchange, AsksForNameThenPassword) {
  LoginExchange login;
  EXPECT_EQ(login.challenge(), "Username:");
  ASSERT_TRUE(login.take("tim"));
  EXPECT_FALSE(login.complete());
  EXPECT_EQ(login.challenge(), "Password:");
  ASSERT_TRUE(login.take("secret"));
  ASSERT_TRUE(login.complete());
  const auto claim = login.claim();
  EXPECT_EQ(claim.claim(Scope::send).authentication_id, "tim");
  EXPECT_EQ(claim.claim(Scope::send).password, "secret");
  EXPECT_EQ(claim.claim(Scope::send).authorization_id, "");
}

TEST(LoginExchange, RefusesWhatPlainRefuses) {
  LoginExchange login;
  EXPECT_EQ(login.take("").error(), MechanismError::empty_name);
  EXPECT_EQ(login.take("t\0m"sv).error(), MechanismError::malformed);
  EXPECT_EQ(login.take("\xff").error(), MechanismError::not_utf8);
  EXPECT_EQ(login.take(std::string(1025, 'x')).error(), MechanismError::too_long);
  ASSERT_TRUE(login.take("tim"));
  EXPECT_EQ(login.take("").error(), MechanismError::malformed);
  EXPECT_FALSE(login.complete());
}

TEST(OwnedClaim, SurvivesBeingMoved) {
  auto first = Plain::take("\0tim\0short"sv);
  OwnedClaim second = std::move(*first);
  EXPECT_EQ(second.claim(Scope::imap).password, "short");
  EXPECT_EQ(first->claim(Scope::imap).password, "");
}

TEST(Credentials, ARefusalTellsNoReason) {
  EXPECT_EQ(make_error_code(Errc::refused).message(), "name or password is wrong");
}

}  // namespace
}  // namespace mailpod::sasl
