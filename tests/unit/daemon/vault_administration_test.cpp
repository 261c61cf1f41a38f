// What is done with members' vaults at the desk of a pod on a simulated disk, where no daemon runs.

#include "members_desk.hpp"

namespace mailpod::daemon {
namespace {

using VaultAdministration = MembersDesk;

TEST_F(VaultAdministration, AHealthyVaultIsSoundWithAndWithoutItsKey) {
  EXPECT_EQ(done("verify", json::object()).at("answer").at("faults").size(), 0U);
  EXPECT_EQ(done("verify", {{"secret", secret}}).at("answer").at("faults").size(), 0U);
}

TEST_F(VaultAdministration, WhatChangesAVaultTakesItsMembersSecret) {
  for (const auto* what : {"repair", "compact", "reindex", "rekey", "archive"}) {
    EXPECT_TRUE(done(what, json::object()).contains("complaint")) << what;
    const auto refused = done(what, {{"secret", "wrong wrong wrong"}});
    ASSERT_TRUE(refused.contains("complaint")) << what;
    EXPECT_EQ(refused.at("complaint").at("what"), "the secret opens none of the member's key slots") << what;
  }
}

TEST_F(VaultAdministration, AnAnswerIsGivenOnce) {
  const auto begun = ask("vault.begin", {{"what", "stats"}, {"member", "alice"}});
  const json named{{"errand", begun.at("answer").at("errand")}};
  json look;
  do {
    look = ask("vault.look", named);
  } while (look.at("answer").at("reply").is_null());
  EXPECT_TRUE(ask("vault.look", named).contains("complaint"));
}

TEST_F(VaultAdministration, AnArchiveRecipientStandsInCardAndJournal) {
  const auto recipient = crypto::AgeIdentity::random(arena, entropy).recipient().str();
  EXPECT_TRUE(done("archive", {{"secret", secret}, {"recipient", "age1nonsense"}}).contains("complaint"));
  EXPECT_EQ(done("archive", {{"secret", secret}, {"recipient", recipient}}).at("answer").at("recipient"), recipient);
  EXPECT_EQ(ask("vault.archive-show", {{"member", "alice"}}).at("answer").at("recipient"), recipient);
  EXPECT_EQ(done("verify", {{"secret", secret}}).at("answer").at("faults").size(), 0U);
  EXPECT_TRUE(done("archive", {{"secret", secret}, {"recipient", ""}}).contains("answer"));
  EXPECT_TRUE(ask("vault.archive-show", {{"member", "alice"}}).at("answer").at("recipient").is_null());
}

TEST_F(VaultAdministration, ACardIsWrittenAnewAsTheJournalSays) {
  for (const auto& path : disk.files()) {
    if (path.ends_with("/card")) disk.unlink(path);
  }
  EXPECT_EQ(done("verify", json::object()).at("answer").at("faults").at(0).at("kind"), "card_missing");
  const auto acts = done("repair", {{"secret", secret}}).at("answer").at("acts");
  ASSERT_EQ(acts.size(), 1U);
  EXPECT_EQ(acts.at(0).at("outcome"), "mended");
  EXPECT_EQ(done("verify", {{"secret", secret}}).at("answer").at("faults").size(), 0U);
}

TEST_F(VaultAdministration, RekeySaysWhatItCostsAndDoesIt) {
  const auto other = ask("app-password.add", {{"address", "alice"}, {"secret", secret}, {"name", "tablet"}});
  const auto cost = ask("vault.others", {{"member", "alice"}, {"secret", secret}}).at("answer").at("others");
  ASSERT_EQ(cost.size(), 1U);
  EXPECT_EQ(cost.at(0).at("name"), "tablet");
  EXPECT_EQ(done("rekey", {{"secret", secret}}).at("answer").at("revoked"), cost);
  EXPECT_EQ(done("verify", {{"secret", secret}}).at("answer").at("faults").size(), 0U);
  EXPECT_TRUE(done("verify", {{"secret", other.at("answer").at("password")}}).contains("complaint"));
}

TEST_F(VaultAdministration, WhatWasPutAsideIsCounted) {
  EXPECT_TRUE(ask("vault.quarantined", json::object()).at("answer").at("quarantined").empty());
  for (const auto& path : disk.files()) {
    if (!path.ends_with("/card")) continue;
    const auto folder = path.substr(0, path.rfind('/'));
    disk.open(folder + "/Maildir/new/forged", base::Disk::Open::create_new)->write_at(0, "x");
  }
  done("compact", {{"secret", secret}});
  const auto counted = ask("vault.quarantined", json::object()).at("answer").at("quarantined");
  ASSERT_EQ(counted.size(), 1U);
  EXPECT_EQ(counted.at(0).at("files"), 1);
  EXPECT_EQ(done("stats", json::object()).at("answer").at("quarantined"), 1);
}

}  // namespace
}  // namespace mailpod::daemon
