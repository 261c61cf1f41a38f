// A vault under another key, wherever power is lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mailpod/store/rekey.hpp>

#include "household.hpp"

namespace mailpod::store::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Rekeying : testing::Test {
  Rekeying() {
    house.deliver(mail("old"));
    auto vault = house.open();
    Household::merge_all(*vault);
    Household::append(*vault, mail("mine"), "Sent");
    vault->close();
    house.deliver(mail("waiting"));
  }
  VaultPlace place() const { return {house.members[0].folder, house.members[0].id, house.pod_key.public_key()}; }
  /// All but the slots, which are not the store's.
  NewVault begin(const crypto::VaultKey& fresh) {
    auto made = begin_rekey(house.ports(), place(), house.members[0].key, fresh).value();
    const Card card{house.members[0].id, made.drop_key_number, made.drop_recipient, std::nullopt};
    write_next_card(*house.disk, place().folder, card, house.pod_key);
    return made;
  }
  std::shared_ptr<const crypto::VaultKey> fresh_key() {
    return std::make_shared<const crypto::VaultKey>(crypto::Key::random(house.arena, house.entropy));
  }
  Result<std::unique_ptr<Vault>> open_by(const std::shared_ptr<const crypto::VaultKey>& key) {
    return Vault::open(house.ports(), place().folder, place().member, key, place().pod_public_key, house.settings);
  }
  void expect_whole(Vault& vault) {
    Household::merge_all(vault);
    EXPECT_THAT(Household::read_all(vault), ElementsAre(mail("old"), mail("waiting")));
    EXPECT_THAT(Household::read_all(vault, "Sent"), ElementsAre(mail("mine")));
    EXPECT_THAT(vault.check(), IsEmpty());
  }
  Household house;
};

TEST_F(Rekeying, OpensByTheNewKeyAloneAndHasEverything) {
  const auto fresh = fresh_key();
  const auto made = begin(*fresh);
  settle_rekey(*house.disk, place(), *fresh);
  EXPECT_EQ(open_by(house.members[0].key).error(), Errc::wrong_key);
  auto vault = open_by(fresh).value();
  expect_whole(*vault);
  const auto card = read_card(*house.disk, place().folder, place().member, house.pod_key.public_key()).value();
  EXPECT_EQ(card.drop_recipient, made.drop_recipient);
  EXPECT_EQ(card.drop_key_number, 2U);
  EXPECT_THAT(house.files_below("log.next"), IsEmpty());
}

TEST_F(Rekeying, BegunAndNotDecidedChangesNothing) {
  const auto fresh = fresh_key();
  begin(*fresh);
  expect_whole(*open_by(house.members[0].key).value());
  // Once more, and this time to its end.
  const auto second = fresh_key();
  begin(*second);
  settle_rekey(*house.disk, place(), *fresh);
  settle_rekey(*house.disk, place(), *second);
  expect_whole(*open_by(second).value());
}

TEST_F(Rekeying, IsDurableOnceBegun) {
  const auto fresh = fresh_key();
  begin_rekey(house.ports(), place(), house.members[0].key, *fresh).value();
  const auto begun = std::move(house.disk);
  for (std::uint64_t seed = 1; seed <= 16; ++seed) {
    house.disk = begun->crash(seed);
    const auto opened = open_by(fresh);
    ASSERT_TRUE(opened.has_value()) << seed;
    expect_whole(**opened);
  }
}

TEST_F(Rekeying, MailSealedToTheOldCardIsReadThoughItComesLate) {
  const auto fresh = fresh_key();
  begin(*fresh);
  settle_rekey(*house.disk, place(), *fresh);
  house.deliver(mail("by the old card"));
  auto vault = open_by(fresh).value();
  Household::merge_all(*vault);
  EXPECT_EQ(Household::read_all(*vault).back(), mail("by the old card"));
  EXPECT_EQ(vault->figures().drop_keys, 2U);
  vault->close();
  // The old drop key goes once nothing can be under way to it any more.
  house.clock.advance(std::chrono::hours(37));
  vault = open_by(fresh).value();
  EXPECT_EQ(vault->figures().drop_keys, 1U);
  EXPECT_THAT(vault->check(), IsEmpty());
  vault->close();
  EXPECT_EQ(open_by(fresh).value()->figures().drop_keys, 1U);
}

TEST_F(Rekeying, MailThatArrivesMeanwhileIsReadByTheNewKey) {
  const auto fresh = fresh_key();
  const auto made = begin_rekey(house.ports(), place(), house.members[0].key, *fresh).value();
  house.deliver(mail("before the card"));
  const Card card{house.members[0].id, made.drop_key_number, made.drop_recipient, std::nullopt};
  write_next_card(*house.disk, place().folder, card, house.pod_key);
  house.deliver(mail("before the journal"));
  settle_rekey(*house.disk, place(), *fresh);
  house.members[0].card = card;
  house.deliver(mail("to the new card"));
  auto vault = open_by(fresh).value();
  Household::merge_all(*vault);
  EXPECT_THAT(Household::read_all(*vault),
              testing::UnorderedElementsAre(mail("old"), mail("waiting"), mail("before the card"),
                                            mail("before the journal"), mail("to the new card")));
  EXPECT_THAT(vault->check(), IsEmpty());
  EXPECT_THAT(house.files_below("/quarantine/"), IsEmpty());
}

TEST_F(Rekeying, KeepsAnOlderDropKeyWhileSomethingWaitsForIt) {
  const auto fresh = fresh_key();
  begin(*fresh);
  settle_rekey(*house.disk, place(), *fresh);
  house.deliver(mail("by the old card"));
  house.clock.advance(std::chrono::hours(37));
  auto vault = open_by(fresh).value();
  EXPECT_EQ(vault->figures().drop_keys, 2U);
  Household::merge_all(*vault);
  EXPECT_EQ(Household::read_all(*vault).back(), mail("by the old card"));
}

/// Power is lost at every call; whichever key the slot then leads to opens the whole vault.
TEST_F(Rekeying, LosesNothingWhereverPowerIsLost) {
  const auto pristine = house.disk->clean_copy();
  const auto fresh = fresh_key();
  std::uint64_t points = 0;
  for (std::uint64_t call = 1;; ++call) {
    house.disk = pristine->clean_copy();
    const auto start = house.disk->calls();
    house.disk->crash_at_call(start + call);
    bool decided = false;
    bool ended = false;
    try {
      begin(*fresh);
      decided = true;  // the slot is replaced here
      settle_rekey(*house.disk, place(), *fresh);
      ended = true;
    } catch (const simulation::PowerLoss&) {
    }
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      Household& here = house;
      auto kept = std::move(here.disk);
      here.disk = kept->crash(seed);
      {
        auto opened = open_by(decided ? fresh : here.members[0].key);
        ASSERT_TRUE(opened.has_value()) << "call " << call << " seed " << seed;
        expect_whole(**opened);
        ASSERT_FALSE(HasFailure()) << "call " << call << " seed " << seed;
        ASSERT_TRUE(read_card(*here.disk, place().folder, place().member, here.pod_key.public_key()).has_value());
      }
      here.disk = std::move(kept);
    }
    ++points;
    if (ended) break;
  }
  EXPECT_GT(points, 30U);
  std::printf("%llu points\n", static_cast<unsigned long long>(points));
}

}  // namespace
}  // namespace mailpod::store::test
