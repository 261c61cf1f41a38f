#include <mailpod/transfer/maildir_name.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailpod::transfer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(MaildirName, FlagsAndKeywordLettersAreRead) {
  const auto letters = parse_dovecot_keywords("0 $Label1\n1 $Junk\n25 last\n26 beyond\nnonsense\n");
  const auto name = parse_maildir_name("1796000000.M1P2.host,S=10,W=12:2,DFPRSTabz", letters);
  ASSERT_TRUE(name);
  EXPECT_EQ(name->unique, "1796000000.M1P2.host");
  EXPECT_THAT(name->flags, ElementsAre("\\Draft", "\\Flagged", "$Forwarded", "\\Answered", "\\Seen", "\\Deleted",
                                       "$Label1", "$Junk", "last"));
  EXPECT_EQ(name->seconds, 1796000000U);
  EXPECT_EQ(name->size, 10U);
  EXPECT_FALSE(name->ours);
  EXPECT_FALSE(name->exact);
}

TEST(MaildirName, NamesOfOtherWritersAreNamesToo) {
  EXPECT_THAT(parse_maildir_name("plain", {})->flags, IsEmpty());
  EXPECT_THAT(parse_maildir_name("1.a.b!2,S", {})->flags, ElementsAre("\\Seen"));
  EXPECT_THAT(parse_maildir_name("1.a.b:2,", {})->flags, IsEmpty());
  EXPECT_THAT(parse_maildir_name("1.a.b:1,S", {})->flags, IsEmpty());
  EXPECT_THAT(parse_maildir_name("\xff\xfe:2,zSS", {})->flags, ElementsAre("\\Seen"));
  EXPECT_EQ(parse_maildir_name("99999999999999999999999.x", {})->seconds, std::nullopt);
  EXPECT_FALSE(parse_maildir_name("", {}));
  EXPECT_FALSE(parse_maildir_name(".hidden", {}));
}

TEST(MaildirName, OursComesBack) {
  const Label label{base::from_seconds(1796000000), {"\\Seen", "Blue", "\\Flagged", "$forwarded"}};
  const KeywordLetters letters{"green", "blue"};
  const auto unique = write_unique_name(label, {7, 21});
  const auto written = write_maildir_name(unique, label.flags, letters, 100, 104);
  EXPECT_EQ(written, "1796000000.V7U21.mailpod,S=100,W=104:2,FPSb");
  const auto name = parse_maildir_name(written, letters);
  EXPECT_TRUE(name->ours);
  EXPECT_EQ(name->unique, unique);
  EXPECT_FALSE(name->exact);
  EXPECT_TRUE(parse_maildir_name(write_maildir_name(unique, {}, {}, 100, 100), {})->exact);
  EXPECT_EQ(parse_dovecot_keywords(write_dovecot_keywords(letters)), letters);
}

}  // namespace
}  // namespace mailpod::transfer
