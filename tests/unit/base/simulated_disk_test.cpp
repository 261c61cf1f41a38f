// The simulated disk is what the promises of durability rest on, so it is examined itself: every state it answers after
// a power loss must be legal, and every legal state of a kind must come up for some seed.

#include "simulation/disk.hpp"

#include <functional>
#include <set>
#include <system_error>

#include <gtest/gtest.h>

namespace mailpod::simulation {
namespace {

using Open = Disk::Open;

std::string content(Disk& disk, const std::string& path) {
  return base::read_file(disk, path, 1 << 20);
}

void write_new(Disk& disk, const std::string& path, std::string_view octets) {
  disk.open(path, Open::create_new)->write_at(0, octets);
}

void write_durably(Disk& disk, const std::string& path, std::string_view octets) {
  const auto file = disk.open(path, Open::create_new);
  file->write_at(0, octets);
  file->sync();
  disk.sync_directory("/");
}

/// What `look` answers over many power losses.
std::set<std::string> outcomes(const Disk& disk, const std::function<std::string(Disk&)>& look) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 500; ++seed) seen.insert(look(*disk.crash(seed)));
  return seen;
}

std::string all_files(Disk& disk) {
  std::string all;
  for (const auto& path : disk.files()) all += path + "=" + content(disk, path) + ";";
  return all;
}

int error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::system_error& failure) {
    return failure.code().value();
  }
  return 0;
}

TEST(SimulatedPowerLoss, KeepsWhatWasSynced) {
  Disk disk;
  write_durably(disk, "/a", "safe");
  EXPECT_EQ(outcomes(disk, all_files), std::set<std::string>{"/a=safe;"});
}

TEST(SimulatedPowerLoss, MayForgetANameWhoseDirectoryWasNotSynced) {
  Disk disk;
  const auto file = disk.open("/a", Open::create_new);
  file->write_at(0, "x");
  file->sync();
  EXPECT_EQ(outcomes(disk, all_files), (std::set<std::string>{"", "/a=x;"}));
}

TEST(SimulatedPowerLoss, MayKeepANameWithoutItsContent) {
  Disk disk;
  write_new(disk, "/a", "xy");
  disk.sync_directory("/");
  const std::set<std::string> legal{"/a=;", "/a=x;", "/a=xy;", std::string("/a=x\0;", 6), std::string("/a=\0\0;", 6)};
  EXPECT_EQ(outcomes(disk, all_files), legal);
}

TEST(SimulatedPowerLoss, ReordersUnsyncedWrites) {
  Disk disk;
  write_durably(disk, "/a", "....");
  const auto file = disk.open("/a", Open::read_write);
  file->write_at(0, "A");
  file->write_at(3, "B");
  EXPECT_EQ(outcomes(disk, all_files), (std::set<std::string>{"/a=....;", "/a=A...;", "/a=...B;", "/a=A..B;"}));
}

TEST(SimulatedPowerLoss, TearsAWriteAtAnyOctet) {
  Disk disk;
  write_durably(disk, "/a", "...");
  disk.open("/a", Open::read_write)->write_at(0, "ABC");
  EXPECT_EQ(outcomes(disk, all_files), (std::set<std::string>{"/a=...;", "/a=A..;", "/a=AB.;", "/a=ABC;"}));
}

TEST(SimulatedPowerLoss, MayLoseSingleSectorsOfAWrite) {
  Disk disk;
  write_durably(disk, "/a", std::string(1536, '.'));
  disk.open("/a", Open::read_write)->write_at(0, std::string(1536, 'X'));
  const auto middle_missing = std::string(512, 'X') + std::string(512, '.') + std::string(512, 'X');
  EXPECT_TRUE(outcomes(disk, all_files).contains("/a=" + middle_missing + ";"));
}

TEST(SimulatedPowerLoss, MayLoseATruncation) {
  Disk disk;
  write_durably(disk, "/a", "123");
  disk.open("/a", Open::read_write)->truncate(1);
  EXPECT_EQ(outcomes(disk, all_files), (std::set<std::string>{"/a=123;", "/a=1;"}));
}

TEST(SimulatedPowerLoss, LeavesARenameWholeOrUndone) {
  Disk disk;
  write_durably(disk, "/tmp", "new");
  write_durably(disk, "/name", "old");
  disk.rename("/tmp", "/name");
  EXPECT_EQ(outcomes(disk, all_files), (std::set<std::string>{"/name=new;", "/name=old;/tmp=new;"}));
}

