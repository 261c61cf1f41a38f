#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mailpod/crypto/age.hpp>

#include "household.hpp"

namespace mailpod::store::test {
namespace {

std::size_t stanzas_of_the_only_message(Household& house) {
  const auto files = house.files_below("Maildir/cur");
  const auto octets = base::read_file(*house.disk, files.at(0), 1 << 20);
  return crypto::parse_age_header(base::MemorySource(octets)).value().stanzas.size();
}

crypto::AgeRecipient some_recipient(Household& house) {
  return crypto::AgeIdentity::random(house.arena, house.entropy).recipient();
}

TEST(ArchiveRecipient, OfThePodsCardIsNotGivenTheMembersOwnMessages) {
  Household house;
  auto card = house.members[0].card;
  card.archive_recipient = some_recipient(house).point;
  write_card(*house.disk, house.members[0].folder, card, house.pod_key);
  house.append(*house.open(), mail("private"));
  EXPECT_EQ(stanzas_of_the_only_message(house), 1U);
}

TEST(ArchiveRecipient, ThatTheMemberChoseIsGivenWhatIsAppendedAfterEveryOpeningUntilItIsTakenBack) {
  Household house;
  auto vault = house.open();
  vault->set_archive_recipient(some_recipient(house)).value();
  const auto inbox = vault->state()->find("INBOX")->id;
  for (const std::size_t rewrite_above : {std::size_t{1} << 20, std::size_t{1}}) {
    house.append(*vault, mail("archived"));
    EXPECT_EQ(stanzas_of_the_only_message(house), 2U);
    vault->expunge(inbox, house.uids(*vault), Vault::Expunge::all).value();
    house.leave_garbage(*vault);
    house.settings.rewrite_above = rewrite_above;
    vault = house.open();
  }
  house.append(*vault, mail("archived"));
  EXPECT_EQ(stanzas_of_the_only_message(house), 2U);
  vault->expunge(inbox, house.uids(*vault), Vault::Expunge::all).value();
  vault->set_archive_recipient(std::nullopt).value();
  vault = house.open();
  house.append(*vault, mail("not archived"));
  EXPECT_EQ(stanzas_of_the_only_message(house), 1U);
}

}  // namespace
}  // namespace mailpod::store::test
