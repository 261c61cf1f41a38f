#include <mailpod/crypto/spool.hpp>

#include <system_error>

#include <gtest/gtest.h>

#include "simulation/disk.hpp"
#include "simulation/entropy.hpp"

namespace mailpod::crypto {
namespace {

/// A disk that remembers every octet ever written to it.
class WatchedDisk final : public base::Disk {
public:
  std::unique_ptr<base::File> open(const std::string& path, Open how) override {
    return std::make_unique<WatchedFile>(below.open(path, how), seen);
  }
  void rename(const std::string& from, const std::string& to) override { below.rename(from, to); }
  void unlink(const std::string& path) override { below.unlink(path); }
  void make_directory(const std::string& path) override { below.make_directory(path); }
  void remove_directory(const std::string& path) override { below.remove_directory(path); }
  void sync_directory(const std::string& path, std::source_location where) override {
    below.sync_directory(path, where);
  }
  std::vector<Entry> list(const std::string& path) override { return below.list(path); }
  std::optional<Information> status(const std::string& path) override { return below.status(path); }
  std::unique_ptr<Lock> lock(const std::string& path) override { return below.lock(path); }

  simulation::Disk below;
  std::string seen;

private:
  class WatchedFile final : public base::File {
  public:
    WatchedFile(std::unique_ptr<base::File> file, std::string& seen) : file_(std::move(file)), seen_(seen) {}
    std::size_t read_at(std::uint64_t offset, std::span<char> into) override { return file_->read_at(offset, into); }
    void write_at(std::uint64_t offset, std::string_view octets) override {
      seen_.append(octets);
      file_->write_at(offset, octets);
    }
    void truncate(std::uint64_t size) override { file_->truncate(size); }
    std::uint64_t size() override { return file_->size(); }
    void sync(std::source_location where) override { file_->sync(where); }

  private:
    std::unique_ptr<base::File> file_;
    std::string& seen_;
  };
};

std::string pattern(std::size_t size) {
  std::string octets;
  for (std::size_t line = 0; octets.size() < size; ++line) octets += "plaintext line " + std::to_string(line) + "\r\n";
  octets.resize(size);
  return octets;
}

std::string read_all(const Spool& spool) {
  std::string octets(static_cast<std::size_t>(spool.size()) + 1, '\0');
  octets.resize(spool.read_at(0, octets));
  return octets;
}

class SpoolTest : public testing::Test {
protected:
  WatchedDisk disk_;
  simulation::Entropy entropy_;
  KeyArena arena_;
  SpoolBudget budget_{1 << 20};
  SpoolPlace place_{disk_, "/", entropy_, arena_, budget_};
};

TEST_F(SpoolTest, KeepsASmallLetterInMemory) {
  Spool spool(place_);
  const auto letter = pattern(256 * 1024);
  ASSERT_TRUE(spool.append(letter));
  EXPECT_TRUE(spool.in_memory());
  EXPECT_EQ(read_all(spool), letter);
  EXPECT_EQ(disk_.below.calls(), 0u);
  EXPECT_EQ(budget_.available(), (1u << 20) - letter.size());
}

TEST_F(SpoolTest, PutsALargeLetterOnDiskAndGivesTheMemoryBack) {
  Spool spool(place_);
  const auto letter = pattern(1'000'000);
  for (std::size_t at = 0; at < letter.size(); at += 4097) {
    ASSERT_TRUE(spool.append(std::string_view(letter).substr(at, 4097)));
  }
  EXPECT_FALSE(spool.in_memory());
  EXPECT_EQ(spool.size(), letter.size());
  EXPECT_EQ(read_all(spool), letter);
  EXPECT_EQ(budget_.available(), 1u << 20);
}

TEST_F(SpoolTest, NeverWritesPlaintext) {
  Spool spool(place_);
  ASSERT_TRUE(spool.append(pattern(1'000'000)));
  EXPECT_GT(disk_.seen.size(), 900'000u);
  EXPECT_EQ(disk_.seen.find("plain"), std::string::npos);
  EXPECT_TRUE(disk_.below.files().empty()) << "the file has a name";
}

TEST_F(SpoolTest, ReadsFromAnyPlace) {
  Spool spool(place_);
  const auto letter = pattern(500'000);
  ASSERT_TRUE(spool.append(letter));
  for (const std::size_t at : {0UL, 16383UL, 16384UL, 499'990UL, 300'000UL, 7UL}) {
    std::string into(20'000, '.');
    const auto got = spool.read_at(at, into);
    EXPECT_EQ(into.substr(0, got), letter.substr(at, 20'000)) << at;
  }
  std::string into(1, '.');
  EXPECT_EQ(spool.read_at(500'000, into), 0u);
}

TEST_F(SpoolTest, GoesToDiskWhenThePodsMemoryIsTaken) {
  ASSERT_TRUE(budget_.take((1 << 20) - 1000));
  Spool spool(place_);
  ASSERT_TRUE(spool.append(pattern(1000)));
  EXPECT_TRUE(spool.in_memory());
  ASSERT_TRUE(spool.append("one more"));
  EXPECT_FALSE(spool.in_memory());
  EXPECT_EQ(read_all(spool), pattern(1000) + "one more");
}

TEST_F(SpoolTest, GivesItsMemoryBackWhenItGoes) {
  {
    ASSERT_TRUE(Spool(place_).append(pattern(1000)));
  }
  EXPECT_EQ(budget_.available(), 1u << 20);
  EXPECT_EQ(arena_.in_use(), 0u);
}

TEST_F(SpoolTest, RefusesWhatExceedsItsLimitAndKeepsTheRest) {
  Spool spool(place_, {100, 1000});
  ASSERT_TRUE(spool.append(pattern(900)));
  EXPECT_EQ(spool.append(pattern(101)).error(), Errc::spool_full);
  EXPECT_EQ(read_all(spool), pattern(900));
  EXPECT_TRUE(spool.append(std::string(100, 'x')));
  EXPECT_EQ(spool.append("x").error(), Errc::spool_full);
  EXPECT_TRUE(spool.append(""));
}

TEST_F(SpoolTest, IsAsBeforeWhenTheDiskFails) {
  const auto first = pattern(200'000);
  const auto more = pattern(100'000);
  for (std::uint64_t call = 1; call < 18; ++call) {
    Spool spool(place_);
    ASSERT_TRUE(spool.append(first));
    disk_.below.fail_call(disk_.below.calls() + call, ENOSPC);
    EXPECT_THROW(static_cast<void>(spool.append(more)), std::system_error) << call;
    disk_.below.heal();
    EXPECT_EQ(read_all(spool), first) << call;
    ASSERT_TRUE(spool.append(more));
    EXPECT_EQ(read_all(spool), first + more) << call;
  }
}

TEST_F(SpoolTest, SealsEveryChunkUnderANonceOfItsOwn) {
  Spool spool(place_, {0, 1 << 20});
  ASSERT_TRUE(spool.append(std::string(2 * 16'384, 'p')));
  ASSERT_EQ(disk_.seen.size(), 2u * (24 + 16'384 + 16));
  EXPECT_NE(disk_.seen.substr(0, 24), disk_.seen.substr(24 + 16'384 + 16, 24));
}

TEST(SpoolBudget, GivesAllOrNothing) {
  SpoolBudget budget(10);
  EXPECT_FALSE(budget.take(11));
  EXPECT_TRUE(budget.take(10));
  EXPECT_FALSE(budget.take(1));
  budget.give_back(4);
  EXPECT_TRUE(budget.take(4));
}

}  // namespace
}  // namespace mailpod::crypto
