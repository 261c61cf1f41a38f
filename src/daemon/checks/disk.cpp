#include <sys/statvfs.h>

#include "checks.hpp"

namespace mailpod::daemon {
namespace {

constexpr std::uint64_t little = std::uint64_t{1} << 30U;  // octets
constexpr std::uint64_t few = 10'000;                      // files

void check_room(Findings& findings, const std::string& folder) {
  struct statvfs room {};
  if (::statvfs(folder.c_str(), &room) != 0) return;
  const std::uint64_t free = std::uint64_t{room.f_bavail} * room.f_frsize;
  const auto text = fmt::format("{} MiB are free on the pod's disk", free >> 20U);
  if (free < little) return findings.note(text, "make room, or mail will be answered 452");
  if (room.f_files > 0 && room.f_favail < few)
    return findings.note(fmt::format("only {} more files fit on the pod's disk", std::uint64_t{room.f_favail}),
                         "make room, or mail will be answered 452");
  findings.ok(text);
}

}  // namespace

void check_disk(Findings& findings, const Surroundings& pod) {
  check_room(findings, pod.folder.path);
  for (const auto& folder : {pod.folder.path, pod.folder.queue(), pod.folder.members()}) {
    try {
      // Without a name, so that it leaves nothing behind.
      const auto file = pod.machine.disk.open(folder, base::Disk::Open::unnamed);
      file->write_at(0, "mailpod check");
      file->sync();
    } catch (const std::system_error& failure) {
      return findings.fault(failure.what(), "mend what the machine reports (space, permissions)");
    }
  }
  findings.ok("what is written becomes durable");
}

}  // namespace mailpod::daemon
