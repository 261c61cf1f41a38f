// Signed files at the desk of a pod: from whoever brings them, by one gate.

#include <mailpod/crypto/digest.hpp>
#include <mailpod/governance/act_text.hpp>

#include "members_desk.hpp"

namespace mailpod::daemon {
namespace {

using governance::Act;
using governance::ActText;

class CareDesk : public MembersDesk {
protected:
  MemberId alice() { return pod->directory().state()->find("alice")->id; }
  const governance::Charter& charter() { return pod->registry().gate().roster()->charters().at(clock.now()); }
  json submit(const governance::SignedFile& file, const std::vector<std::string>& texts = {}) {
    return ask("act.submit", {{"file", file_json(file)}, {"texts", texts}});
  }
  Act announcement(const ActText& words) {
    auto act = make_act(machine(), charter(), Act::Kind::announce, {});
    act.text_commitment = crypto::sha256(governance::write_act_text(words));
    return act;
  }

  MaintainerKeys keys = MaintainerKeys::read(disk, arena, {"/home/maintainer"}).value();
  const ActText text{"News", "It opens.\n", {}, {3}};
};

TEST_F(CareDesk, AnActIsRecordedWithItsLeafAndOnce) {
  auto act = make_act(machine(), charter(), Act::Kind::suspend, alice());
  act.until = act.issued + std::chrono::hours(30);
  const auto file = *keys.sign(act);
  const auto done = submit(file);
  ASSERT_TRUE(done.contains("answer")) << done;
  EXPECT_EQ(done.at("answer").at("state"), "recorded");
  EXPECT_EQ(done.at("answer").at("leaf"), pod->registry().tally().count);
  EXPECT_EQ(pod->directory().state()->tally(), pod->registry().tally());
  const auto again = submit(file);
  EXPECT_EQ(again.at("complaint").at("what"), "was executed already");
}

TEST_F(CareDesk, WhatNeedsMoreThanTheFileSaysIsRefusedWithTheWayToDoIt) {
  const auto act = make_act(machine(), charter(), Act::Kind::reissue, alice());
  const auto refused = submit(*keys.sign(act));
  EXPECT_NE(refused.at("complaint").at("what").get<std::string>().find("reissue"), std::string::npos);
  EXPECT_TRUE(submit({"x", "hello\n", {}}).contains("complaint"));
  EXPECT_TRUE(submit({"x", "type = \"join\"\n", {}}).contains("complaint"));
  EXPECT_TRUE(ask("act.waiting", json::object()).at("answer").at("waiting").empty());
}

TEST_F(CareDesk, AnAnnouncementGoesOutWithItsActAndNotWithoutItsText) {
  const auto file = *keys.sign(announcement(text));
  const auto before = pod->registry().tally();
  EXPECT_TRUE(submit(file).contains("complaint")) << "the text is missing";
  auto other = text;
  other.subject = "Other news";
  EXPECT_TRUE(submit(file, {governance::write_act_text(other)}).contains("complaint"));
  EXPECT_EQ(pod->registry().tally(), before);
  ASSERT_TRUE(submit(file, {governance::write_act_text(text)}).contains("answer"));
  const auto mail = done("stats", {{"secret", secret}});
  EXPECT_NE(mail.dump().find("\"messages\":1"), std::string::npos) << mail;
}

TEST_F(CareDesk, DisputesAreForEverybodyToSeeAndNameNobody) {
  const ActText about{"A dispute", "Words.\n", {alice()}, {3}};
  auto act = make_act(machine(), charter(), Act::Kind::dispute_open, {});
  act.dispute = governance::DisputeId{1};
  act.until = act.issued + std::chrono::days(14);
  act.text_commitment = crypto::sha256(governance::write_act_text(about));
  ASSERT_TRUE(submit(*keys.sign(act), {governance::write_act_text(about)}).contains("answer"));
  json request{{"operation", "dispute.list"}, {"arguments", json::object()}};
  const auto listed = desk->serve_member(request).at("answer").at("disputes");
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].at("state"), "open");
  EXPECT_EQ(listed.dump().find(alice().str()), std::string::npos);
  auto parties = about;
  parties.parties.clear();
  act.dispute = governance::DisputeId{2};
  act.nonce = {9};
  act.text_commitment = crypto::sha256(governance::write_act_text(parties));
  EXPECT_TRUE(submit(*keys.sign(act), {governance::write_act_text(parties)}).contains("complaint"))
      << "an opening says whom it concerns";
}

TEST_F(CareDesk, StatusSaysWhetherTheAgreedProgramRuns) {
  EXPECT_FALSE(ask("status", json::object()).at("answer").contains("agreed"));
  auto act = make_act(machine(), charter(), Act::Kind::upgrade, {});
  act.version = "1.2";
  act.program = governance::Hash{1};
  ASSERT_TRUE(submit(*keys.sign(act)).contains("answer"));
  EXPECT_FALSE(ask("status", json::object()).at("answer").at("agreed").at("runs").get<bool>());
  act.nonce = {8};
  act.program = pod->premises(nullptr).program();
  ASSERT_TRUE(act.program);
  ASSERT_TRUE(submit(*keys.sign(act)).contains("answer"));
  EXPECT_TRUE(ask("status", json::object()).at("answer").at("agreed").at("runs").get<bool>());
}

TEST_F(CareDesk, AReportNeedsAMaintainerWithAMailbox) {
  const auto refused =
      done("report", {{"secret", secret}, {"words", "Help\n"}, {"messages", json::array()}, {"about", ""}});
  EXPECT_NE(refused.at("complaint").at("what").get<std::string>().find("no maintainer"), std::string::npos) << refused;
  EXPECT_TRUE(done("report", {{"secret", secret}, {"words", "Help\n"}, {"messages", {"INBOX/7"}}, {"about", ""}})
                  .contains("complaint"));
}

}  // namespace
}  // namespace mailpod::daemon
