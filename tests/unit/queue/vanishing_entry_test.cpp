#include <gtest/gtest.h>

#include <functional>

#include <mailpod/queue/spool.hpp>

#include "queue_samples.hpp"

namespace mailpod::queue {
namespace {

/// A disk on which something else happens between two calls.
class BusyDisk final : public base::Disk {
public:
  std::function<void()> after_next_look;  ///< once, after list() or status()

  std::unique_ptr<base::File> open(const std::string& path, Open how) override { return disk_.open(path, how); }
  void rename(const std::string& from, const std::string& to) override { disk_.rename(from, to); }
  void unlink(const std::string& path) override { disk_.unlink(path); }
  void make_directory(const std::string& path) override { disk_.make_directory(path); }
  void remove_directory(const std::string& path) override { disk_.remove_directory(path); }
  void sync_directory(const std::string& path, std::source_location where) override {
    disk_.sync_directory(path, where);
  }
  std::vector<Entry> list(const std::string& path) override { return then(disk_.list(path)); }
  std::optional<Information> status(const std::string& path) override { return then(disk_.status(path)); }
  std::unique_ptr<Lock> lock(const std::string& path) override { return disk_.lock(path); }

private:
  template <class Answer>
  Answer then(Answer answer) {
    if (const auto act = std::exchange(after_next_look, nullptr)) act();
    return answer;
  }
  simulation::Disk disk_;
};

struct DroppedMeanwhile : testing::Test {
  BusyDisk disk;
  QueueWorld world;
  std::unique_ptr<Spool> spool = world.open(disk);
  EntryId first = spool->put(full_entry(), base::MemorySource("first"));
  EntryId second = spool->put(full_entry(), base::MemorySource("second"));
};

TEST_F(DroppedMeanwhile, AnEntryIsNotListed) {
  disk.after_next_look = [&] { spool->drop(first).value(); };
  const auto summaries = spool->list();
  ASSERT_EQ(summaries.size(), 1U);
  EXPECT_EQ(summaries[0].id, second);
}

TEST_F(DroppedMeanwhile, AnEntryIsUnknown) {
  disk.after_next_look = [&] { spool->drop(first).value(); };
  const auto shown = spool->show(first);
  if (!shown) EXPECT_EQ(shown.error(), Errc::no_such_entry);
  spool->drop(second).value();
  EXPECT_EQ(spool->show(second).error(), Errc::no_such_entry);
}

}  // namespace
}  // namespace mailpod::queue
