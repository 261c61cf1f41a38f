#include <gtest/gtest.h>

#include "directory_records.hpp"
#include "household.hpp"

/// Where a member's mail goes on to: their own secret decides, and nothing else.
namespace mailpod::members {
namespace {

const Forward elsewhere{Address{"ally", "elsewhere.example"}, Forward::Copy::none};

TEST(Forwarding, IsTheMembersOwnAndSurvivesARestart) {
  Pod pod;
  const auto password = pod.enrol(pod.admit("alice@pod.lab")).app->password;
  EXPECT_EQ(pod.keys->forward("alice", password).value(), std::nullopt);
  ASSERT_TRUE(pod.keys->set_forward("alice", password, elsewhere));
  pod.start();
  EXPECT_EQ(pod.directory->state()->find("alice")->forward, elsewhere);
  EXPECT_EQ(pod.keys->forward("alice", password).value(), elsewhere);
  ASSERT_TRUE(pod.keys->set_forward("alice", password, std::nullopt));
  pod.start();
  EXPECT_EQ(pod.directory->state()->find("alice")->forward, std::nullopt);
}

TEST(Forwarding, TakesASecretThatOpensTheVault) {
  Pod pod;
  const auto invitation = pod.admit("alice@pod.lab");
  pod.enrol(invitation);
  const auto bobs = pod.enrol(pod.admit("bob@pod.lab")).app->password;
  for (const auto& secret : {std::string(), invitation.code, std::string("guess"), bobs}) {
    EXPECT_FALSE(pod.keys->set_forward("alice", secret, elsewhere)) << secret;
    EXPECT_FALSE(pod.keys->forward("alice", secret)) << secret;
  }
  EXPECT_EQ(pod.keys->set_forward("nobody", bobs, elsewhere).error(), Errc::not_a_member);
  EXPECT_EQ(pod.directory->state()->find("alice")->forward, std::nullopt);
}

/// What it sets would outlive it, and its revocation.
TEST(Forwarding, TakesNoSecretWithLimits) {
  Pod pod;
  const auto password = pod.enrol(pod.admit("alice@pod.lab")).app->password;
  const auto now = std::chrono::floor<std::chrono::seconds>(pod.community.clock.now());
  const AppPasswordWish ending{.name = "ending", .expires = now + std::chrono::days(1)};
  const AppPasswordWish reading{.name = "reading", .scopes = static_cast<sasl::Scopes>(sasl::Scope::imap)};
  ASSERT_TRUE(pod.keys->set_forward("alice", password, elsewhere));
  for (const auto& wish : {ending, reading}) {
    const auto limited = pod.keys->add_app_password("alice", password, wish).value().password;
    EXPECT_EQ(pod.keys->set_forward("alice", limited, std::nullopt).error(), Errc::not_permitted) << wish.name;
    EXPECT_EQ(pod.keys->forward("alice", limited).value(), elsewhere) << "it may look";
  }
}

TEST(Forwarding, LeadsOutOfThePod) {
  Pod pod;
  const auto password = pod.enrol(pod.admit("alice@pod.lab")).app->password;
  EXPECT_EQ(pod.keys->set_forward("alice", password, Forward{Address{"bob", "pod.lab"}, Forward::Copy::kept}).error(),
            Errc::stays_here);
}

TEST(Forwarding, IsThereOrNotAfterEveryCrash) {
  bool finished = false;
  for (std::uint64_t call = 1; !finished; ++call) {
    Pod pod;
    const auto password = pod.enrol(pod.admit("alice@pod.lab")).app->password;
    pod.disk->crash_at_call(pod.disk->calls() + call);
    try {
      finished = pod.keys->set_forward("alice", password, elsewhere).has_value();
    } catch (const simulation::PowerLoss&) {
    }
    pod.crash(call);
    const auto forward = pod.directory->state()->find("alice")->forward;
    if (finished) EXPECT_EQ(forward, elsewhere);
    EXPECT_TRUE(!forward || forward == elsewhere);
    EXPECT_TRUE(pod.logs_in("alice", password));
  }
}

TEST(PersonRecord, KeepsWhereMailGoesOnTo) {
  Person person;
  person.addresses = {Address::parse("alice@pod.lab").value()};
  person.forward = elsewhere;
  const auto octets = write_person(person);
  EXPECT_EQ(octets.front(), 2);
  EXPECT_EQ(parse_person(octets), person);
  EXPECT_FALSE(parse_person("\x01" + octets.substr(1)));
  const auto field = octets.substr(octets.size() - (5 + 1 + elsewhere.to.str().size()));
  EXPECT_FALSE(parse_person(octets + field)) << "twice";
}

}  // namespace
}  // namespace mailpod::members
