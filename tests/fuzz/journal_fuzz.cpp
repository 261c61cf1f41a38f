#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>

#include <mailpod/journal/journal.hpp>

#include "simulation/disk.hpp"
#include "simulation/entropy.hpp"

// A journal whose newest segment was changed: octets overwritten, cut off, added. Whatever is delivered was written, in
// its order, and afterwards the journal takes further records.
namespace {

using namespace mailpod;

class Checking final : public journal::Replay {
public:
  void begin() override { last_ = 0; }
  bool checkpoint(std::string_view part) override {
    if (part != "state") std::abort();
    return true;
  }
  void record(const journal::Record& record) override {
    if (record.sequence <= last_) std::abort();
    last_ = record.sequence;
    if (!record.payload.starts_with("written ")) std::abort();
  }

private:
  std::uint64_t last_ = 0;
};

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Pristine pristine;
  const auto disk = pristine.disk.clean_copy();
  const auto file = disk->open("log/00000002.seg", base::Disk::Open::read_write);
  base::Decoder changes(std::string_view(reinterpret_cast<const char*>(data), size));
  while (changes.ok() && !changes.at_end()) {
    const std::uint8_t what = changes.u8();
    const std::uint64_t at = changes.u16() % (file->size() + 64);
    if (what % 8 == 0) {
      file->truncate(at);
    } else {
      file->write_at(at, changes.fixed(changes.u8()));
    }
  }
  Checking checking;
  const journal::Journal::Settings settings;
  const auto opened =
      journal::Journal::open({*disk, pristine.entropy}, {"log", "owner"}, pristine.key, settings, checking);
  if (!opened) std::abort();  // the first segment is sound, so something opens
  (*opened)->stage(journal::first_type, "written afterwards");
  (*opened)->commit();
  if (!journal::Journal::open({*disk, pristine.entropy}, {"log", "owner"}, pristine.key, settings, checking))
    std::abort();
  return 0;
}
