#include <mailpod/guard/doorkeeper.hpp>

#include <gtest/gtest.h>

#include <simulation/clock.hpp>
#include <simulation/entropy.hpp>

namespace mailpod::guard {
namespace {

using namespace std::chrono_literals;
using Answer = Doorkeeper::Verdict::Answer;

class ADoorkeeper : public testing::Test {
protected:
  static Settings settings() {
    Settings settings;
    settings.failed_logins_of_address = {3, 60};
    settings.failed_logins_of_network = {20, 60};
    settings.failed_logins_of_account = {10, 60};
    settings.messages_of_address = {2, 60};
    settings.messages_of_network = {3, 60};
    return settings;
  }
  Answer answer(const std::string& address, const std::string& account = "alice") {
    return doorkeeper.consider_login(doorkeeper.origin_of(address), account).answer;
  }
  void fail(const std::string& address, int times, const std::string& account = "alice") {
    for (int i = 0; i < times; ++i) doorkeeper.login_failed(doorkeeper.origin_of(address), account);
  }

  simulation::Clock clock;
  simulation::Entropy entropy{1};
  Doorkeeper doorkeeper{clock, entropy, settings()};
};

TEST_F(ADoorkeeper, RefusesAnAddressThatFailedTooOftenUntilTimeHasPassed) {
  fail("192.0.2.1", 3);
  EXPECT_EQ(answer("192.0.2.1"), Answer::refused);
  EXPECT_EQ(answer("192.0.2.1", "bob"), Answer::refused);
  EXPECT_EQ(answer("192.0.2.2"), Answer::admitted);
  clock.advance(60s);
  EXPECT_EQ(answer("192.0.2.1"), Answer::admitted);
}

TEST_F(ADoorkeeper, LetsOnlySoManyJoinFromOnePlace) {
  const auto joins = [&](const std::string& address) { return doorkeeper.admits_join(doorkeeper.origin_of(address)); };
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(joins("192.0.2.1")) << i;
  EXPECT_FALSE(joins("192.0.2.1"));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(joins("192.0.2." + std::to_string(2 + i / 10))) << i;
  EXPECT_FALSE(joins("192.0.2.200")) << "its whole network";
  EXPECT_TRUE(joins("192.0.3.1"));
  clock.advance(20min);
  EXPECT_TRUE(joins("192.0.2.1"));
}

TEST_F(ADoorkeeper, CountsAnIpv6NeighbourhoodAsOne) {
  fail("2001:db8::1", 3);
  EXPECT_EQ(answer("2001:db8::ffff:1"), Answer::refused);
  EXPECT_EQ(answer("2001:db8:0:1::1"), Answer::admitted);
}

TEST_F(ADoorkeeper, CountsAMappedAddressAsTheIpv4ThatItIs) {
  fail("::ffff:192.0.2.1", 3);
  EXPECT_EQ(answer("192.0.2.1"), Answer::refused);
}

TEST_F(ADoorkeeper, LetsOthersOfAnAttackedAccountWaitAndThenTry) {
  for (int i = 1; i <= 10; ++i) fail("192.0." + std::to_string(i) + ".1", 1);
  const auto verdict = doorkeeper.consider_login(doorkeeper.origin_of("203.0.113.1"), "ALICE");
  EXPECT_EQ(verdict.answer, Answer::delayed);
  EXPECT_EQ(verdict.delay, 3000ms);
  EXPECT_EQ(answer("203.0.113.1", "bob"), Answer::admitted);
}

TEST_F(ADoorkeeper, LetsOthersOfAnAttackingNetworkWaitAndThenTry) {
  for (int i = 1; i <= 10; ++i) fail("192.0.2." + std::to_string(i), 2, "name" + std::to_string(i));
  EXPECT_EQ(answer("192.0.2.200", "carol"), Answer::delayed);
  EXPECT_EQ(answer("192.0.3.200", "carol"), Answer::admitted);
}

TEST_F(ADoorkeeper, NeverKeepsBackWhoHasSucceededFromThereForWhatOthersFailAt) {
  doorkeeper.login_succeeded(doorkeeper.origin_of("192.0.2.1"), "alice");
  fail("192.0.2.1", 100, "bob");
  for (int i = 2; i < 200; ++i) fail("192.0.2." + std::to_string(i), 10, "alice");
  EXPECT_EQ(answer("192.0.2.1", "Alice"), Answer::admitted);
  EXPECT_EQ(answer("192.0.2.1", "bob"), Answer::refused);
}

TEST_F(ADoorkeeper, TreatsWhoSucceededBeforeAsAStrangerOnceTheyFailThemselves) {
  doorkeeper.login_succeeded(doorkeeper.origin_of("192.0.2.1"), "alice");
  fail("192.0.2.1", 50, "alice");
  EXPECT_EQ(answer("192.0.2.1", "alice"), Answer::refused);
}

TEST_F(ADoorkeeper, ForgetsWhoSucceededAfterAMonth) {
  doorkeeper.login_succeeded(doorkeeper.origin_of("192.0.2.1"), "alice");
  clock.advance(std::chrono::days(29));
  fail("192.0.2.1", 3, "bob");
  EXPECT_EQ(answer("192.0.2.1", "alice"), Answer::admitted);
  clock.advance(std::chrono::days(2));
  fail("192.0.2.1", 3, "bob");
  EXPECT_EQ(answer("192.0.2.1", "alice"), Answer::refused);
}

TEST_F(ADoorkeeper, DoesNotCountWhatIsExempt) {
  fail("127.0.0.1", 100);
  fail("::1", 100);
  EXPECT_EQ(answer("127.0.0.1"), Answer::admitted);
  EXPECT_EQ(answer("::1"), Answer::admitted);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(doorkeeper.admits_message(doorkeeper.origin_of("127.0.0.1")));
}

TEST_F(ADoorkeeper, DoesNotCountWhoComesByALocalSocket) {
  EXPECT_TRUE(doorkeeper.origin_of("").exempt);
  EXPECT_FALSE(doorkeeper.origin_of("nonsense").exempt);
}

TEST_F(ADoorkeeper, CountsMessagesOfAddressesAndOfTheirNetwork) {
  const auto first = doorkeeper.origin_of("192.0.2.1");
  EXPECT_TRUE(doorkeeper.admits_message(first));
  EXPECT_TRUE(doorkeeper.admits_message(first));
  EXPECT_FALSE(doorkeeper.admits_message(first));
  EXPECT_TRUE(doorkeeper.admits_message(doorkeeper.origin_of("192.0.2.2")));
  EXPECT_FALSE(doorkeeper.admits_message(doorkeeper.origin_of("192.0.2.3")));
  EXPECT_TRUE(doorkeeper.admits_message(doorkeeper.origin_of("198.51.100.1")));
}

TEST_F(ADoorkeeper, CountsVisitsApartFromConnections) {
  Settings few = settings();
  few.visits_of_address = {2, 0};
  few.connections_of_address = {1, 0};
  doorkeeper.set(few);
  const auto origin = doorkeeper.origin_of("192.0.2.1");
  EXPECT_TRUE(doorkeeper.admits_visit(origin));
  EXPECT_TRUE(doorkeeper.admits_visit(origin));
  EXPECT_FALSE(doorkeeper.admits_visit(origin));
  EXPECT_TRUE(doorkeeper.admits_connection(origin));
  EXPECT_FALSE(doorkeeper.admits_connection(origin));
  EXPECT_TRUE(doorkeeper.admits_visit(doorkeeper.origin_of("198.51.100.1")));
}

TEST_F(ADoorkeeper, GoesByNewSettingsAtOnce) {
  fail("192.0.2.1", 3);
  auto generous = settings();
  generous.failed_logins_of_address = {10, 60};
  doorkeeper.set(generous);
  EXPECT_EQ(answer("192.0.2.1"), Answer::admitted);
}

}  // namespace
}  // namespace mailpod::guard
