// What every Disk promises, asked of the machine's own and of the simulated one.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <system_error>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <mailpod/base/disk.hpp>

#include "simulation/disk.hpp"

namespace mailpod::base {
namespace {

struct Kind {
  std::string name;
  std::function<std::unique_ptr<Disk>()> make;
  bool real;
};

class DiskContract : public testing::TestWithParam<Kind> {
protected:
  DiskContract() : disk_(GetParam().make()) {
    if (!GetParam().real) {
      disk_->make_directory("pod");
      root_ = "pod";
      return;
    }
    std::string pattern = std::filesystem::temp_directory_path() / "mailpod-disk-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::system_category(), "mkdtemp");
    root_ = pattern;
  }
  ~DiskContract() override {
    if (GetParam().real) std::filesystem::remove_all(root_);
  }

  std::string path(std::string_view name) const { return join(root_, name); }
  void write(std::string_view name, std::string_view octets) {
    disk_->open(path(name), Disk::Open::create_new)->write_at(0, octets);
  }
  std::string content(std::string_view name) { return read_file(*disk_, path(name), 1 << 20); }
  std::vector<std::string> names() {
    std::vector<std::string> all;
    for (const auto& entry : disk_->list(root_)) all.push_back(entry.name);
    std::ranges::sort(all);
    return all;
  }
  static int error_of(const std::function<void()>& call) {
    try {
      call();
    } catch (const std::system_error& failure) {
      return failure.code().value();
    }
    return 0;
  }

