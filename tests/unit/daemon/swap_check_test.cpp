#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "checks/checks.hpp"

namespace mailpod::daemon {
namespace {

namespace fs = std::filesystem;

/// What the kernel of some machine says.
class SwapCheck : public testing::Test {
protected:
  SwapCheck() {
    fs::create_directories(root_);
    says("proc/swaps", swaps_head);
    says("sys/power/state", "freeze mem\n");
    says("sys/kernel/kexec_crash_loaded", "0\n");
  }
  ~SwapCheck() override { fs::remove_all(root_); }

  void says(const std::string& path, const std::string& content) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << content;
  }
  void swaps_to(const std::string& path, const std::string& type = "partition") {
    says("proc/swaps", swaps_head + path + "                               " + type + "\t1000444\t\t0\t\t-2\n");
  }
  /// The first word of each finding about this.
  std::string found(const std::string& about, std::optional<std::uint32_t> daemon = {}) {
    Findings findings;
    check_swap(findings, root_, daemon);
    EXPECT_FALSE(findings.any_fault());
    std::string out;
    for (const auto& finding : findings.all()) {
      if (finding.what.find(about) == std::string::npos) continue;
      out += finding.kind == Findings::Kind::note ? "NOTE" : "OK";
      EXPECT_EQ(finding.advice.empty(), finding.kind == Findings::Kind::ok) << "a note says what to do";
    }
    return out;
  }

  const std::string swaps_head = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
  const fs::path root_ = fs::temp_directory_path() / ("mailpod-swap-" + std::to_string(::getpid()));
};

TEST_F(SwapCheck, IsContentWithoutSwap) {
  EXPECT_EQ(found("swapped out"), "OK");
  EXPECT_EQ(found("hibernate"), "OK");
  EXPECT_EQ(found("crash"), "OK");
}

TEST_F(SwapCheck, IsContentWhereTheKernelSaysNothing) {
  fs::remove_all(root_);
  EXPECT_EQ(found("swapped out"), "OK");
}

TEST_F(SwapCheck, WarnsOfAPlainPartition) {
  swaps_to("/dev/sda2");
  EXPECT_EQ(found("swap on /dev/sda2 is not encrypted"), "NOTE");
}

TEST_F(SwapCheck, WarnsOfAFile) {
  swaps_to("/swapfile", "file");
  EXPECT_EQ(found("swap on /swapfile is not encrypted"), "NOTE");
}

TEST_F(SwapCheck, IsContentWithAnEncryptedPartition) {
  swaps_to("/dev/dm-0");
  says("sys/class/block/dm-0/dm/uuid", "CRYPT-PLAIN-swap\n");
  EXPECT_EQ(found("swapped out"), "OK");
}

TEST_F(SwapCheck, LooksBelowVolumes) {
  swaps_to("/dev/dm-1");
  says("sys/class/block/dm-1/dm/uuid", "LVM-abc\n");
  says("sys/class/block/dm-1/slaves/dm-0/here", "");
  says("sys/class/block/dm-0/dm/uuid", "CRYPT-LUKS2-abc\n");
  EXPECT_EQ(found("swapped out"), "OK");
  says("sys/class/block/dm-1/slaves/sdb/here", "");  // and one that is not
  EXPECT_EQ(found("is not encrypted"), "NOTE");
}

TEST_F(SwapCheck, IsContentWithCompressedMemoryThatHasNoDisk) {
  swaps_to("/dev/zram0");
  says("sys/class/block/zram0/backing_dev", "none\n");
  EXPECT_EQ(found("swapped out"), "OK");
  says("sys/class/block/zram0/backing_dev", "/dev/sda3\n");
  EXPECT_EQ(found("is not encrypted"), "NOTE");
}

TEST_F(SwapCheck, IsContentWhereTheUnitKeepsTheDaemonOut) {
  swaps_to("/dev/sda2");
  says("proc/77/cgroup", "0::/system.slice/mailpod.service\n");
  says("sys/fs/cgroup/system.slice/mailpod.service/memory.swap.max", "0\n");
  EXPECT_EQ(found("the daemon's memory is not swapped out", 77), "OK");
  says("sys/fs/cgroup/system.slice/mailpod.service/memory.swap.max", "max\n");
  EXPECT_EQ(found("is not encrypted", 77), "NOTE");
}

TEST_F(SwapCheck, WarnsOfHibernationThatCouldHappen) {
  says("sys/power/state", "freeze mem disk\n");
  says("sys/power/disk", "[platform] shutdown reboot\n");
  EXPECT_EQ(found("hibernate"), "OK") << "there is nowhere to write to";
  swaps_to("/dev/sda2");
  EXPECT_EQ(found("hibernate"), "NOTE");
  says("sys/power/disk", "[disabled]\n");
  EXPECT_EQ(found("hibernate"), "OK");
}

TEST_F(SwapCheck, WarnsOfCrashDumpsOfTheKernel) {
  says("sys/kernel/kexec_crash_loaded", "1\n");
  EXPECT_EQ(found("crash"), "NOTE");
}

}  // namespace
}  // namespace mailpod::daemon
