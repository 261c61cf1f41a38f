#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "checkpoint.hpp"
#include "household.hpp"

namespace mailpod::store::test {
namespace {

using testing::IsEmpty;

/// All that a client can see of a vault.
std::string picture(Vault& vault) {
  std::string picture;
  for (const auto& mailbox : vault.state()->mailboxes) {
    picture += fmt::format("{} id={} validity={} next={} modseq={} use={} marks={}{} keywords={} counts={}/{}/{}/{}\n",
                           mailbox->name, mailbox->id.value, mailbox->uid_validity.value, mailbox->uid_next.value,
                           mailbox->highest_mod_seq.value, static_cast<int>(mailbox->special_use),
                           mailbox->subscribed ? 's' : '-', mailbox->selectable ? 's' : '-', mailbox->keywords.size(),
                           mailbox->count, mailbox->unseen, mailbox->deleted, mailbox->octets);
    for (std::uint32_t n = 1; n <= mailbox->count; ++n) {
      const auto& message = mailbox->at({n});
      picture += fmt::format("  {} flags={} modseq={} date={} {}\n", message.uid.value, message.flags.bits,
                             message.mod_seq.value, message.internal_date, Household::read(vault, message));
    }
  }
  return picture;
}

/// Does a bit of everything, so that each record stands in the journal.
void live(Household& house, Vault& vault, int round) {
  const auto inbox = vault.state()->find("INBOX")->id;
  const auto archive = vault.state()->find("Archive")->id;
  for (int i = 0; i < 4; ++i) house.append(vault, mail(fmt::format("{}.{}", round, i)));
  house.deliver(mail(fmt::format("arrived {}", round)));
  Household::merge_all(vault);
  const auto uids = Household::uids(vault);
  vault.copy(inbox, std::vector<Uid>{uids[0], uids[1]}, archive).value();
  vault.change_flags(inbox, std::vector<Uid>{uids[1]}, {FlagChange::How::add, Flags::seen, {"k"}}, std::nullopt)
      .value();
  vault.expunge(inbox, std::vector<Uid>{uids[0]}, Vault::Expunge::all).value();
  vault.move(inbox, std::vector<Uid>{uids[2]}, vault.state()->find("Trash")->id).value();
  vault.create_mailbox(fmt::format("round/{}", round), SpecialUse::none).value();
  if (round % 3 == 2) vault.delete_mailbox(fmt::format("round/{}", round - 1)).value();
  vault.flush();
}

TEST(Checkpoint, IsWrittenByAVaultThatClosesIfTheNextOpeningWouldHaveMuchToRead) {
  Household house;
  auto vault = house.open();
  house.append(*vault, mail("one"));
  const auto inbox = vault->state()->find("INBOX")->id;
  const auto flag_often = [&](int times) {
    for (; times > 0; --times) {
      const auto how = times % 2 == 0 ? FlagChange::How::add : FlagChange::How::remove;
      vault->change_flags(inbox, Household::uids(*vault), {how, Flags::seen, {}}, std::nullopt).value();
      vault->flush();
    }
  };
  const auto segments = [&] { return house.files_below("/log/").size(); };
  flag_often(100);
  const auto few = segments();
  vault->close();
  EXPECT_EQ(segments(), few) << "not worth it";

  vault = house.open();
  flag_often(3'000);
  const auto before = segments();
  vault->close();
  EXPECT_EQ(segments(), before + 1);
  vault = house.open();
  EXPECT_THAT(vault->check(), IsEmpty());
  EXPECT_EQ(Household::uids(*vault).size(), 1U);
}

TEST(Checkpoint, LeavesNothingDifferentWhateverHappenedBefore) {
  Household house;
  house.settings.checkpoint_tail = 1;  // after every change
  auto vault = house.open();
  for (int round = 0; round < 6; ++round) {
    live(house, *vault, round);
    const auto before = picture(*vault);
    vault.reset();
    vault = house.open();
    ASSERT_EQ(picture(*vault), before) << round;
  }
  EXPECT_THAT(vault->check(), IsEmpty());
}

TEST(Checkpoint, IsWrittenWhenTheTailIsLongAndNoSooner) {
  Household house;
  house.settings.checkpoint_tail = 20'000;
  const auto vault = house.open();
  const auto segments = [&] { return house.files_below(".seg").size(); };
  EXPECT_EQ(segments(), 1U);
  int appended = 0;
  while (segments() == 1) {
    house.append(*vault, mail("m"));
    ASSERT_LT(++appended, 100);
  }
  EXPECT_GT(appended, 10);
}

TEST(Checkpoint, TakesAtMost32OctetsAMessageAndSurvivesManyParts) {
  Household house;
  const auto vault = house.open();
  Listing listing;
  Change change(listing);
  MailboxRecord mailbox;
  mailbox.id = {1};
  mailbox.uid_validity = {1};
  mailbox.name = "INBOX";
  change.apply(mailbox);
  constexpr std::uint32_t count = 100'000;
  for (std::uint32_t uid = 1; uid <= count; ++uid) {
    MessageState message;
    message.uid = {uid};
    message.flags = {uid % 32};
    message.mod_seq = {uid * 7ULL};
    message.size = uid;
    message.internal_date = uid + 5;
    message.record = uid * 3ULL;
    ASSERT_TRUE(change.append({1}, message));
  }
  change.set_expunged(house.entropy.bytes<16>());
  change.set_shared(77, 3);
  change.publish();
  const auto parts = write_checkpoint(listing);
  std::size_t octets = 0;
  for (const auto& part : parts) {
    EXPECT_LE(part.size(), journal::max_payload);
    octets += part.size();
  }
  EXPECT_LT(octets, 32 * count + 2'000);

  Listing read;
  Change reading(read);
  for (const auto& part : parts) ASSERT_TRUE(read_checkpoint_part(part, reading));
  reading.publish();
  const auto state = read.state->find("INBOX");
  ASSERT_EQ(state->count, count);
  EXPECT_EQ(state->octets, listing.state->find("INBOX")->octets);
  EXPECT_EQ(state->at({777}).record, 777 * 3U);
  EXPECT_EQ(state->find(Uid{99'999})->value, 99'999U);
  EXPECT_EQ(read.shared.at(77), 3U);
  EXPECT_EQ(read.expunged.all(), listing.expunged.all());
}

TEST(Checkpoint, RefusesEveryTruncationInsideAnItem) {
  Listing listing;
  Change change(listing);
  MailboxRecord mailbox;
  mailbox.id = {1};
  mailbox.name = "INBOX";
  change.apply(mailbox);
  change.append({1}, {{5}, {}, {1}, 10, 20, 30});
  change.publish();
  const auto part = write_checkpoint(listing).at(0);
  std::set<std::size_t> between_items{1};
  base::Decoder items(std::string_view(part).substr(1));
  while (items.field()) between_items.insert(part.size() - items.rest().size());
  for (std::size_t size = 0; size < part.size(); ++size) {
    Listing fresh;
    Change reading(fresh);
    // Between two items it is a part with fewer items; the seal proves that none is missing.
    EXPECT_EQ(read_checkpoint_part(std::string_view(part).substr(0, size), reading), between_items.contains(size));
  }
}

TEST(Checkpoint, KnowsNoModificationSequenceAboveTheLastOneGiven) {
  // As if its numbers were older than its messages.
  Listing listing;
  Change change(listing);
  MailboxRecord mailbox;
  mailbox.id = {1};
  mailbox.name = "INBOX";
  mailbox.mod_seq = {2};
  change.apply(mailbox);
  change.append({1}, {{5}, {}, ModSeq{900}, 10, 20, 30});
  change.publish();
  EXPECT_EQ(listing.numbers.mod_seq, 900U);
}

TEST(Checkpoint, OfALaterVersionIsRefused) {
  Listing fresh;
  Change reading(fresh);
  EXPECT_FALSE(read_checkpoint_part("\x02", reading));
}

TEST(Rewrite, LeavesNothingDifferentAndLittleBehind) {
  Household house;
  std::string before;
  std::uint64_t size_before = 0;
  const auto journal_size = [&] {
    std::uint64_t size = 0;
    for (const auto& path : house.files_below(".seg")) size += house.disk->status(path)->size;
    return size;
  };
  {
    const auto vault = house.open();
    for (int round = 0; round < 4; ++round) live(house, *vault, round);
    const auto inbox = vault->state()->find("INBOX")->id;
    auto most = Household::uids(*vault);
    for (int i = 0; i < 60; ++i) {
      vault
          ->change_flags(inbox, most, {i % 2 == 0 ? FlagChange::How::add : FlagChange::How::remove, Flags::flagged, {}},
                         std::nullopt)
          .value();
      vault->flush();
    }
    most.resize(most.size() - 2);
    vault->expunge(inbox, most, Vault::Expunge::all).value();
    before = picture(*vault);
    vault->close();
    size_before = journal_size();
  }
  house.settings.rewrite_above = 1;
  for (int i = 0; i < 3; ++i) {
    const auto vault = house.open();
    EXPECT_EQ(picture(*vault), before);
    EXPECT_THAT(vault->check(), IsEmpty());
    vault->close();
  }
  EXPECT_LT(journal_size(), size_before / 2);
  const auto vault = house.open();
  house.append(*vault, mail("afterwards"));
  const auto last = vault->state();
  for (const auto& mailbox : last->mailboxes) {
    vault->expunge(mailbox->id, Household::uids(*vault, mailbox->name), Vault::Expunge::all);
  }
  EXPECT_THAT(house.files_below("Maildir/cur"), IsEmpty());
}

}  // namespace
}  // namespace mailpod::store::test