  std::unique_ptr<Disk> disk_;
  std::string root_;
};

TEST_P(DiskContract, ReadsWhatWasWritten) {
  write("a", "hello");
  const auto file = disk_->open(path("a"), Disk::Open::read_write);
  file->write_at(5, " world");
  file->write_at(0, "J");
  EXPECT_EQ(file->size(), 11u);
  EXPECT_EQ(content("a"), "Jello world");
}

TEST_P(DiskContract, ReadsFewerOctetsOnlyAtTheEnd) {
  write("a", "0123456789");
  const auto file = disk_->open(path("a"), Disk::Open::read);
  std::string into(4, '.');
  EXPECT_EQ(file->read_at(8, into), 2u);
  EXPECT_EQ(into, "89..");
  EXPECT_EQ(file->read_at(10, into), 0u);
  EXPECT_EQ(file->read_at(1000, into), 0u);
}

TEST_P(DiskContract, FillsAGapWithZeros) {
  write("a", "x");
  disk_->open(path("a"), Disk::Open::read_write)->write_at(3, "y");
  EXPECT_EQ(content("a"), std::string("x\0\0y", 4));
}

TEST_P(DiskContract, TruncatesToShorterAndToLonger) {
  write("a", "0123456789");
  const auto file = disk_->open(path("a"), Disk::Open::read_write);
  file->truncate(2);
  file->truncate(4);
  EXPECT_EQ(content("a"), std::string("01\0\0", 4));
}

TEST_P(DiskContract, DoesNotWriteThroughAFileOpenedForReading) {
  write("a", "x");
  const auto file = disk_->open(path("a"), Disk::Open::read);
  EXPECT_EQ(error_of([&] { file->write_at(0, "y"); }), EBADF);
}

TEST_P(DiskContract, CreatesOnlyWhatDoesNotExist) {
  write("a", "x");
  EXPECT_EQ(error_of([&] { disk_->open(path("a"), Disk::Open::create_new); }), EEXIST);
  EXPECT_EQ(error_of([&] { disk_->open(path("none/a"), Disk::Open::create_new); }), ENOENT);
  EXPECT_EQ(error_of([&] { disk_->open(path("a/b"), Disk::Open::create_new); }), ENOTDIR);
}

TEST_P(DiskContract, OpensOnlyFilesThatExist) {
  disk_->make_directory(path("d"));
  EXPECT_EQ(error_of([&] { disk_->open(path("a"), Disk::Open::read); }), ENOENT);
  EXPECT_EQ(error_of([&] { disk_->open(path("a"), Disk::Open::read_write); }), ENOENT);
  EXPECT_EQ(error_of([&] { disk_->open(path("d"), Disk::Open::read); }), EISDIR);
}

TEST_P(DiskContract, KeepsAnUnnamedFileOutOfItsDirectory) {
  const auto file = disk_->open(root_, Disk::Open::unnamed);
  file->write_at(0, "secret");
  std::string into(6, '.');
  EXPECT_EQ(file->read_at(0, into), 6u);
  EXPECT_EQ(into, "secret");
  EXPECT_TRUE(names().empty());
  EXPECT_EQ(error_of([&] { disk_->open(path("none"), Disk::Open::unnamed); }), ENOENT);
}

TEST_P(DiskContract, RenamesOverAnExistingFile) {
  write("a", "new");
  write("b", "old");
  disk_->rename(path("a"), path("b"));
  EXPECT_EQ(names(), std::vector<std::string>{"b"});
  EXPECT_EQ(content("b"), "new");
  EXPECT_EQ(error_of([&] { disk_->rename(path("a"), path("c")); }), ENOENT);
}

TEST_P(DiskContract, RenamesADirectoryWithWhatIsInIt) {
  disk_->make_directory(path("d"));
  write("d/a", "x");
  disk_->rename(path("d"), path("e"));
  EXPECT_EQ(content("e/a"), "x");
  write("f", "");
  EXPECT_EQ(error_of([&] { disk_->rename(path("f"), path("e")); }), EISDIR);
  EXPECT_EQ(error_of([&] { disk_->rename(path("e"), path("f")); }), ENOTDIR);
  EXPECT_EQ(error_of([&] { disk_->rename(path("e"), path("e/sub")); }), EINVAL);
}

TEST_P(DiskContract, ReadsAnOpenFileThatWasUnlinked) {
  write("a", "still here");
  const auto file = disk_->open(path("a"), Disk::Open::read);
  disk_->unlink(path("a"));
  std::string into(10, '.');
  EXPECT_EQ(file->read_at(0, into), 10u);
  EXPECT_EQ(into, "still here");
  EXPECT_EQ(error_of([&] { disk_->unlink(path("a")); }), ENOENT);
}

TEST_P(DiskContract, MakesADirectoryOnceAndDoesNotMindTheSecondTime) {
  disk_->make_directory(path("d"));
  disk_->make_directory(path("d"));
  write("f", "");
  EXPECT_EQ(error_of([&] { disk_->make_directory(path("f")); }), EEXIST);
  EXPECT_EQ(error_of([&] { disk_->make_directory(path("none/d")); }), ENOENT);
  EXPECT_EQ(error_of([&] { disk_->unlink(path("d")); }), EISDIR);
}

TEST_P(DiskContract, RemovesOnlyEmptyDirectories) {
  disk_->make_directory(path("d"));
  write("d/a", "");
  EXPECT_EQ(error_of([&] { disk_->remove_directory(path("d")); }), ENOTEMPTY);
  EXPECT_EQ(error_of([&] { disk_->remove_directory(path("d/a")); }), ENOTDIR);
  disk_->unlink(path("d/a"));
  disk_->remove_directory(path("d"));
  EXPECT_EQ(disk_->status(path("d")), std::nullopt);
}

TEST_P(DiskContract, TellsFilesFromDirectories) {
  write("a", "12345");
  disk_->make_directory(path("d"));
  const auto file = disk_->status(path("a"));
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(file->kind, Disk::Kind::file);
  EXPECT_EQ(file->size, 5u);
  EXPECT_EQ(file->mode, 0600u);
  const auto directory = disk_->status(path("d"));
  ASSERT_TRUE(directory.has_value());
  EXPECT_EQ(directory->kind, Disk::Kind::directory);
  EXPECT_EQ(directory->mode, 0700u);
  EXPECT_EQ(directory->owner, file->owner);
  EXPECT_FALSE(disk_->status(path("none")).has_value());
  EXPECT_FALSE(disk_->status(path("a/none")).has_value());
  for (const auto& entry : disk_->list(root_)) {
    EXPECT_EQ(entry.kind, entry.name == "a" ? Disk::Kind::file : Disk::Kind::directory);
  }
  EXPECT_EQ(error_of([&] { disk_->list(path("none")); }), ENOENT);
  EXPECT_EQ(error_of([&] { disk_->list(path("a")); }), ENOTDIR);
}

TEST_P(DiskContract, SyncsFilesAndDirectories) {
  write("a", "x");
  disk_->open(path("a"), Disk::Open::read_write)->sync();
  disk_->sync_directory(root_);
  EXPECT_EQ(error_of([&] { disk_->sync_directory(path("none")); }), ENOENT);
  EXPECT_EQ(error_of([&] { disk_->sync_directory(path("a")); }), ENOTDIR);
}

TEST_P(DiskContract, GivesALockToOneHolder) {
  auto held = disk_->lock(path("lock"));
  EXPECT_NE(held, nullptr);
  EXPECT_EQ(disk_->lock(path("lock")), nullptr);
  held.reset();
  EXPECT_NE(disk_->lock(path("lock")), nullptr);
}

TEST_P(DiskContract, RefusesANameThatIsTooLong) {
  EXPECT_EQ(error_of([&] { disk_->open(path(std::string(256, 'n')), Disk::Open::create_new); }), ENAMETOOLONG);
}

TEST_P(DiskContract, ReplacesAFileWhole) {
  replace_file(*disk_, path("a"), "one");
  replace_file(*disk_, path("a"), "two");
  EXPECT_EQ(content("a"), "two");
  EXPECT_EQ(names(), std::vector<std::string>{"a"});
  EXPECT_EQ(disk_->status(path("a"))->mode, 0600u);
}

TEST_P(DiskContract, RemovesTheTemporaryNamesOfAProcessThatWasKilled) {
  const std::vector<std::string> ours{".tmp-1-2", "a", "a.tmp", "a.tmp-", "a.tmp-1-2.b", "b.tmp-x"};
  for (const auto& name : ours) write(name, "ours");
  for (const auto* name : {"a.tmp-1-2", "b.c.tmp-31000-17"}) write(name, "left");
  disk_->make_directory(path("c.tmp-1-2"));
  remove_temporaries(*disk_, root_);
  auto left = names();
  EXPECT_EQ(std::erase(left, "c.tmp-1-2"), 1u);
  EXPECT_EQ(left, ours);
}

TEST_P(DiskContract, ReadsAWholeFileWithinALimit) {
  write("a", "12345");
  EXPECT_EQ(read_file(*disk_, path("a"), 5), "12345");
  EXPECT_EQ(error_of([&] { read_file(*disk_, path("a"), 4); }), EFBIG);
  EXPECT_EQ(error_of([&] { read_file(*disk_, path("none"), 4); }), ENOENT);
}

INSTANTIATE_TEST_SUITE_P(, DiskContract,
                         testing::Values(Kind{"Linux", [] { return make_linux_disk(); }, true},
                                         Kind{"Simulated", [] { return std::make_unique<simulation::Disk>(); }, false}),
                         [](const auto& info) { return info.param.name; });

TEST(LinuxDisk, DoesNotFollowASymbolicLink) {
  std::string pattern = std::filesystem::temp_directory_path() / "mailpod-disk-XXXXXX";
  ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
  const auto disk = make_linux_disk();
  disk->open(join(pattern, "target"), Disk::Open::create_new);
  std::filesystem::create_symlink("target", join(pattern, "link"));
  EXPECT_THROW(disk->open(join(pattern, "link"), Disk::Open::read), std::system_error);
  EXPECT_THROW(disk->open(join(pattern, "link"), Disk::Open::read_write), std::system_error);
  EXPECT_THROW(disk->lock(join(pattern, "link")), std::system_error);
  EXPECT_EQ(disk->status(join(pattern, "link"))->kind, Disk::Kind::other);
  std::filesystem::remove_all(pattern);
}

TEST(LinuxDisk, HoldsRoomReadyForAJournalAndForNothingElse) {
  std::string pattern = std::filesystem::temp_directory_path() / "mailpod-disk-XXXXXX";
  ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
  const auto disk = make_linux_disk();
  const auto taken = [&](const std::string& name) {
    struct stat information{};
    EXPECT_EQ(::stat(join(pattern, name).c_str(), &information), 0);
    return information.st_blocks * 512;  // octets
  };
  const auto mail = disk->open(join(pattern, "mail"), Disk::Open::create_new);
  mail->write_at(0, "written once");
  mail->sync();
  EXPECT_LE(taken("mail"), 4096);
  const auto journal = disk->open(join(pattern, "journal"), Disk::Open::create_new);
  journal->write_at(0, "begun");
  journal->sync();
  journal->write_at(5, " and gone on with");
  EXPECT_GE(taken("journal"), 32 * 1024) << "this file system cannot hold room ready (fallocate)";
  EXPECT_EQ(journal->size(), 22U);
  journal->truncate(5);
  EXPECT_LE(taken("journal"), 4096) << "truncation gives it back";
  disk->open(join(pattern, "journal"), Disk::Open::read_write)->write_at(5, " again");
  EXPECT_GE(taken("journal"), 32 * 1024);
  std::filesystem::remove_all(pattern);
}

TEST(Join, PutsExactlyOneSlash) {
  EXPECT_EQ(join("a", "b"), "a/b");
  EXPECT_EQ(join("a/", "b"), "a/b");
  EXPECT_EQ(join("", "b"), "b");
}

}  // namespace
}  // namespace mailpod::base
