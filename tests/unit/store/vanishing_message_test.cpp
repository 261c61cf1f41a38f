#include <gtest/gtest.h>

#include <functional>

#include "household.hpp"

namespace mailpod::store::test {
namespace {

/// Lets somebody in right after a file went.
class BusyDisk final : public base::Disk {
public:
  explicit BusyDisk(base::Disk& disk) : disk_(disk) {}
  std::unique_ptr<base::File> open(const std::string& path, Open how) override { return disk_.open(path, how); }
  void rename(const std::string& from, const std::string& to) override { disk_.rename(from, to); }
  void unlink(const std::string& path) override {
    disk_.unlink(path);
    if (on_unlink) on_unlink();
  }
  void make_directory(const std::string& path) override { disk_.make_directory(path); }
  void remove_directory(const std::string& path) override { disk_.remove_directory(path); }
  void sync_directory(const std::string& path, std::source_location where) override {
    disk_.sync_directory(path, where);
  }
  std::vector<Entry> list(const std::string& path) override { return disk_.list(path); }
  std::optional<Information> status(const std::string& path) override { return disk_.status(path); }
  std::unique_ptr<Lock> lock(const std::string& path) override { return disk_.lock(path); }

  std::function<void()> on_unlink;

private:
  base::Disk& disk_;
};

TEST(Expunge, UnderTheEyesOfAReaderIsNotTakenForDamage) {
  Household house;
  BusyDisk disk(*house.disk);
  auto ports = house.ports();
  const Vault::Ports busy{disk, ports.clock, ports.entropy, ports.log, ports.arena};
  const auto& who = house.members[0];
  const auto vault = Vault::open(busy, who.folder, who.id, who.key, house.pod_key.public_key(), house.settings).value();
  Household::append(*vault, mail("going"));
  const auto shown = vault->state()->find("INBOX");  // by a session that was not told yet
  std::vector<boost::system::error_code> met;
  disk.on_unlink = [&] { met.push_back(vault->open_message(shown->at({1})).error()); };
  vault->expunge(shown->id, Household::uids(*vault), Vault::Expunge::all).value();
  EXPECT_EQ(met, std::vector{make_error_code(Errc::gone)});
}

}  // namespace
}  // namespace mailpod::store::test
