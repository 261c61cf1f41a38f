#include <set>

#include <gtest/gtest.h>

#include <mailpod/queue/embargo.hpp>

#include "sending_world.hpp"

namespace mailpod::queue {
namespace {

using namespace std::chrono_literals;

class Rules final : public Embargo {
public:
  std::optional<std::string> refusal(std::string_view address) const override {
    if (!refused.contains(std::string(address.substr(address.rfind('@') + 1)))) return std::nullopt;
    return "550 5.7.1 pod.example does not exchange mail with them (charter 7, [federation] deny)";
  }
  std::set<std::string> refused;
};

class Watcher final : public Watch {
public:
  void refused(MemberId, std::size_t recipients) override { count += recipients; }
  std::size_t count = 0;
};

class EmbargoedSender : public testing::Test {
protected:
  EmbargoedSender() {
    world.add_domain("far.example", far, "198.51.100.1");
    world.add_domain("other.example", other, "198.51.100.2");
    world.embargo = &rules;
    world.watch = &watcher;
  }
  Rules rules;
  Watcher watcher;
  SendingWorld world;
  FarServer far, other;
};

TEST_F(EmbargoedSender, GivesBackAtOnceAndConnectsToNobody) {
  rules.refused = {"far.example"};
  world.put({"friend@far.example"});
  world.start();
  ASSERT_TRUE(world.until_empty(1min));
  EXPECT_TRUE(world.dialed().empty());
  ASSERT_EQ(world.returns.reports.size(), 1U);
  const std::string& report = world.returns.reports[0].octets;
  EXPECT_NE(report.find("Action: failed"), std::string::npos) << report;
  EXPECT_NE(report.find("(charter 7, [federation] deny)"), std::string::npos) << report;
  EXPECT_NE(report.find("The rules of this pod do not allow it."), std::string::npos) << report;
  EXPECT_EQ(watcher.count, 0U) << "it says nothing against who wrote it";
}

TEST_F(EmbargoedSender, SendsToTheOtherRecipientsOfTheMessage) {
  rules.refused = {"far.example"};
  world.put({"friend@far.example", "somebody@other.example"});
  world.start();
  ASSERT_TRUE(world.until_empty(1min));
  EXPECT_TRUE(far.mails.empty());
  EXPECT_EQ(other.mails.size(), 1U);
  EXPECT_EQ(world.returns.reports.size(), 1U);
}

TEST_F(EmbargoedSender, StopsWhatWaitsInLineForAConnection) {
  world.settings.connections_per_destination = 1;
  far.on_command = [&](const std::string& verb) {
    if (verb == "MAIL" && far.mails.empty()) rules.refused = {"far.example"};
  };
  world.put({"first@far.example"});
  world.put({"second@far.example"});
  world.start();
  ASSERT_TRUE(world.until_empty(1min));
  EXPECT_EQ(far.copies_for("first@far.example"), 1U) << "what a server is being handed goes on";
  EXPECT_EQ(far.copies_for("second@far.example"), 0U);
  EXPECT_EQ(world.returns.reports.size(), 1U);
}

TEST_F(EmbargoedSender, AnAdministratorsRouteLeadsNobodyAroundIt) {
  rules.refused = {"far.example"};
  Entry entry = world.entry_to({"friend@far.example"});
  entry.pinned_route = "mx.other.example";
  world.put_entry(entry);
  world.start();
  ASSERT_TRUE(world.until_empty(1min));
  EXPECT_TRUE(world.dialed().empty());
}

}  // namespace
}  // namespace mailpod::queue
