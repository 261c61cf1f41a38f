#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <mailpod/crypto/age.hpp>
#include <mailpod/journal/journal.hpp>
#include <mailpod/store/rekey.hpp>

#include "drop_key.hpp"
#include "household.hpp"
#include "log_records.hpp"

namespace mailpod::store::test {
namespace {

namespace fs = std::filesystem;

std::string output_of(const std::string& command) {
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  char buffer[4096];
  for (std::size_t got = 1; got > 0;) {
    got = std::fread(buffer, 1, sizeof buffer, pipe);
    output.append(buffer, got);
  }
  pclose(pipe);
  return output;
}

/// Debian's age, with some files for it.
struct AgeTool : testing::Test {
  void SetUp() override {
    ASSERT_EQ(std::system("command -v age >/dev/null 2>&1"), 0) << "this test needs Debian's package age";
    fs::create_directories(place);
  }
  void TearDown() override { fs::remove_all(place); }
  /// What it makes of this file; nothing if the identity does not open it.
  std::string opened(const crypto::AgeIdentity& identity, const std::string& sealed) const {
    std::ofstream(place / "identity") << identity.str() << "\n";
    std::ofstream(place / "sealed", std::ios::binary).write(sealed.data(), static_cast<std::streamsize>(sealed.size()));
    return output_of(fmt::format("age -d -i {0}/identity {0}/sealed 2>{0}/complaint", place.string()));
  }
  std::string complaint() const { return output_of("cat " + (place / "complaint").string()); }

  Household house;
  const fs::path place = fs::temp_directory_path() / ("mailpod-age-" + std::to_string(::getpid()));
};

/// The drop key that a member's journal calls its newest.
crypto::AgeIdentity newest_drop_key(Household& house, const crypto::VaultKey& key) {
  class Objects final : public journal::Replay {
  public:
    void begin() override { contents.clear(); }
    bool checkpoint(std::string_view) override { return false; }  // the records themselves
    void record(const journal::Record& record) override {
      if (record.type != static_cast<std::uint8_t>(RecordType::object)) return;
      const auto object = ObjectRecord::decode(record.payload).value();
      if (object.kind == static_cast<std::uint8_t>(ObjectKind::drop_key)) contents.push_back(object.content);
    }
    std::vector<std::string> contents;
  } objects;
  const auto& who = house.members[0];
  const auto copy = house.disk->clean_copy();
  journal::Journal::open({*copy, house.entropy}, {who.folder + "/log", std::string(base::octets(who.id.bytes))},
                         key.derive(log_label), {}, objects)
      .value();
  std::optional<DropKey> newest;
  for (const auto& content : objects.contents) {
    auto found = read_drop_key(who.id, content, key.derive(drop_label)).value();
    if (!newest || found.number > newest->number) newest = std::move(found);
  }
  return std::move(newest.value().identity);
}

TEST_F(AgeTool, OpensByTheOldDropKeyNothingThatIsDeliveredAfterARekey) {
  auto& member = house.members[0];
  const VaultPlace vault{member.folder, member.id, house.pod_key.public_key()};
  const auto deliver = [&](const std::string& content) {
    const auto id = house.deliver(content).at(0).message;
    return base::read_file(*house.disk, member.folder + "/Maildir/new/" + base::hex(base::octets(id)), 1 << 20);
  };
  const auto old = newest_drop_key(house, *member.key);
  EXPECT_TRUE(opened(old, deliver(mail("before"))).starts_with(mail("before")));

  const crypto::VaultKey fresh(crypto::Key::random(house.arena, house.entropy));
  const auto made = begin_rekey(house.ports(), vault, member.key, fresh).value();
  write_next_card(*house.disk, vault.folder, {member.id, made.drop_key_number, made.drop_recipient, {}}, house.pod_key);
  settle_rekey(*house.disk, vault, fresh);
  member.card = read_card(*house.disk, vault.folder, member.id, vault.pod_public_key).value();
  const auto after = deliver(mail("after"));
  EXPECT_EQ(opened(old, after), "");
  EXPECT_NE(complaint().find("no identity matched"), std::string::npos) << complaint();
  EXPECT_TRUE(opened(newest_drop_key(house, fresh), after).starts_with(mail("after")));
}

TEST_F(AgeTool, OpensAFileOfTheVaultForTheArchiveRecipientAndItsBeginningIsTheMail) {
  const auto archive = crypto::AgeIdentity::random(house.arena, house.entropy);
  auto& card = house.members[0].card;
  card.archive_recipient = archive.recipient().point;
  for (const std::string& content : {mail("small"), mail("large", std::string(300'000, 'x') + "\r\n")}) {
    const auto id = house.deliver(content).at(0).message;
    const auto path = house.members[0].folder + "/Maildir/new/" + base::hex(base::octets(id));
    EXPECT_EQ(opened(archive, base::read_file(*house.disk, path, 1 << 20)).substr(0, content.size()), content);
  }
}

}  // namespace
}  // namespace mailpod::store::test
