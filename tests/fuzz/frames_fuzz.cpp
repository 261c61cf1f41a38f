#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <system_error>

#include <mailpod/journal/frames.hpp>
#include <mailpod/journal/journal.hpp>

#include "simulation/disk.hpp"
#include "simulation/entropy.hpp"

// A journal's folder that somebody changed, seen without its key: segments overwritten, cut off, continued, files of
// any name put beside them. A breach lies inside a file that is there, and whoever has the key finds damage too: nobody
// is told of damage in a journal that is sound.
namespace {

using namespace mailpod;

struct Pristine {
  Pristine() : key(crypto::Key::random(arena, entropy)) {
    disk.make_directory("log");
    const auto journal = journal::Journal::create({disk, entropy}, {"log", "owner"}, key);
    for (int i = 0; i < 4; ++i) {
      journal->stage(journal::first_type, "written " + std::to_string(i));
      journal->stage(journal::first_type, "written " + std::string(100, 'x'));
      journal->commit();
      if (i == 1) journal->checkpoint(std::vector<std::string>{"state"});
    }
    journal->close();
  }
  simulation::Entropy entropy;
  crypto::KeyArena arena;
  crypto::Key key;
  simulation::Disk disk;
};

std::string name_from(std::string_view octets) {
  std::string name;
  std::ranges::copy_if(octets, std::back_inserter(name), [](char octet) { return octet != '/' && octet != '\0'; });
  return name.empty() || name == "." || name == ".." ? "0000000a.seg" : name;
}

void change(base::Disk& disk, base::Decoder& changes) {
  const std::uint8_t what = changes.u8();
  if (what % 8 == 7) {
    const auto path = base::join("log", name_from(changes.fixed(changes.u8() % 20)));
    if (disk.status(path)) return;
    disk.open(path, base::Disk::Open::create_new)->write_at(0, changes.fixed(changes.u8()));
    return;
  }
  const auto* const segment = what % 2 == 0 ? "log/00000001.seg" : "log/00000002.seg";
  const auto file = disk.open(segment, base::Disk::Open::read_write);
  const std::uint64_t at = changes.u16() % (file->size() + 64);
  if (what % 8 == 6) {
    file->truncate(at);
  } else {
    file->write_at(at, changes.fixed(changes.u8()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Pristine pristine;
  const auto disk = pristine.disk.clean_copy();
  base::Decoder changes(std::string_view(reinterpret_cast<const char*>(data), size));
  while (changes.ok() && !changes.at_end()) change(*disk, changes);
  const auto report = journal::inspect_frames(*disk, "log");
  if (!std::ranges::is_sorted(report.foreign)) std::abort();
  for (const auto& breach : report.breaches) {
    const auto file = disk->status(base::join("log", breach.segment));
    if (!file || breach.offset > file->size || breach.offset % 64 != 0) std::abort();
  }
  if (report.breaches.empty()) return 0;
  const journal::Journal::Settings settings;
  if (journal::Journal::inspect({*disk, pristine.entropy}, {"log", "owner"}, pristine.key, settings).empty())
    std::abort();
  return 0;
}
