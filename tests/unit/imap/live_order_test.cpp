#include "live_order.hpp"

#include <gtest/gtest.h>

#include "simulation/dice.hpp"
#include "unit/store/household.hpp"

namespace mailpod::imap {
namespace {

using store::test::Household;

struct FollowedOrder : testing::Test {
  void fill(simulation::Dice& dice, int count) {
    for (int i = 0; i < count; ++i) {
      Household::append(*vault, "Subject: " + std::to_string(dice.below(20)) + "\r\n\r\n.\r\n", "INBOX", {});
    }
  }
  View view() const { return View(vault->state()->find("INBOX")); }

  /// All of them in order, as SORT has it.
  std::vector<store::Uid> sorted(const View& view, const std::vector<store::SeqNum>& messages) {
    SortScan scan(criteria, Found{messages, {}, 0, {}}, view, *vault, house.clock);
    while (scan.next(std::chrono::hours(1))) {
    }
    std::vector<store::Uid> uids;
    for (const auto number : scan.sorted().messages) uids.push_back(view.at(number).uid);
    return uids;
  }

  Household house;
  std::unique_ptr<store::Vault> vault = house.open();
  const SortCriteria criteria = {{SortCriterion::Key::subject, SortCriterion::Order::descending},
                                 {SortCriterion::Key::size, SortCriterion::Order::ascending}};
};

/// What a client makes of the steps.
void take(std::vector<store::Uid>& list, const std::vector<LiveOrder::Step>& steps, bool in) {
  for (const auto& step : steps) {
    const auto place = list.begin() + (static_cast<std::ptrdiff_t>(step.place) - 1);
    if (in) {
      list.insert(place, step.uid);
    } else {
      ASSERT_EQ(*place, step.uid);
      list.erase(place);
    }
  }
}

TEST_F(FollowedOrder, IsThatOfASortHoweverItCameAbout) {
  simulation::Dice dice(5);
  fill(dice, 120);
  std::vector<store::Uid> clients;
  LiveOrder order(criteria, {});
  std::vector<bool> in(121, false);
  for (int round = 0; round < 30; ++round) {
    const auto now = view();
    std::vector<store::SeqNum> coming;
    std::vector<store::Uid> going;
    for (std::uint32_t number = 1; number <= now.count(); ++number) {
      if (dice.below(4) != 0) continue;
      in[number] ? going.push_back(now.at({number}).uid) : coming.push_back({number});
      in[number] = !in[number];
    }
    take(clients, order.take_out(going), false);
    LiveOrder::Insertion insertion(order, coming, now, *vault, house.clock);
    house.clock.tick(std::chrono::seconds(round % 2));
    unsigned slices = 1;
    while (insertion.next(std::chrono::microseconds(1))) ++slices;
    house.clock.tick(std::chrono::seconds(0));
    if (round % 2 == 1 && coming.size() > 1) EXPECT_GT(slices, 1U);
    take(clients, insertion.steps(), true);
    std::vector<store::SeqNum> all;
    for (std::uint32_t number = 1; number <= now.count(); ++number) {
      if (in[number]) all.push_back({number});
    }
    ASSERT_EQ(clients, sorted(now, all)) << round;
  }
}

TEST_F(FollowedOrder, TakesOutWhatIsThereAndNothingElse) {
  LiveOrder order(criteria, {{5}, {3}, {9}, {1}});
  const auto steps = order.take_out({{2}, {3}, {9}});
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].place, 3U);
  EXPECT_EQ(steps[0].uid.value, 9U);
  EXPECT_EQ(steps[1].place, 2U);
  EXPECT_EQ(steps[1].uid.value, 3U);
  EXPECT_TRUE(order.take_out({{3}, {9}}).empty());
}

}  // namespace
}  // namespace mailpod::imap
