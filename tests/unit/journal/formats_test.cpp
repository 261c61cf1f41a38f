#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "journal_place.hpp"

// A journal as the first release wrote it, opened by today's program. With MAILPOD_WRITE_FORMATS set it is written
// anew: for a new version, under a new number, never over this one.
namespace mailpod::journal::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

const fs::path frozen = fs::path(MAILPOD_SOURCE_DIR) / "tests/formats/journal-1";

struct Fixed : Place {
  Fixed() { key = crypto::Key::copy_of(arena, std::string(32, 'j')); }
};

void write_frozen() {
  Fixed place;
  const auto journal = place.create();
  put(*journal, "first");
  journal->stage(first_type, "one group");
  journal->stage(first_type + 1, "of two");
  journal->commit();
  journal->checkpoint(std::vector<std::string>{"a checkpoint", "of two parts"});
  put(*journal, std::string(1'000, 'x'), 255);
  journal->close();
  put(*journal, "after a close");
  journal->close();
  fs::create_directories(frozen);
  for (const auto& path : place.segments()) {
    const auto octets = content_of(*place.disk, path);
    std::ofstream(frozen / fs::path(path).filename(), std::ios::binary)
        .write(octets.data(), static_cast<std::streamsize>(octets.size()));
  }
}

TEST(Formats, JournalOfVersion1Opens) {
  if (std::getenv("MAILPOD_WRITE_FORMATS") != nullptr) write_frozen();
  Fixed place;
  for (const auto& entry : fs::directory_iterator(frozen)) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string octets{std::istreambuf_iterator<char>(in), {}};
    place.disk->open("log/" + entry.path().filename().string(), base::Disk::Open::create_new)->write_at(0, octets);
  }
  EXPECT_THAT(place.inspect(), IsEmpty());
  const auto journal = place.open().value();
  EXPECT_TRUE(journal->was_closed());
  EXPECT_THAT(journal->findings(), IsEmpty());
  EXPECT_THAT(place.seen.parts, ElementsAre("a checkpoint", "of two parts"));
  EXPECT_THAT(place.seen.payloads(), ElementsAre(std::string(1'000, 'x'), "after a close"));
  EXPECT_EQ(place.seen.records[0].type, 255);
  EXPECT_EQ(journal->read({std::uint64_t{1} << 32 | 1})->payload, "first");
  place.seen.refuse_checkpoints = true;
  place.open().value();
  EXPECT_THAT(place.seen.payloads(),
              ElementsAre("first", "one group", "of two", std::string(1'000, 'x'), "after a close"));
}

}  // namespace
}  // namespace mailpod::journal::test