TEST(SimulatedPowerLoss, KeepsARenameOnceEitherDirectoryWasSynced) {
  for (const std::string synced : {"/from", "/to"}) {
    Disk disk;
    disk.make_directory("/from");
    disk.make_directory("/to");
    disk.sync_directory("/");
    const auto file = disk.open("/from/a", Open::create_new);
    file->write_at(0, "x");
    file->sync();
    disk.rename("/from/a", "/to/a");
    disk.sync_directory(synced);
    EXPECT_EQ(outcomes(disk, all_files), std::set<std::string>{"/to/a=x;"}) << synced;
  }
}

TEST(SimulatedPowerLoss, NeverShowsALaterOperationOnANameWithoutTheEarlier) {
  Disk disk;
  write_durably(disk, "/a", "1");
  disk.rename("/a", "/b");
  disk.rename("/b", "/c");
  EXPECT_EQ(outcomes(disk, all_files), (std::set<std::string>{"/a=1;", "/b=1;", "/c=1;"}));
}

TEST(SimulatedPowerLoss, KeepsAnySubsetOfOperationsOnDifferentNames) {
  Disk disk;
  write_durably(disk, "/a", "");
  disk.unlink("/a");
  write_new(disk, "/b", "");
  EXPECT_EQ(outcomes(disk, all_files), (std::set<std::string>{"", "/a=;", "/b=;", "/a=;/b=;"}));
}

TEST(SimulatedPowerLoss, NeverLosesAFileThatWasMovedOutOfARemovedDirectory) {
  Disk disk;
  disk.make_directory("/d");
  disk.sync_directory("/");
  const auto file = disk.open("/d/a", Open::create_new);
  file->write_at(0, "x");
  file->sync();
  disk.sync_directory("/d");
  disk.rename("/d/a", "/a");
  disk.remove_directory("/d");
  EXPECT_EQ(outcomes(disk, all_files), (std::set<std::string>{"/a=x;", "/d/a=x;"}));
}

TEST(SimulatedPowerLoss, LosesADirectoryThatItsParentDoesNotName) {
  Disk disk;
  disk.make_directory("/d");
  write_new(disk, "/d/a", "");
  disk.sync_directory("/d");
  EXPECT_EQ(outcomes(disk, all_files), (std::set<std::string>{"", "/d/a=;"}));
}

TEST(SimulatedPowerLoss, TakesUnnamedFilesAway) {
  Disk disk;
  const auto file = disk.open("/", Open::unnamed);
  file->write_at(0, "x");
  file->sync();
  disk.sync_directory("/");
  EXPECT_EQ(disk.used(), 1u);
  EXPECT_EQ(disk.crash(1)->used(), 0u);
}

TEST(SimulatedPowerLoss, AnswersTheSameForTheSameSeed) {
  Disk disk;
  for (int i = 0; i < 20; ++i) write_new(disk, "/" + std::to_string(i), "content");
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_EQ(all_files(*disk.crash(seed)), all_files(*disk.crash(seed)));
  }
}

TEST(SimulatedPowerLoss, LeavesADiskOnWhichEverythingIsDurable) {
  Disk disk;
  write_new(disk, "/a", "some content");
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto after = disk.crash(seed);
    EXPECT_EQ(all_files(*after->crash(seed + 1)), all_files(*after));
  }
}

TEST(SimulatedPowerLoss, IsNotACleanShutdown) {
  Disk disk;
  write_new(disk, "/a", "x");
  const auto copy = disk.clean_copy();
  EXPECT_EQ(outcomes(*copy, all_files), std::set<std::string>{"/a=x;"});
}

TEST(SimulatedPowerLoss, EndsEveryCallFromTheChosenOneOn) {
  Disk disk;
  write_durably(disk, "/a", "x");
  disk.crash_at_call(disk.calls() + 2);
  disk.open("/b", Open::create_new);
  EXPECT_THROW(disk.unlink("/a"), PowerLoss);
  EXPECT_THROW(content(disk, "/a"), PowerLoss);
  EXPECT_THROW(disk.list("/"), PowerLoss);
  EXPECT_EQ(outcomes(disk, all_files), (std::set<std::string>{"/a=x;", "/a=x;/b=;"}));
}

