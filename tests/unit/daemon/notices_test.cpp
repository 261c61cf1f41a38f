// What a member hears of what is done in their name: whatever is made, changed or revoked lies in their mailbox.

#include <algorithm>
#include <set>

#include <mailpod/crypto/one_time_code.hpp>

#include "../admin/operation.hpp"
#include "members_desk.hpp"

namespace mailpod::daemon {
namespace {

/// Of what members may ask for by a secret, what leaves all as it is, and what only they notice who do it.
const std::set<std::string_view> silent{"member.forget", "member.data-report", "candidate.list", "enrol",
                                        "enrol.told",    "app-password.list",  "totp.status",    "forward.show",
                                        "caution.show",  "recovery-code.told", "vault.others",   "vault.archive-show",
                                        "sessions.mine", "sessions.close-mine"};

class Notices : public MembersDesk {
protected:
  /// Arrived, or arrived and merged by whatever opened the vault since.
  std::size_t in_the_mailbox() const {
    const auto files = disk.files();
    return static_cast<std::size_t>(std::ranges::count_if(files, [](const std::string& path) {
      return path.find("/Maildir/new/") != path.npos || path.find("/Maildir/cur/") != path.npos;
    }));
  }
  void expect_notice(const std::string& operation, json arguments) {
    const bool is_errand = operation == "vault.begin";
    const std::string what = is_errand ? arguments.at("what").get<std::string>() : operation;
    if (!arguments.contains("secret")) arguments["secret"] = secret;
    if (!is_errand) arguments["address"] = "alice";
    const auto before = in_the_mailbox();
    const auto answer = is_errand ? done(what, std::move(arguments)) : ask(operation, std::move(arguments));
    EXPECT_TRUE(answer.contains("answer")) << what << answer;
    EXPECT_EQ(in_the_mailbox(), before + 1) << what;
    told.insert(operation);
  }
  std::set<std::string> told;
};

TEST_F(Notices, TellTheMemberWhateverIsMadeChangedOrRevoked) {
  const std::string password = "correct horse battery";
  const std::string key(20, 'k');
  const auto code = [&] { return crypto::one_time_code(key, crypto::time_step(base::to_seconds(clock.now()))); };
  const auto recipient = crypto::AgeIdentity::random(arena, entropy).recipient().str();
  expect_notice("app-password.add", {{"name", "tablet"}});
  expect_notice("app-password.revoke", {{"slot", "tablet"}});
  expect_notice("forward.set", {{"to", "ally@elsewhere.example"}, {"copy", false}});
  expect_notice("forward.set", {{"to", "ally@elsewhere.example"}, {"copy", true}});
  expect_notice("forward.clear", json::object());
  expect_notice("caution.set", json::object());
  expect_notice("caution.clear", json::object());
  expect_notice("recovery-code.new", json::object());
  expect_notice("password.change", {{"new_password", password}});
  expect_notice("totp.enable", {{"secret", password}, {"key", base::hex(key)}, {"code", code()}});
  clock.advance(std::chrono::seconds(30));
  expect_notice("totp.disable", {{"secret", password}, {"one_time_code", code()}});
  expect_notice("vault.begin", {{"what", "archive"}, {"recipient", recipient}});
  expect_notice("vault.begin", {{"what", "archive"}, {"recipient", ""}});
  expect_notice("vault.begin", {{"what", "rekey"}});
  for (const auto& row : admin::operations()) {
    const bool by_secret = row.asked == admin::Asked::by_member || row.asked == admin::Asked::by_code;
    if (!by_secret || silent.contains(row.name)) continue;
    EXPECT_TRUE(told.contains(std::string(row.name))) << row.name << " is told to nobody";
  }
}

}  // namespace
}  // namespace mailpod::daemon
