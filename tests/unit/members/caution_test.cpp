#include <gtest/gtest.h>

#include "household.hpp"

/// How a member wants mail met that the pod would take: their own secret decides, and nothing else.
namespace mailpod::members {
namespace {

TEST(Cautions, AreTheMembersOwnAndSurviveARestart) {
  Pod pod;
  const auto password = pod.enrol(pod.admit("alice@pod.lab")).app->password;
  const auto bobs = pod.enrol(pod.admit("bob@pod.lab")).app->password;
  EXPECT_EQ(pod.keys->caution("alice", password).value(), Caution::none);
  EXPECT_FALSE(pod.keys->set_caution("alice", bobs, Caution::unproved));
  ASSERT_TRUE(pod.keys->set_caution("alice", password, Caution::unproved));
  pod.start();
  EXPECT_EQ(pod.directory->state()->find("alice")->caution, Caution::unproved);
  EXPECT_EQ(pod.directory->state()->find("bob")->caution, Caution::none);
  EXPECT_EQ(pod.keys->caution("alice", password).value(), Caution::unproved);
  EXPECT_FALSE(pod.keys->caution("alice", bobs));
  ASSERT_TRUE(pod.keys->set_caution("alice", password, Caution::none));
  pod.start();
  EXPECT_EQ(pod.directory->state()->find("alice")->caution, Caution::none);
}

TEST(Cautions, TakeNoSecretWithLimits) {
  Pod pod;
  const auto password = pod.enrol(pod.admit("alice@pod.lab")).app->password;
  const AppPasswordWish reading{.name = "reading", .scopes = static_cast<sasl::Scopes>(sasl::Scope::imap)};
  const auto limited = pod.keys->add_app_password("alice", password, reading).value().password;
  EXPECT_EQ(pod.keys->set_caution("alice", limited, Caution::unproved).error(), Errc::not_permitted);
}

}  // namespace
}  // namespace mailpod::members
