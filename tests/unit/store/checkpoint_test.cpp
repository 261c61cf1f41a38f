#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
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

TEST(Checkpoint, FindsTheFewThatWereCopiedAmongManyAndKnowsTheManyThatAreGone) {
  Household house;
  Listing listing;
  Change change(listing);
  MailboxRecord mailbox;
  mailbox.id = {1};
  mailbox.name = "INBOX";
  change.apply(mailbox);
  std::map<std::uint32_t, std::uint32_t> dates;
  for (std::uint32_t uid = 1; uid <= 20'000; ++uid) {
    MessageState message{{uid * 2}, {}, {1}, 10, 20, 30};
    // One by itself, two together, one at either end of a chunk; then all.
    if (uid == 7 || uid == 5'000 || uid == 5'001 || uid % 1024 < 2 || uid > 15'000) message.save_date = uid + 100;
    if (message.save_date != 0) dates[message.uid.value] = message.save_date;
    ASSERT_TRUE(change.append({1}, message));
  }
  std::set<MessageId> gone;
  for (int i = 0; i < 40'000; ++i) gone.insert(house.entropy.bytes<16>());
  for (const auto& id : gone) change.set_expunged(id);
  for (std::uint64_t record = 1; record <= 3'000; ++record) change.set_shared(record, 2);
  change.publish();

  Listing read;
  Change reading(read);
  for (const auto& part : write_checkpoint(listing)) ASSERT_TRUE(read_checkpoint_part(part, reading));
  reading.publish();
  const auto state = read.state->find("INBOX");
  std::map<std::uint32_t, std::uint32_t> found;
  for (std::uint32_t n = 1; n <= state->count; ++n) {
    const auto& message = state->at({n});
    if (message.save_date != 0) found[message.uid.value] = message.save_date;
  }
  EXPECT_EQ(found, dates);
  EXPECT_EQ(read.shared, listing.shared);
  EXPECT_EQ(read.expunged.all(), std::vector<MessageId>(gone.begin(), gone.end()));
  EXPECT_TRUE(read.expunged.contains(*gone.begin()));

  // A record that takes the last message but one from some, and more that go.
  Change later(read);
  later.set_shared(5, 1);
  const auto one_more = house.entropy.bytes<16>();
  later.set_expunged(one_more);
  later.publish();
  EXPECT_FALSE(read.shared.contains(5));
  EXPECT_EQ(read.shared.size(), 2'999U);
  EXPECT_TRUE(read.expunged.contains(one_more));
  EXPECT_EQ(read.expunged.size(), gone.size() + 1);
}

TEST(Checkpoint, RefusesSaveDatesOfMessagesThatAreNotThere) {
  Listing listing;
  Change change(listing);
  MailboxRecord mailbox;
  mailbox.id = {1};
  mailbox.name = "INBOX";
  change.apply(mailbox);
  for (const std::uint32_t uid : {5U, 7U, 9U}) change.append({1}, MessageState{{uid}, {}, {1}, 10, 20, 30});
  const auto part_for = [](std::vector<std::uint32_t> uids) {
    base::Encoder entries;
    entries.u32(1);
    for (const auto uid : uids) entries.u32(uid).u64(1'000 + uid);
    return base::Encoder().u8(1).field(7, entries.str()).take();
  };
  EXPECT_TRUE(read_checkpoint_part(part_for({5, 9}), change));
  EXPECT_TRUE(read_checkpoint_part(part_for({9, 7, 5, 5}), change)) << "their order is no promise";
  for (const auto& uids : std::vector<std::vector<std::uint32_t>>{{4}, {5, 6}, {9, 10}, {5, 7, 8, 9}, {0}}) {
    EXPECT_FALSE(read_checkpoint_part(part_for(uids), change)) << uids.back();
  }
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
