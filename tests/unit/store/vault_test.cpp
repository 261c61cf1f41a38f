#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "household.hpp"

namespace mailpod::store::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<Uid> uid_list(std::initializer_list<std::uint32_t> values) {
  std::vector<Uid> uids;
  for (const auto value : values) uids.push_back({value});
  return uids;
}

FlagChange set(std::uint32_t system, std::vector<std::string> keywords = {}) {
  return {FlagChange::How::add, system, std::move(keywords)};
}

TEST(Vault, HasTheStandardMailboxesWithTheirUses) {
  Household house;
  const auto vault = house.open();
  const auto state = vault->state();
  ASSERT_EQ(state->mailboxes.size(), 6U);
  EXPECT_EQ(state->mailboxes[0]->name, "INBOX");
  EXPECT_EQ(state->find("Sent")->special_use, SpecialUse::sent);
  EXPECT_EQ(state->find("Junk")->special_use, SpecialUse::junk);
  for (const auto& mailbox : state->mailboxes) EXPECT_TRUE(mailbox->subscribed) << mailbox->name;
  EXPECT_EQ(state->find("inBOX"), state->find("INBOX"));
}

TEST(Vault, MergesWhatWasDeliveredAndKeepsItAcrossReopening) {
  Household house;
  house.deliver(mail("one"));
  house.deliver(mail("two", std::string(200'000, 'x')));
  {
    const auto vault = house.open();
    EXPECT_EQ(vault->state()->find("INBOX")->count, 0U);
    house.merge_all(*vault);
    EXPECT_THAT(house.read_all(*vault),
                testing::UnorderedElementsAre(mail("one"), mail("two", std::string(200'000, 'x'))));
    EXPECT_THAT(vault->check(), IsEmpty());
    vault->close();
  }
  const auto vault = house.open();
  EXPECT_THAT(house.read_all(*vault), SizeIs(2));
  EXPECT_THAT(house.uids(*vault), ElementsAre(Uid{1}, Uid{2}));
  EXPECT_THAT(house.files_below("Maildir/new"), IsEmpty());
  EXPECT_THAT(house.files_below("Maildir/cur"), SizeIs(2));
  EXPECT_THAT(vault->check(), IsEmpty());
}

TEST(Vault, MergesInTheOrderOfReceivingWhateverTheFilesAreCalled) {
  Household house;
  std::vector<std::string> sent;
  for (int i = 0; i < 20; ++i) {
    house.clock.advance(std::chrono::seconds(1));
    sent.push_back(mail("number " + std::to_string(i)));
    house.deliver(sent.back());
  }
  const auto vault = house.open();
  house.merge_all(*vault);
  EXPECT_EQ(house.read_all(*vault), sent);
}

TEST(Vault, OpensNoFileOfAnArrivalThatWasHandedOver) {
  Household house;
  const auto vault = house.open();
  house.merge_all(*vault);
  auto arrivals = house.deliver(mail("handed over"));
  vault->hand_over(std::move(arrivals.at(0)));
  EXPECT_FALSE(vault->merge());
  EXPECT_THAT(house.read_all(*vault), ElementsAre(mail("handed over")));
  EXPECT_THAT(vault->check(), IsEmpty());
  EXPECT_FALSE(vault->merge());
  EXPECT_EQ(vault->state()->find("INBOX")->count, 1U);
}

TEST(Vault, FindsWhatWasDeliveredBeforeThoughTheFirstMergeHasAnAnnouncementToTake) {
  Household house;
  house.deliver(mail("while it was closed"));
  const auto vault = house.open();
  auto arrivals = house.deliver(mail("announced"));
  vault->hand_over(std::move(arrivals.at(0)));
  house.merge_all(*vault);
  EXPECT_THAT(house.read_all(*vault), testing::UnorderedElementsAre(mail("while it was closed"), mail("announced")));
}

TEST(Vault, DeliversToTheTargetMailboxWithItsFlagsAndToInboxIfThereIsNone) {
  Household house;
  house.deliver(mail("junk"), {0}, "Junk", Flags::seen);
  house.deliver(mail("nowhere"), {0}, "No such mailbox");
  const auto vault = house.open();
  house.merge_all(*vault);
  EXPECT_THAT(house.read_all(*vault, "Junk"), ElementsAre(mail("junk")));
  EXPECT_TRUE(vault->state()->find("Junk")->at({1}).flags.has(Flags::seen));
  EXPECT_THAT(house.read_all(*vault, "INBOX"), ElementsAre(mail("nowhere")));
}

TEST(Vault, DeliversJunkToWhatTheMemberKeepsAsSuch) {
  Household house;
  const auto vault = house.open();
  vault->rename_mailbox("Junk", "Unerwünscht").value();
  house.deliver(mail("junk"), {0}, "Junk");
  while (vault->merge()) {
  }
  EXPECT_THAT(house.read_all(*vault, "Unerwünscht"), ElementsAre(mail("junk")));
  vault->create_mailbox("Junk", SpecialUse::none).value();
  house.deliver(mail("more junk"), {0}, "Junk");
  while (vault->merge()) {
  }
  EXPECT_THAT(house.read_all(*vault, "Unerwünscht"), ElementsAre(mail("junk"), mail("more junk")))
      << "the mark counts, not the name";
  EXPECT_THAT(house.read_all(*vault, "Junk"), ElementsAre());
}

TEST(Vault, KeepsEnvelopeAndStructureSoThatListingsOpenNoMessage) {
  Household house;
  house.deliver(mail("the subject"));
  const auto vault = house.open();
  house.merge_all(*vault);
  const auto message = vault->state()->find("INBOX")->at({1});
  house.disk->unlink(house.files_below("Maildir/cur").at(0));
  const auto structure = vault->structure(message).value();
  EXPECT_EQ(structure->envelope.subject, "the subject");
  EXPECT_EQ(*structure, message::scan(mail("the subject")));
  EXPECT_EQ(vault->open_message(message).error(), Errc::damaged);
}

TEST(Vault, ScansAStructureAnewThatWasTooLargeForTheJournal) {
  Household house;
  std::string large = "From: a@example.org\r\nTo: ";
  for (int i = 0; i < 3'000; ++i) large += "somebody" + std::to_string(i) + "@a-rather-long-domain.example.com,\r\n ";
  large += "last@example.com\r\nSubject: many\r\n\r\nHello.\r\n";
  house.deliver(large);
  const auto vault = house.open();
  house.merge_all(*vault);
  EXPECT_EQ(*vault->structure(vault->state()->find("INBOX")->at({1})).value(), message::scan(large));
}

TEST(Append, GivesUidsAndKeepsDateAndFlags) {
  Household house;
  const auto vault = house.open();
  const auto uid = house.append(*vault, mail("draft"), "Drafts", set(Flags::draft | Flags::seen, {"$Forwarded"}));
  const auto drafts = vault->state()->find("Drafts");
  EXPECT_EQ(uid, Uid{1});
  ASSERT_EQ(drafts->count, 1U);
  EXPECT_EQ(drafts->at({1}).internal_date, 1'700'000'000U);
  EXPECT_EQ(drafts->at({1}).size, mail("draft").size());
  EXPECT_THAT(drafts->keywords, ElementsAre("$Forwarded"));
  EXPECT_EQ(drafts->at({1}).flags.bits, Flags::draft | Flags::seen | 1U << Flags::first_keyword);
  EXPECT_EQ(drafts->unseen, 0U);
  const auto again = house.open();
  EXPECT_THAT(house.read_all(*again, "Drafts"), ElementsAre(mail("draft")));
  EXPECT_THAT(again->check(), IsEmpty());
}

TEST(Append, OfSeveralIsOneChange) {
  Household house;
  const auto vault = house.open();
  int rings = 0;
  const auto bell = vault->subscribe([&] { ++rings; });
  std::vector<std::unique_ptr<PreparedMessage>> messages;
  for (const auto* subject : {"a", "b", "c"}) {
    messages.push_back(vault->prepare(base::MemorySource(mail(subject)), {{}, house.clock.now()}).value());
  }
  const auto appended = vault->append(vault->state()->find("INBOX")->id, std::move(messages)).value();
  EXPECT_EQ(appended.uids, uid_list({1, 2, 3}));
  EXPECT_EQ(rings, 1);
}

TEST(Append, NotUsedLeavesNoFile) {
  Household house;
  const auto vault = house.open();
  vault->prepare(base::MemorySource(mail("never mind")), {{}, house.clock.now()}).value();
  EXPECT_THAT(house.files_below("Maildir/tmp"), IsEmpty());
}

TEST(ChangeFlags, AddsRemovesReplacesAndCountsUnseen) {
  Household house;
  const auto vault = house.open();
  for (int i = 0; i < 3; ++i) house.append(*vault, mail("m"));
  const auto inbox = vault->state()->find("INBOX")->id;
  EXPECT_EQ(vault->state()->find(inbox)->unseen, 3U);
  const auto changed = vault->change_flags(inbox, uid_list({1, 3, 7}), set(Flags::seen), std::nullopt).value();
  EXPECT_EQ(changed.changed, uid_list({1, 3}));
  EXPECT_EQ(vault->state()->find(inbox)->unseen, 1U);
  vault->change_flags(inbox, uid_list({1}), {FlagChange::How::replace, Flags::flagged, {"Work"}}, std::nullopt).value();
  EXPECT_EQ(vault->state()->find(inbox)->at({1}).flags.bits, Flags::flagged | 1U << Flags::first_keyword);
  vault->change_flags(inbox, uid_list({1}), {FlagChange::How::remove, Flags::flagged, {"wORK"}}, std::nullopt).value();
  EXPECT_EQ(vault->state()->find(inbox)->at({1}).flags.bits, 0U);
  vault->flush();
  const auto again = house.open();
  EXPECT_EQ(again->state()->find(inbox)->unseen, 2U);
  EXPECT_TRUE(again->state()->find(inbox)->at({3}).flags.has(Flags::seen));
  EXPECT_THAT(again->state()->find(inbox)->keywords, ElementsAre("Work"));
}

TEST(ChangeFlags, LeavesWhatChangedSinceAlone) {
  Household house;
  const auto vault = house.open();
  for (int i = 0; i < 2; ++i) house.append(*vault, mail("m"));
  const auto inbox = vault->state()->find("INBOX")->id;
  const auto seen_until = vault->state()->find(inbox)->highest_mod_seq;
  vault->change_flags(inbox, uid_list({2}), set(Flags::flagged), std::nullopt).value();
  const auto result = vault->change_flags(inbox, uid_list({1, 2}), set(Flags::seen), seen_until).value();
  EXPECT_EQ(result.changed, uid_list({1}));
  EXPECT_EQ(result.modified, uid_list({2}));
}

TEST(ChangeFlags, ThatChangesNothingIsNoChange) {
  Household house;
  const auto vault = house.open();
  house.append(*vault, mail("m"), "INBOX", set(Flags::seen));
  const auto before = vault->state();
  vault->change_flags(before->find("INBOX")->id, uid_list({1}), set(Flags::seen), std::nullopt).value();
  EXPECT_EQ(vault->state(), before);
}

TEST(ChangeFlags, TakesAtMost27KeywordsInAMailbox) {
  Household house;
  const auto vault = house.open();
  house.append(*vault, mail("m"));
  const auto inbox = vault->state()->find("INBOX")->id;
  for (int i = 0; i < 27; ++i) {
    vault->change_flags(inbox, uid_list({1}), set(0, {"k" + std::to_string(i)}), std::nullopt).value();
  }
  EXPECT_EQ(vault->change_flags(inbox, uid_list({1}), set(0, {"more"}), std::nullopt).error(), Errc::too_many_keywords);
  EXPECT_EQ(vault->change_flags(inbox, uid_list({1}), set(0, {"bad keyword"}), std::nullopt).error(),
            Errc::bad_keyword);
}

TEST(ChangeFlags, NeverReusesAModificationSequenceThatACrashTook) {
  Household house;
  auto vault = house.open();
  house.append(*vault, mail("m"));
  const auto inbox = vault->state()->find("INBOX")->id;
  vault->change_flags(inbox, uid_list({1}), set(Flags::seen), std::nullopt).value();
  const auto shown = vault->state()->find(inbox)->highest_mod_seq;
  vault.reset();  // without a flush
  vault = house.open();
  EXPECT_FALSE(vault->state()->find(inbox)->at({1}).flags.has(Flags::seen));
  vault->change_flags(inbox, uid_list({1}), set(Flags::flagged), std::nullopt).value();
  EXPECT_GT(vault->state()->find(inbox)->highest_mod_seq, shown);
}

TEST(Expunge, RemovesTheFileAndNeverGivesTheUidAgain) {
  Household house;
  {
    const auto vault = house.open();
    for (int i = 0; i < 3; ++i) house.append(*vault, mail("m" + std::to_string(i)));
    const auto inbox = vault->state()->find("INBOX")->id;
    EXPECT_EQ(vault->expunge(inbox, uid_list({2, 3, 9}), Vault::Expunge::all).value(), uid_list({2, 3}));
    EXPECT_THAT(house.files_below("Maildir/cur"), SizeIs(1));
    EXPECT_THAT(vault->check(), IsEmpty());
    vault->close();
  }
  const auto vault = house.open();
  EXPECT_EQ(vault->state()->find("INBOX")->uid_next, Uid{4});
  EXPECT_EQ(house.append(*vault, mail("new")), Uid{4});
}

TEST(Expunge, OfDeletedOnesLeavesTheOthers) {
  Household house;
  const auto vault = house.open();
  for (int i = 0; i < 3; ++i) house.append(*vault, mail("m"));
  const auto inbox = vault->state()->find("INBOX")->id;
  vault->change_flags(inbox, uid_list({2}), set(Flags::deleted), std::nullopt).value();
  EXPECT_EQ(vault->expunge(inbox, uid_list({1, 2, 3}), Vault::Expunge::only_deleted).value(), uid_list({2}));
  EXPECT_EQ(house.uids(*vault), uid_list({1, 3}));
}

TEST(Expunge, AMessageSomebodyStillLooksAtIsGone) {
  Household house;
  const auto vault = house.open();
  house.append(*vault, mail("m"));
  const auto old = vault->state()->find("INBOX");
  vault->expunge(old->id, uid_list({1}), Vault::Expunge::all).value();
  EXPECT_EQ(vault->open_message(old->at({1})).error(), Errc::gone);
}

TEST(Copy, SharesTheFileUntilTheLastReferenceGoes) {
  Household house;
  const auto vault = house.open();
  house.append(*vault, mail("shared"), "INBOX", set(Flags::seen, {"Work"}));
  const auto inbox = vault->state()->find("INBOX")->id;
  const auto archive = vault->state()->find("Archive")->id;
  const auto copied = vault->copy(inbox, uid_list({1}), archive).value();
  EXPECT_THAT(copied.uids, ElementsAre(std::pair(Uid{1}, Uid{1})));
  vault->copy(inbox, uid_list({1}), inbox).value();
  EXPECT_THAT(house.files_below("Maildir/cur"), SizeIs(1));
  EXPECT_THAT(vault->state()->find(archive)->keywords, ElementsAre("Work"));
  EXPECT_EQ(vault->state()->find(archive)->at({1}).flags, vault->state()->find(inbox)->at({1}).flags);
  vault->expunge(inbox, uid_list({1, 2}), Vault::Expunge::all).value();
  EXPECT_THAT(house.read_all(*vault, "Archive"), ElementsAre(mail("shared")));
  EXPECT_THAT(vault->check(), IsEmpty());
  const auto again = house.open();
  EXPECT_THAT(house.read_all(*again, "Archive"), ElementsAre(mail("shared")));
  again->expunge(archive, uid_list({1}), Vault::Expunge::all).value();
  EXPECT_THAT(house.files_below("Maildir/cur"), IsEmpty());
}

TEST(Move, LeavesTheSourceAndKeepsTheFile) {
  Household house;
  const auto vault = house.open();
  for (int i = 0; i < 3; ++i) house.append(*vault, mail("m" + std::to_string(i)));
  const auto inbox = vault->state()->find("INBOX")->id;
  const auto trash = vault->state()->find("Trash")->id;
  EXPECT_THAT(vault->move(inbox, uid_list({1, 3}), trash).value().uids, SizeIs(2));
  const auto again = house.open();
  EXPECT_THAT(house.read_all(*again, "INBOX"), ElementsAre(mail("m1")));
  EXPECT_THAT(house.read_all(*again, "Trash"), ElementsAre(mail("m0"), mail("m2")));
  EXPECT_THAT(again->check(), IsEmpty());
  again->expunge(trash, uid_list({1, 2}), Vault::Expunge::all).value();
  EXPECT_THAT(house.files_below("Maildir/cur"), SizeIs(1));
}

TEST(Vault, AnOldVersionStaysWhatItWasWhileTheVaultGoesOn) {
  Household house;
  const auto vault = house.open();
  for (int i = 0; i < 3; ++i) house.append(*vault, mail("m"));
  const auto old = vault->state()->find("INBOX");
  vault->change_flags(old->id, uid_list({1}), set(Flags::seen), std::nullopt).value();
  vault->expunge(old->id, uid_list({2}), Vault::Expunge::all).value();
  house.append(*vault, mail("m"));
  EXPECT_EQ(old->count, 3U);
  EXPECT_EQ(old->at({1}).flags.bits, 0U);
  EXPECT_EQ(old->at({2}).uid, Uid{2});
  EXPECT_EQ(old->uid_next, Uid{4});
}

TEST(Vault, AnswersClosedOnceStopped) {
  Household house;
  const auto vault = house.open();
  house.append(*vault, mail("m"));
  const auto message = vault->state()->find("INBOX")->at({1});
  const auto reading = vault->open_message(message).value();
  int rings = 0;
  const auto bell = vault->subscribe([&] { ++rings; });
  vault->stop();
  EXPECT_EQ(rings, 1);
  char octet = 0;
  EXPECT_THROW(reading->read_at(0, {&octet, 1}), std::system_error);
  EXPECT_EQ(vault->open_message(message).error(), Errc::closed);
  EXPECT_EQ(vault->create_mailbox("x", SpecialUse::none).error(), Errc::closed);
}

TEST(Vault, RefusesAnotherKey) {
  Household house(2);
  house.members[0].key = house.members[1].key;
  EXPECT_EQ(house.try_open(0).error(), Errc::wrong_key);
}

}  // namespace
}  // namespace mailpod::store::test
