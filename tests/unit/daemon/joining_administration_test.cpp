// Joining at the desk of a pod on a simulated machine: what the operations answer, and what comes due by itself.

#include <set>

#include <mailpod/text/base32.hpp>

#include "members_desk.hpp"

namespace mailpod::daemon {
namespace {

class JoiningAtTheDesk : public MembersDesk {
protected:
  json invite() {
    secret_of_invitation = entropy.bytes<16>();
    const auto keys = MaintainerKeys::read(disk, arena, {"/home/maintainer"});
    auto act = make_act(machine(), charter(), governance::Act::Kind::invite, {});
    const auto its_key = governance::invitation_key(arena, secret_of_invitation);
    act.invitation = governance::invitation_commitment(its_key.public_key());
    act.until = act.issued + std::chrono::days(14);
    return ask("invitation.add", {{"act", file_json(*keys->sign(act))}});
  }
  governance::Charter charter() { return pod->registry().gate().roster()->charters().at(clock.now()); }
  json joining(const std::string& address) {
    const auto shown = ask("join.charter", json::object()).at("answer");
    const auto identity = governance::identity(shown.at("octets").get<std::string>());
    EXPECT_EQ(shown.at("identity"), base::hex(base::octets(identity)));
    const auto drawn = governance::draw(key, secret_of_invitation, "pod.lab");
    const auto invitation = governance::invitation_key(arena, secret_of_invitation);
    const governance::Join join{"pod.lab",        1,
                                identity,         base::from_seconds(base::to_seconds(clock.now())),
                                drawn.member,     governance::address_commitment(drawn.salt, address),
                                key.public_key(), invitation.public_key()};
    governance::SignedFile file{"join", governance::write_join(join), {}};
    file.minisigs = {governance::sign(key, file.octets, file.name).value(),
                     governance::sign(invitation, file.octets, file.name).value()};
    return {{"join", file_json(file)},
            {"address", address},
            {"salt", base::hex(base::octets(drawn.salt))},
            {"code", text::write_code(base::octets(drawn.code))}};
  }

  crypto::minisign::SecretKey key = crypto::minisign::SecretKey::random(arena, entropy);
  governance::InvitationSecret secret_of_invitation{};
};

TEST_F(JoiningAtTheDesk, AnInvitationIsListedAsItsRecordSays) {
  const auto made = invite().at("answer").at("invitation");
  const auto state = [&] { return ask("invitation.list", json::object()).at("answer").at("invitations").at(0); };
  EXPECT_EQ(state().at("invitation"), made);
  EXPECT_EQ(state().at("state"), "open");
  ASSERT_TRUE(ask("join", joining("bob@pod.lab")).contains("answer"));
  EXPECT_EQ(state().at("state"), "used");
  EXPECT_EQ(state().at("used_by"), governance::draw(key, secret_of_invitation, "pod.lab").member.str());
  invite();
  clock.advance(std::chrono::days(14));
  std::set<std::string> states;
  const auto all = ask("invitation.list", json::object());
  for (const auto& one : all.at("answer").at("invitations")) states.insert(one.at("state"));
  EXPECT_EQ(states, (std::set<std::string>{"used", "expired"}));
}

TEST_F(JoiningAtTheDesk, ANewcomerIsAMemberAndEnrolsByTheirCode) {
  invite();
  auto request = joining("bob@pod.lab");
  const auto code = request.at("code");
  EXPECT_EQ(ask("join", request).at("answer").at("as"), "member");
  EXPECT_EQ(ask("join", request).at("answer").at("as"), "member") << "once more is no other newcomer";
  const auto enrolled =
      ask("enrol", {{"enrolments", json::array({{{"address", "bob@pod.lab"}, {"code", code}, {"app", "phone"}}})}});
  EXPECT_TRUE(enrolled.at("answer").at("enrolled").at(0).contains("password"));
}

TEST_F(JoiningAtTheDesk, WhatIsNoRequestIsRefused) {
  invite();
  for (const auto* missing : {"join", "address", "salt", "code"}) {
    auto request = joining("bob@pod.lab");
    request.erase(missing);
    EXPECT_TRUE(ask("join", request).contains("complaint")) << missing;
  }
  auto request = joining("bob@pod.lab");
  request["code"] = "04106-1050R";
  EXPECT_TRUE(ask("join", request).contains("complaint"));
}

TEST_F(JoiningAtTheDesk, TheRefusalSaysWhichRule) {
  const auto refused = ask("join", joining("bob@pod.lab"));
  EXPECT_NE(refused.at("complaint").at("what").get<std::string>().find("invitation that there is not"),
            std::string::npos);
}

TEST_F(JoiningAtTheDesk, ThePodsTimeIsRememberedOnlyWhereCandidatesWaitByIt) {
  clock.advance(std::chrono::hours(2));
  desk->tend();
  EXPECT_EQ(pod->directory().state()->time(), base::Time{});
  // The next charter, by which one joins by vouches.
  auto next = charter();
  next.seq = 2;
  next.prev = pod->registry().gate().roster()->charters().latest_identity();
  next.issued = base::from_seconds(base::to_seconds(clock.now()));
  next.effective = next.issued + std::chrono::days(next.votes.notice_days);
  next.expires = next.issued + std::chrono::days(300);
  next.members.join = governance::Charter::Join::vouches;
  next.members.vouches = 2;
  const auto keys = MaintainerKeys::read(disk, arena, {"/home/maintainer"});
  const auto accepted =
      pod->registry().record_charter(*keys->sign("charter", governance::write_charter(next)), clock.now());
  ASSERT_TRUE(accepted) << accepted.error().text();
  clock.advance(std::chrono::days(next.votes.notice_days));
  desk->tend();
  EXPECT_EQ(pod->directory().state()->time(), base::from_seconds(base::to_seconds(clock.now())));
  EXPECT_NE(invite().at("complaint").at("what").get<std::string>().find("join = \"vouches\""), std::string::npos);
}

}  // namespace
}  // namespace mailpod::daemon
