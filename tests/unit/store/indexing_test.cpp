#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "household.hpp"

// A vault's search index keeps step with the vault. That it says what a scan finds is in
// unit/imap/indexed_search_test.cpp.
namespace mailpod::store::test {
namespace {

using search::Where;
using testing::IsEmpty;
using Verdict = search::Hits::Verdict;

constexpr std::chrono::hours plenty{1};

void index_all(Vault& vault) {
  while (vault.index_more(plenty)) {
  }
}

/// Of each message of a mailbox: - not there, + there, ? must be read.
std::string verdicts(Vault& vault, std::string_view word, std::string_view mailbox = "INBOX") {
  const auto hits = vault.look_up(word, Where::message);
  if (!hits) return "nothing";
  std::string all;
  const auto state = vault.state()->find(mailbox);
  for (std::uint32_t n = 1; n <= state->count; ++n) all += "-+?"[static_cast<int>(hits->of(state->at({n}).record))];
  return all;
}

std::string numbered(int n) {
  return mail(fmt::format("subject{}", n), fmt::format("body{} common\r\n", n));
}

struct IndexedVault : testing::Test {
  IndexedVault() { house.settings.index_generation = 4; }
  /// As many messages, indexed.
  std::unique_ptr<Vault> vault_with(int count) {
    auto vault = house.open();
    for (int n = 1; n <= count; ++n) Household::append(*vault, numbered(n));
    index_all(*vault);
    return vault;
  }
  std::vector<std::string> index_files() { return house.files_below("search/"); }
  Household house;
};

TEST_F(IndexedVault, TellsOfWhatWasThereWhatArrivesAndWhatIsCopied) {
  auto vault = vault_with(5);
  EXPECT_EQ(verdicts(*vault, "subject3"), "--+--");
  house.deliver(numbered(6));
  Household::merge_all(*vault);
  EXPECT_EQ(verdicts(*vault, "body6"), "-----?") << "not indexed yet";
  index_all(*vault);
  EXPECT_EQ(verdicts(*vault, "body6"), "-----+");
  const auto inbox = vault->state()->find("INBOX")->id;
  vault->copy(inbox, std::vector<Uid>{{2}, {6}}, vault->state()->find("Archive")->id).value();
  EXPECT_EQ(verdicts(*vault, "body6", "Archive"), "-+") << "a copy is the same message";
}

TEST_F(IndexedVault, KnowsAllAfterReopening) {
  auto vault = vault_with(9);
  vault->close();
  vault.reset();
  const auto before = house.disk->calls();
  vault = house.open();
  EXPECT_EQ(verdicts(*vault, "ody7"), "------+--");
  const auto opened = house.disk->calls();
  index_all(*vault);
  EXPECT_EQ(house.disk->calls(), opened) << "nothing is written where nothing is new";
  EXPECT_GT(opened, before);
}

TEST_F(IndexedVault, IsMadeAnewWhereOtherPartsOfMessagesAreSearched) {
  auto vault = vault_with(3);
  Household::append(*vault, "Content-Type: application/json\r\n\r\n{\"attached\": 1}\r\n");
  index_all(*vault);
  EXPECT_EQ(verdicts(*vault, "attached"), "----");
  for (const auto searched : {message::Searched::attachments, message::Searched::texts}) {
    vault->close();
    vault.reset();
    house.settings.searched = searched;
    vault = house.open();
    EXPECT_EQ(verdicts(*vault, "attached"), "????") << "what the old index says does not count";
    index_all(*vault);
    EXPECT_EQ(verdicts(*vault, "attached"), searched == message::Searched::attachments ? "---+" : "----");
    EXPECT_EQ(verdicts(*vault, "body2"), "-+--");
  }
  EXPECT_EQ(index_files().size(), 1U);
}

TEST_F(IndexedVault, FindsItsDocumentsAgainWhenTheJournalIsCompactedBesideIt) {
  auto vault = vault_with(6);
  const auto inbox = vault->state()->find("INBOX")->id;
  vault->expunge(inbox, std::vector<Uid>{{1}, {2}}, Vault::Expunge::all).value();
  bool rung = false;
  const auto bell = vault->subscribe([&] { rung = true; });
  vault->compact();
  EXPECT_TRUE(rung) << "whoever indexes must come";
  EXPECT_EQ(verdicts(*vault, "subject3"), "????");
  index_all(*vault);
  EXPECT_EQ(verdicts(*vault, "subject3"), "+---");
  EXPECT_EQ(vault->search_stats().documents, 6U) << "none was read anew";
}

TEST_F(IndexedVault, IsRightAfterTheJournalWasRewritten) {
  house.settings.rewrite_above = 1;
  auto vault = vault_with(9);
  vault->expunge(vault->state()->find("INBOX")->id, std::vector<Uid>{{2}, {5}}, Vault::Expunge::all).value();
  const auto before = vault->state()->find("INBOX")->at({1}).record;
  Household::leave_garbage(*vault);
  vault->close();
  vault.reset();
  vault = house.open();
  ASSERT_NE(vault->state()->find("INBOX")->at({1}).record, before);
  EXPECT_EQ(verdicts(*vault, "body7"), "???????") << "whatever stood there, it may be another now";
  const auto documents = vault->search_stats().documents;
  index_all(*vault);
  EXPECT_EQ(verdicts(*vault, "body7"), "----+--");
  EXPECT_EQ(vault->search_stats().documents, documents) << "found again, not read again";
  vault->close();
  vault.reset();
  vault = house.open();
  EXPECT_EQ(verdicts(*vault, "body7"), "----+--");
}

/// The index was ahead of a vault that was put back from a backup, and other messages came to stand where it knew some.
TEST_F(IndexedVault, IsRightWhereTheVaultIsOlderThanItsIndex) {
  auto vault = vault_with(2);
  vault->close();
  vault.reset();
  auto backup = house.disk->clean_copy();
  vault = house.open();
  Household::append(*vault, numbered(3));
  Household::append(*vault, numbered(4));
  index_all(*vault);
  vault->close();
  vault.reset();
  for (const auto& path : index_files()) {
    const auto octets = base::read_file(*house.disk, path, 1 << 24);
    if (backup->status(path)) backup->unlink(path);
    backup->open(path, base::Disk::Open::create_new)->write_at(0, octets);
  }
  house.disk = std::move(backup);
  vault = house.open();
  Household::append(*vault, numbered(5));
  Household::append(*vault, numbered(6));
  EXPECT_EQ(verdicts(*vault, "body3").find('+'), std::string::npos);
  EXPECT_EQ(verdicts(*vault, "body5").substr(2), "??");
  index_all(*vault);
  EXPECT_EQ(verdicts(*vault, "body3"), "----");
  EXPECT_EQ(verdicts(*vault, "body5"), "--+-");
}

TEST_F(IndexedVault, IsRightAfterEveryDamageToItsFiles) {
  auto vault = vault_with(9);
  vault->close();
  vault.reset();
  const auto whole = house.disk->clean_copy();
  for (const auto& path : index_files()) {
    for (const auto* damage : {"flip", "cut", "delete", "empty"}) {
      house.disk = whole->clean_copy();
      auto octets = base::read_file(*house.disk, path, 1 << 24);
      house.disk->unlink(path);
      if (std::string_view(damage) != "delete") {
        if (std::string_view(damage) == "flip") octets[octets.size() / 2] ^= 1;
        if (std::string_view(damage) == "cut") octets.resize(octets.size() / 2);
        if (std::string_view(damage) == "empty") octets.clear();
        house.disk->open(path, base::Disk::Open::create_new)->write_at(0, octets);
      }
      vault = house.open();
      index_all(*vault);
      // What a damaged page held may only be noticed when it is asked for; then it is indexed again.
      int bells = 0;
      const auto bell = vault->subscribe([&] { ++bells; });
      const auto first = verdicts(*vault, "common") + verdicts(*vault, "body4");
      EXPECT_EQ(bells > 0, first.find('?') != std::string::npos) << damage;
      index_all(*vault);
      EXPECT_EQ(verdicts(*vault, "common"), "+++++++++") << damage;
      EXPECT_EQ(verdicts(*vault, "body4"), "---+-----") << damage;
      vault->close();
      vault.reset();
    }
  }
}

TEST_F(IndexedVault, StopsAndClosesWhileIndexing) {
  auto vault = house.open();
  for (int n = 1; n <= 9; ++n) Household::append(*vault, numbered(n));
  EXPECT_TRUE(vault->index_more({})) << "a slice of no time takes one message";
  EXPECT_TRUE(vault->index_more({}));
  vault->close();
  EXPECT_FALSE(vault->index_more(plenty));
  vault.reset();
  EXPECT_THAT(house.files_below(".open"), IsEmpty());
  vault = house.open();
  EXPECT_EQ(verdicts(*vault, "common").substr(0, 2), "++") << "what was done is not done again";
  vault->stop();
  EXPECT_FALSE(vault->index_more(plenty));
  EXPECT_EQ(vault->look_up("common", Where::message), nullptr);
}

TEST_F(IndexedVault, FailsNothingWhenTheDiskIsFull) {
  auto vault = house.open();
  for (int n = 1; n <= 3; ++n) Household::append(*vault, numbered(n));
  house.disk->set_capacity(house.disk->used() + 10'000);
  index_all(*vault);
  index_all(*vault);
  EXPECT_EQ(verdicts(*vault, "common"), "???");
  EXPECT_THAT(index_files(), IsEmpty()) << "what it took it gives back";
  house.disk->heal();
  Household::append(*vault, numbered(4));
  index_all(*vault);
  EXPECT_EQ(verdicts(*vault, "common"), "????") << "it rests";
  house.clock.advance(std::chrono::minutes(11));
  index_all(*vault);
  EXPECT_EQ(verdicts(*vault, "common"), "++++");
  EXPECT_EQ(
      std::ranges::count_if(house.log.all, [](const auto& line) { return line.starts_with("search index rests"); }), 1);
}

TEST_F(IndexedVault, ForgetsWhatIsMostlyGone) {
  auto vault = vault_with(8);
  vault->expunge(vault->state()->find("INBOX")->id, std::vector<Uid>{{1}, {2}, {3}}, Vault::Expunge::all).value();
  vault->close();
  vault.reset();
  vault = house.open();
  EXPECT_EQ(vault->search_stats().documents, 8U);
  index_all(*vault);
  EXPECT_EQ(vault->search_stats().documents, 5U);
  EXPECT_EQ(verdicts(*vault, "common"), "+++++");
}

TEST_F(IndexedVault, IsMadeAnewOnDemandAndRings) {
  auto vault = vault_with(5);
  int rings = 0;
  const auto bell = vault->subscribe([&] { ++rings; });
  vault->drop_index();
  EXPECT_EQ(rings, 1);
  EXPECT_THAT(index_files(), IsEmpty());
  index_all(*vault);
  EXPECT_EQ(verdicts(*vault, "body2"), "-+---");
}

TEST_F(IndexedVault, NeedNotHaveAnIndex) {
  house.settings.index_generation = 0;
  auto vault = vault_with(2);
  EXPECT_EQ(vault->look_up("common", Where::message), nullptr);
  EXPECT_EQ(vault->search_stats().documents, 0U);
  EXPECT_THAT(index_files(), IsEmpty());
}

TEST_F(IndexedVault, LetsWhatIsDamagedBeRead) {
  auto vault = house.open();
  for (int n = 1; n <= 3; ++n) Household::append(*vault, numbered(n));
  const auto path = house.files_below("Maildir/cur").at(0);
  const auto file = house.disk->open(path, base::Disk::Open::read_write);
  file->write_at(file->size() / 2, std::string(100, 'x'));
  index_all(*vault);
  EXPECT_EQ(std::ranges::count(verdicts(*vault, "common"), '?'), 1);
  EXPECT_EQ(std::ranges::count(verdicts(*vault, "absent"), '?'), 1);
}

}  // namespace
}  // namespace mailpod::store::test
