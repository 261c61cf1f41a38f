#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "checks.hpp"

namespace mailpod::daemon {
namespace {

namespace fs = std::filesystem;

/// The first `limit` octets of a small file of the kernel's; empty if it is not there.
std::string content_of(const fs::path& path) {
  constexpr std::size_t limit = 64 * 1024;
  std::ifstream file(path);
  std::string octets(limit, '\0');
  file.read(octets.data(), static_cast<std::streamsize>(octets.size()));
  octets.resize(static_cast<std::size_t>(file.gcount()));
  return octets;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream words(text);
  return {std::istream_iterator<std::string>(words), {}};
}

/// What stands behind a block device, down to the disks: dm-crypt anywhere in between will do, on each way down.
bool is_encrypted(const fs::path& root, const std::string& device, int depth) {
  constexpr int deepest = 8;
  const fs::path about = root / "sys/class/block" / device;
  if (content_of(about / "dm/uuid").starts_with("CRYPT-")) return true;
  std::error_code none;
  bool any = false;
  for (const auto& below : fs::directory_iterator(about / "slaves", none)) {
    if (depth >= deepest || !is_encrypted(root, below.path().filename(), depth + 1)) return false;
    any = true;
  }
  return any;
}

/// Compressed and kept in memory, unless it was given a disk to write to.
bool stays_in_memory(const fs::path& root, const std::string& device) {
  if (!device.starts_with("zram")) return false;
  const auto disk = words_of(content_of(root / "sys/class/block" / device / "backing_dev"));
  return disk.empty() || disk.front() == "none";
}

/// Files and partitions that may hold memory in clear. A file may lie on an encrypted disk; that is not found out.
std::vector<std::string> open_swaps(const fs::path& root) {
  std::vector<std::string> found;
  std::istringstream lines(content_of(root / "proc/swaps"));
  std::string line;
  std::getline(lines, line);  // "Filename Type …"
  while (std::getline(lines, line)) {
    const auto words = words_of(line);
    if (words.size() < 2) continue;
    std::error_code none;
    const fs::path path = fs::weakly_canonical(words[0], none);  // /dev/mapper/… is a link to /dev/dm-…
    const std::string device = path.filename();
    const bool fine = words[1] == "partition" && (is_encrypted(root, device, 0) || stays_in_memory(root, device));
    if (!fine) found.push_back(words[0]);
  }
  return found;
}

/// That its control group gives the daemon no swap, as our unit does.
bool is_kept_out(const fs::path& root, std::optional<std::uint32_t> daemon) {
  if (!daemon) return false;
  const auto group = content_of(root / "proc" / std::to_string(*daemon) / "cgroup");
  const auto at = group.find("0::/");
  if (at == std::string::npos) return false;
  const auto path = group.substr(at + 4, group.find('\n', at) - at - 4);
  return content_of(root / "sys/fs/cgroup" / path / "memory.swap.max") == "0\n";
}

void check_swaps(Findings& findings, const fs::path& root, std::optional<std::uint32_t> daemon) {
  const auto open = open_swaps(root);
  if (open.empty()) return findings.ok("what is in memory is not swapped out to a disk in clear");
  if (is_kept_out(root, daemon)) return findings.ok("the daemon's memory is not swapped out");
  for (const auto& swap : open) {
    findings.note("swap on " + swap + " is not encrypted, as far as can be seen, and may come to hold members' mail",
                  "encrypt it, switch it off (`swapoff`), or run the daemon by its unit, which has MemorySwapMax=0");
  }
}

/// All of the memory is written to a swap, whatever a control group says.
void check_hibernation(Findings& findings, const fs::path& root) {
  const auto states = words_of(content_of(root / "sys/power/state"));
  const bool can = std::ranges::find(states, "disk") != states.end() &&
                   !content_of(root / "sys/power/disk").starts_with("[disabled]");
  if (!can || open_swaps(root).empty()) return findings.ok("this machine does not hibernate to a disk in clear");
  findings.note(
      "this machine can hibernate, which writes keys and mail of open vaults to a disk in clear",
      "`systemctl mask hibernate.target hybrid-sleep.target suspend-then-hibernate.target`, or encrypt its swap");
}

/// The daemon itself leaves no core, whatever core_pattern says: it has made itself not dumpable. The kernel does not
/// ask.
void check_crash_dumps(Findings& findings, const fs::path& root) {
  if (!content_of(root / "sys/kernel/kexec_crash_loaded").starts_with("1"))
    return findings.ok("no crash of program or kernel writes memory to the disk");
  findings.note(
      "a crash of the kernel writes keys and mail of open vaults to the disk (kdump)",
      "`systemctl disable --now kdump-tools`, or have dumps written without user pages (`makedumpfile -d 31`)");
}

}  // namespace

void check_swap(Findings& findings, const std::string& root, std::optional<std::uint32_t> daemon) {
  check_swaps(findings, root, daemon);
  check_hibernation(findings, root);
  check_crash_dumps(findings, root);
}

}  // namespace mailpod::daemon