TEST(SimulatedFailure, HitsExactlyTheChosenCall) {
  Disk disk;
  write_durably(disk, "/a", "x");
  const auto file = disk.open("/a", Open::read_write);
  disk.fail_call(disk.calls() + 2, EIO);
  file->write_at(0, "1");
  EXPECT_EQ(error_of([&] { file->write_at(0, "2"); }), EIO);
  EXPECT_EQ(content(disk, "/a"), "1");
  file->write_at(0, "3");
  EXPECT_EQ(content(disk, "/a"), "3");
}

TEST(SimulatedFailure, LastsUntilHealed) {
  Disk disk;
  disk.fail_from_call(1, EIO);
  EXPECT_EQ(error_of([&] { disk.make_directory("/d"); }), EIO);
  EXPECT_EQ(error_of([&] { disk.make_directory("/d"); }), EIO);
  disk.heal();
  disk.make_directory("/d");
}

TEST(SimulatedFailure, OfASyncMayLoseTheWritesForEver) {
  std::set<std::string> durable;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Disk disk(seed);
    write_durably(disk, "/a", ".");
    const auto file = disk.open("/a", Open::read_write);
    file->write_at(0, "X");
    disk.fail_call(disk.calls() + 1, EIO);
    EXPECT_EQ(error_of([&] { file->sync(); }), EIO);
    EXPECT_EQ(content(disk, "/a"), "X");
    file->sync();
    durable.insert(all_files(*disk.crash(seed)));
  }
  EXPECT_EQ(durable, (std::set<std::string>{"/a=.;", "/a=X;"}));
}

TEST(SimulatedCapacity, KeepsThePartOfAWriteThatFits) {
  Disk disk;
  write_durably(disk, "/a", "12");
  disk.set_capacity(4);
  const auto file = disk.open("/a", Open::read_write);
  EXPECT_EQ(error_of([&] { file->write_at(2, "345"); }), ENOSPC);
  EXPECT_EQ(content(disk, "/a"), "1234");
  file->write_at(0, "ab");  // no growth, no failure
  EXPECT_EQ(error_of([&] { write_new(disk, "/b", ""); }), ENOSPC);
  EXPECT_EQ(error_of([&] { file->truncate(5); }), ENOSPC);
}

TEST(SimulatedCapacity, ComesBackWhenFilesGo) {
  Disk disk;
  disk.set_capacity(4);
  write_new(disk, "/a", "1234");
  EXPECT_EQ(disk.used(), 4u);
  disk.unlink("/a");
  disk.sync_directory("/");
  EXPECT_EQ(disk.used(), 0u);
  write_new(disk, "/b", "5678");
}

TEST(OmittedSync, LosesWhatOnlyThatPlaceMadeDurable) {
  const auto work = [](Disk& disk) {
    const auto file = disk.open("/a", Open::create_new);
    file->write_at(0, "x");
    file->sync();
    disk.sync_directory("/");
  };
  Disk complete;
  work(complete);
  const auto places = complete.sync_places();
  ASSERT_EQ(places.size(), 2u);
  EXPECT_TRUE(places[0].starts_with("base/simulated_disk_test.cpp:")) << places[0];
  for (const auto& place : places) {
    Disk disk;
    disk.omit_sync(place);
    work(disk);
    EXPECT_GT(outcomes(disk, all_files).size(), 1u) << place;
  }
}

TEST(ReplaceFile, LeavesTheOldOrTheNewContentAtEveryPowerLoss) {
  Disk disk;
  write_durably(disk, "/a", "old");
  const auto begin = disk.calls();
  base::replace_file(disk, "/a", "new");
  const auto end = disk.calls();
  for (auto call = begin + 1; call <= end + 1; ++call) {
    Disk failing;
    write_durably(failing, "/a", "old");
    failing.crash_at_call(call);
    bool acknowledged = true;
    try {
      base::replace_file(failing, "/a", "new");
    } catch (const PowerLoss&) {
      acknowledged = false;
    }
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      const auto after = failing.crash(seed);
      const auto found = content(*after, "/a");
      EXPECT_TRUE(found == "new" || (found == "old" && !acknowledged)) << call << " " << seed << " " << found;
    }
  }
}

TEST(ReplaceFile, LeavesNoTemporaryFileWhenACallFails) {
  for (std::uint64_t nth = 1; nth <= 4; ++nth) {  // create, write, sync, rename
    Disk disk;
    write_durably(disk, "/a", "old");
    disk.fail_call(disk.calls() + nth, EIO);
    EXPECT_EQ(error_of([&] { base::replace_file(disk, "/a", "new"); }), EIO);
    EXPECT_EQ(all_files(disk), "/a=old;");
  }
}

}  // namespace
}  // namespace mailpod::simulation
