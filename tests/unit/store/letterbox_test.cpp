#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mailpod/crypto/padme.hpp>
#include <mailpod/store/destruction.hpp>

#include "household.hpp"
#include "sealed_file.hpp"

namespace mailpod::store::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Padme, NeverAddsMoreThanAnEighth) {
  for (std::uint64_t size = 0; size < 100'000; ++size) {
    EXPECT_GE(crypto::padme(size), size);
    EXPECT_LE(crypto::padme(size) - size, size / 8 + 1) << size;
    EXPECT_EQ(crypto::padme(crypto::padme(size)), crypto::padme(size)) << size;
  }
  EXPECT_EQ(crypto::padme(1'000'000), 1'015'808U);
}

TEST(Card, IsReadBackAndOnlyFromThisPodAndForThisMember) {
  Household house(2);
  auto card = house.members[0].card;
  card.archive_recipient = house.entropy.bytes<32>();
  write_card(*house.disk, house.members[0].folder, card, house.pod_key);
  const auto pod = house.pod_key.public_key();
  const auto read = read_card(*house.disk, house.members[0].folder, card.member, pod).value();
  EXPECT_EQ(read.drop_recipient, card.drop_recipient);
  EXPECT_EQ(read.archive_recipient, card.archive_recipient);
  EXPECT_EQ(read.drop_key_number, 1U);
  EXPECT_EQ(read_card(*house.disk, house.members[0].folder, house.members[1].id, pod).error(), Errc::damaged);
  const auto other = crypto::SigningKey::random(house.arena, house.entropy).public_key();
  EXPECT_EQ(read_card(*house.disk, house.members[0].folder, card.member, other).error(), Errc::damaged);
  EXPECT_EQ(read_card(*house.disk, "members", card.member, pod).error(), Errc::damaged);
}

TEST(Delivery, ToSeveralReachesAllOfThem) {
  Household house(3);
  const auto arrivals = house.deliver(mail("for all"), {0, 1, 2});
  ASSERT_THAT(arrivals, SizeIs(3));
  EXPECT_NE(arrivals[0].message, arrivals[1].message);
  EXPECT_THAT(house.files_below("Maildir/tmp"), IsEmpty());
  for (std::size_t i = 0; i < 3; ++i) {
    const auto vault = house.open(i);
    house.merge_all(*vault);
    EXPECT_THAT(house.read_all(*vault), ElementsAre(mail("for all")));
  }
}

TEST(Delivery, NotCommittedLeavesNothing) {
  Household house(2);
  {
    const base::MemorySource octets("From: a\r\n\r\n");
    const auto structure = message::scan(octets);
    Delivery delivery(house.delivery_ports());
    const Draft draft{octets, structure, "", "b@example.com", house.clock.now(), "", 0, ""};
    for (const auto& member : house.members) delivery.prepare(member.folder, member.card, draft).value();
    EXPECT_THAT(house.files_below("Maildir/tmp"), SizeIs(2));
  }
  EXPECT_THAT(house.files_below("Maildir/"), IsEmpty());
}

TEST(Delivery, OfTheSameMailCannotBeToldFromAnother) {
  Household house(2);
  house.deliver(mail("same"), {0, 1});
  const auto files = house.files_below("Maildir/new");
  ASSERT_THAT(files, SizeIs(2));
  EXPECT_NE(base::read_file(*house.disk, files[0], 100'000), base::read_file(*house.disk, files[1], 100'000));
}

