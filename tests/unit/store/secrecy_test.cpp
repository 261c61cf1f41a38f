#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "household.hpp"

namespace mailpod::store::test {
namespace {

TEST(Secrecy, NoWordOfAMemberStandsInTheFolder) {
  Household house(3);
  house.settings.checkpoint_tail = 3'000;
  const std::string content =
      "From: canaryfrom@example.org\r\nTo: canaryto@example.com\r\nSubject: canarysubject\r\nMIME-Version: 1.0\r\n"
      "Content-Type: multipart/mixed; boundary=canaryboundary\r\n\r\n--canaryboundary\r\n\r\ncanarybody\r\n"
      "--canaryboundary\r\nContent-Disposition: attachment; filename=canaryfile.txt\r\n\r\nx\r\n--canaryboundary--\r\n";
  const base::MemorySource octets(content);
  const auto structure = message::scan(content);
  Delivery delivery(house.delivery_ports());
  const Draft draft{octets, structure, "canaryreverse@example.org", "canaryrecipient@example.com", house.clock.now(),
                    "canarytarget", 0, "canaryresults"};
  for (const auto& member : house.members) delivery.prepare(member.folder, member.card, draft).value();
  delivery.commit();
  auto vault = house.open();
  vault->create_mailbox("canarymailbox/canarychild", SpecialUse::none).value();
  Household::merge_all(*vault);
  for (int i = 0; i < 10; ++i) Household::append(*vault, content, "INBOX", {FlagChange::How::add, 0, {"canarykeyword"}});
  const auto inbox = vault->state()->find("INBOX")->id;
  vault->copy(inbox, std::vector<Uid>{{1}, {2}}, vault->state()->find("canarymailbox/canarychild")->id).value();
  vault->change_flags(inbox, std::vector<Uid>{{3}}, {FlagChange::How::add, 0, {"canaryother"}}, std::nullopt).value();
  vault->close();
  ASSERT_GT(house.files_below(".seg").size(), 3U) << "the checkpoints are to be searched too";
  for (const auto& path : house.disk->files()) {
    EXPECT_EQ(path.find("canary"), std::string::npos);
    EXPECT_EQ(base::read_file(*house.disk, path, 1 << 30).find("canary"), std::string::npos) << path;
  }
  for (const auto& line : house.log.all) EXPECT_EQ(line.find("canary"), std::string::npos) << line;
}

TEST(Secrecy, TwoMembersKeepingTheSameMailHaveNothingInCommon) {
  Household house(2);
  house.deliver(mail("same", std::string(5'000, 'x')), {0, 1});
  for (std::size_t i = 0; i < 2; ++i) {
    const auto vault = house.open(i);
    Household::merge_all(*vault);
  }
  std::vector<std::string> contents;
  for (const auto& path : house.files_below("Maildir/cur")) contents.push_back(base::read_file(*house.disk, path, 1 << 20));
  ASSERT_EQ(contents.size(), 2U);
  // Beyond the words that every age file begins with.
  for (std::size_t at = 200; at + 16 < contents[0].size(); at += 16) {
    ASSERT_EQ(contents[1].find(contents[0].substr(at, 16)), std::string::npos);
  }
}

}  // namespace
}  // namespace mailpod::store::test