TEST(Delivery, HidesSizesOfTheSameClass) {
  Household house;
  house.deliver(mail("x", std::string(100'000, 'x')));
  house.deliver(mail("x", std::string(100'500, 'x')));
  const auto files = house.files_below("Maildir/new");
  EXPECT_EQ(house.disk->status(files[0])->size, house.disk->status(files[1])->size);
}

TEST(Intents, AreCompletedAtTheNextStartWhereverTheCrashWas) {
  Household house(3);
  house.deliver(mail("for all"), {0, 1, 2});
  // As the crash found it: the intent is durable, one rename done, two not.
  const auto done = house.files_below("Maildir/new");
  ASSERT_THAT(done, SizeIs(3));
  for (std::uint64_t call = 1; call < 60; ++call) {
    Household crashing(3);
    crashing.disk->crash_at_call(crashing.disk->calls() + call);
    bool committed = true;
    try {
      crashing.deliver(mail("for all"), {0, 1, 2});
    } catch (const simulation::PowerLoss&) {
      committed = false;
    }
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
      Household after(3);
      after.disk = crashing.disk->crash(seed);
      complete_intents(*after.disk, "members", after.log);
      const auto arrived = after.files_below("Maildir/new");
      EXPECT_THAT(arrived, testing::AnyOf(SizeIs(0), SizeIs(3))) << call << " " << seed;
      EXPECT_THAT(after.files_below("Maildir/tmp"), IsEmpty());
      if (committed) EXPECT_THAT(arrived, SizeIs(3)) << call << " " << seed;
    }
    if (committed) return;
  }
  FAIL() << "the delivery never ended";
}

void overwrite(base::Disk& disk, const std::string& path, const std::string& content) {
  const auto file = disk.open(path, base::Disk::Open::read_write);
  file->truncate(0);
  file->write_at(0, content);
  file->sync();
}

TEST(Intents, ThatAreDamagedAreKeptWithEverythingTheyMaySpeakFor) {
  bool seen = false;
  for (std::uint64_t call = 1; !seen; ++call) {
    ASSERT_LT(call, 60U);
    Household house(3);
    house.disk->crash_at_call(house.disk->calls() + call);
    EXPECT_THROW(house.deliver(mail("for all"), {0, 1, 2}), simulation::PowerLoss);
    house.disk->revive();
    const auto intents = house.files_below(".intent");
    if (intents.empty()) continue;
    seen = true;
    const auto octets = base::read_file(*house.disk, intents.at(0), 1 << 20);
    const auto before = house.disk->files();
    for (std::size_t bit = 0; bit < octets.size() * 8; ++bit) {
      std::string damaged = octets;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
      overwrite(*house.disk, intents[0], damaged);
      complete_intents(*house.disk, "members", house.log);
      ASSERT_EQ(house.disk->files(), before) << bit;
    }
    EXPECT_TRUE(house.log.mention("delivery intent unreadable"));
    overwrite(*house.disk, intents[0], octets);
    complete_intents(*house.disk, "members", house.log);
    EXPECT_THAT(house.files_below("Maildir/new"), SizeIs(3));
    EXPECT_THAT(house.files_below("Maildir/tmp"), IsEmpty());
  }
}

TEST(Intents, AreCompletedForTheOthersWhenTheirMemberLeaves) {
  for (std::size_t who = 0; who < 3; ++who) {
    bool seen = false;
    for (std::uint64_t call = 1; !seen; ++call) {
      ASSERT_LT(call, 60U);
      Household house(3);
      house.disk->crash_at_call(house.disk->calls() + call);
      EXPECT_THROW(house.deliver(mail("for all"), {0, 1, 2}), simulation::PowerLoss);
      house.disk->revive();
      if (house.files_below(".intent").empty()) continue;
      seen = true;
      const auto& leaving = house.members[who];
      destroy_member_folder(*house.disk, "members", leaving.id, house.log);
      EXPECT_THAT(house.files_below(leaving.id.str()), IsEmpty());
      EXPECT_FALSE(house.disk->status(leaving.folder));
      complete_intents(*house.disk, "members", house.log);
      EXPECT_THAT(house.files_below("Maildir/new"), SizeIs(2)) << who;
      EXPECT_THAT(house.files_below("Maildir/tmp"), IsEmpty());
    }
  }
}

TEST(Destruction, OverwritesKeysBeforeItUnlinksThem) {
  Household house(1);
  const auto folder = house.members[0].folder;
  const auto path = folder + "/slots/0011.slot";
  {
    const auto slot = house.disk->open(path, base::Disk::Open::create_new);
    slot->write_at(0, "the key of everything");
    slot->sync();
  }
  house.disk->sync_directory(folder + "/slots");
  const auto overwriting = house.disk->calls() + 1;
  house.disk->crash_at_call(overwriting + 2);  // written, synced, and then
  EXPECT_THROW(destroy_member_folder(*house.disk, "members", house.members[0].id, house.log), simulation::PowerLoss);
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    const auto after = house.disk->crash(seed);
    EXPECT_THAT(after->files_with("the key of everything"), IsEmpty()) << "whether or not its name is there";
  }
}

TEST(Delivery, ThatFailsAtAnyCallIsAllOrNothingAndWorksAgainAfterwards) {
  for (const int error : {ENOSPC, EIO}) {
    bool committed = false;
    for (std::uint64_t call = 1; !committed; ++call) {
      Household house(2);
      house.disk->fail_call(house.disk->calls() + call, error);
      try {
        house.deliver(mail("first"), {0, 1});
        committed = true;
      } catch (const std::system_error&) {
      }
      const bool failed_late = committed && !house.files_below("Maildir/tmp").empty();
      house.disk->heal();
      if (failed_late) complete_intents(*house.disk, "members", house.log);
      EXPECT_THAT(house.files_below("Maildir/new"), SizeIs(committed ? 2 : 0)) << call;
      house.deliver(mail("second"), {0, 1});
      const auto vault = house.open(1);
      house.merge_all(*vault);
      EXPECT_EQ(house.read_all(*vault).back(), mail("second"));
      if (committed && failed_late) committed = false;
      ASSERT_LT(call, 200U);
    }
  }
}

// ------------------------------------------------------------------------------------------------------------------

struct Merge : testing::Test {
  /// Delivers one mail and answers its path in new/.
  std::string deliver(const std::string& content) {
    house.deliver(content);
    return house.files_below("Maildir/new").at(0);
  }
  std::size_t quarantined() { return house.files_below("quarantine/").size(); }
  Household house{2};
};

TEST_F(Merge, QuarantinesAFileThatAnybodySealed) {
  const auto& member = house.members[0];
  const auto id = house.entropy.bytes<16>();
  const auto path = member.folder + "/Maildir/new/" + base::hex(base::octets(id));
  const std::vector<crypto::AgeRecipient> recipients{{member.card.drop_recipient}};
  const auto forger = crypto::SigningKey::random(house.arena, house.entropy);
  for (const auto* key : {static_cast<const crypto::SigningKey*>(nullptr), &forger}) {
    const auto file = house.disk->open(path, base::Disk::Open::create_new);
    const Sealing sealing{house.entropy, recipients, {}, [&](const crypto::Digest& hash) {
                            SealedRecord record;
                            record.member = member.id;
                            record.message = id;
                            record.size = 5;
                            record.mail_hash = hash;
                            return record.encode(key);
                          }};
    write_sealed_file(*file, base::MemorySource("forge"), sealing);
    const auto vault = house.open();
    house.merge_all(*vault);
    EXPECT_EQ(vault->state()->find("INBOX")->count, 0U);
    EXPECT_EQ(quarantined(), 1U);
    EXPECT_TRUE(house.log.mention("not signed by the pod"));
    EXPECT_THAT(vault->check(), SizeIs(1));
  }
}

TEST_F(Merge, QuarantinesAMailThatWasPutIntoAnotherMembersFolder) {
  const auto path = deliver(mail("for the first"));
  const auto slash = path.rfind('/');
  house.disk->rename(path, house.members[1].folder + "/Maildir/new" + path.substr(slash));
  const auto vault = house.open(1);
  house.merge_all(*vault);
  EXPECT_EQ(vault->state()->find("INBOX")->count, 0U);
  EXPECT_EQ(quarantined(), 1U);
}

TEST_F(Merge, QuarantinesARenamedMailAndForeignFiles) {
  const auto path = deliver(mail("renamed"));
  house.disk->rename(path, house.members[0].folder + "/Maildir/new/" + std::string(32, 'a'));
  house.disk->open(house.members[0].folder + "/Maildir/new/foreign", base::Disk::Open::create_new);
  const auto vault = house.open();
  house.merge_all(*vault);
  EXPECT_EQ(vault->state()->find("INBOX")->count, 0U);
  EXPECT_EQ(quarantined(), 2U);
}

TEST_F(Merge, QuarantinesEveryFlippedBitAndMergesTheOthers) {
  house.deliver(mail("victim"));
  const auto path = house.files_below("Maildir/new").at(0);
  house.deliver(mail("other"));
  const auto pristine = house.disk->clean_copy();
  const auto octets = base::read_file(*pristine, path, 1'000'000);
  for (std::size_t bit = 0; bit < octets.size() * 8; bit += 7) {
    house.disk = pristine->clean_copy();
    std::string damaged = octets;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    house.disk->open(path, base::Disk::Open::read_write)->write_at(0, damaged);
    const auto vault = house.open();
    house.merge_all(*vault);
    ASSERT_THAT(house.read_all(*vault), ElementsAre(mail("other"))) << bit;
    ASSERT_EQ(quarantined(), 1U) << bit;
  }
}

TEST_F(Merge, DoesNotShowAgainWhatWasExpungedAndIsPutBack) {
  const auto path = deliver(mail("once"));
  const auto octets = base::read_file(*house.disk, path, 1'000'000);
  const auto put_back = [&] { house.disk->open(path, base::Disk::Open::create_new)->write_at(0, octets); };
  house.settings.checkpoint_tail = 1;
  {
    const auto vault = house.open();
    house.merge_all(*vault);
    const auto inbox = vault->state()->find("INBOX");
    vault->expunge(inbox->id, std::vector<Uid>{{1}}, Vault::Expunge::all).value();
    put_back();
    house.merge_all(*vault);
    EXPECT_EQ(vault->state()->find("INBOX")->count, 0U);
    EXPECT_EQ(quarantined(), 1U);
    vault->close();
  }
  put_back();
  const auto vault = house.open();
  house.merge_all(*vault);
  EXPECT_EQ(vault->state()->find("INBOX")->count, 0U);
  EXPECT_THAT(house.files_below("Maildir/new"), IsEmpty());
}

TEST_F(Merge, DoesNotShowTwiceWhatIsPutBackWhileItIsThere) {
  const auto path = deliver(mail("once"));
  const auto octets = base::read_file(*house.disk, path, 1'000'000);
  const auto vault = house.open();
  house.merge_all(*vault);
  house.disk->open(path, base::Disk::Open::create_new)->write_at(0, octets);
  house.merge_all(*vault);
  EXPECT_THAT(house.read_all(*vault), ElementsAre(mail("once")));
}

TEST_F(Merge, TakesManyInGroups) {
  house.settings.merge_group = 7;
  for (int i = 0; i < 200; ++i) house.deliver(mail("m" + std::to_string(i)));
  const auto vault = house.open();
  int slices = 0;
  while (vault->merge()) ++slices;
  EXPECT_GT(slices, 10);
  EXPECT_EQ(vault->state()->find("INBOX")->count, 200U);
  EXPECT_THAT(vault->check(), IsEmpty());
}

TEST_F(Merge, BelowTmpOnlyOldUnfinishedFilesOfTheMemberAreRemoved) {
  auto vault = house.open();
  auto prepared = vault->prepare(base::MemorySource(mail("lost")), {{}, house.clock.now()}).value();
  // The process died here: what its objects still do when they go reaches only the disk as it was.
  const auto before = std::exchange(house.disk, house.disk->clean_copy());
  prepared.reset();
  vault.reset();
  const auto young = house.open();
  EXPECT_THAT(house.files_below("Maildir/tmp"), SizeIs(1));
  house.clock.advance(std::chrono::hours(37));
  const auto old = house.open();
  EXPECT_THAT(house.files_below("Maildir/tmp"), IsEmpty());
}

}  // namespace
}  // namespace mailpod::store::test
