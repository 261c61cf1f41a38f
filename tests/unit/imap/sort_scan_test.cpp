#include "sort_scan.hpp"

#include <gtest/gtest.h>

#include "simulation/dice.hpp"
#include "unit/store/household.hpp"

namespace mailpod::imap {
namespace {

using store::test::Household;

struct Sorting : testing::Test {
  void fill(const std::vector<std::string>& subjects) {
    std::vector<std::unique_ptr<store::PreparedMessage>> messages;
    for (const auto& subject : subjects) {
      const auto letter = "Subject: " + subject + "\r\n\r\n.\r\n";
      messages.push_back(vault->prepare(base::MemorySource(letter), {{}, base::from_seconds(1'700'000'000)}).value());
    }
    vault->append(vault->state()->find("INBOX")->id, std::move(messages)).value();
  }

  std::vector<std::uint32_t> sorted(std::chrono::microseconds slice, std::size_t room = SortScan::usual_room) {
    const View view(vault->state()->find("INBOX"));
    Found found;
    for (std::uint32_t number = 1; number <= view.count(); ++number) found.messages.push_back({number});
    const SortCriteria by_subject = {{SortCriterion::Key::subject, SortCriterion::Order::ascending}};
    SortScan scan(by_subject, found, view, *vault, house.clock, room);
    slices = 1;
    while (scan.next(slice)) ++slices;
    std::vector<std::uint32_t> numbers;
    for (const auto number : scan.sorted().messages) numbers.push_back(number.value);
    return numbers;
  }

  Household house;
  std::unique_ptr<store::Vault> vault = house.open();
  unsigned slices = 0;
};

TEST_F(Sorting, IsTheSameInSlices) {
  simulation::Dice dice(3);
  std::vector<std::string> subjects;
  for (int i = 0; i < 700; ++i) subjects.push_back(std::to_string(dice.below(200)));
  fill(subjects);
  const auto at_once = sorted(std::chrono::hours(1));
  EXPECT_EQ(slices, 1U);
  auto expected = at_once;
  std::ranges::sort(expected, {}, [&](std::uint32_t number) { return std::tuple(subjects[number - 1], number); });
  EXPECT_EQ(at_once, expected);
  house.clock.tick(std::chrono::seconds(1));
  EXPECT_EQ(sorted(std::chrono::microseconds(0)), at_once);
  EXPECT_GT(slices, 10U);
}

TEST_F(Sorting, ComparesLongTextsByWhatThereIsRoomFor) {
  const std::string prefix(40, 'm');
  fill({prefix + "2", prefix + "1", "z" + prefix, "a" + prefix, prefix + "0"});
  EXPECT_EQ(sorted(std::chrono::hours(1)), (std::vector<std::uint32_t>{4, 5, 2, 1, 3}));
  EXPECT_EQ(sorted(std::chrono::hours(1), 100), (std::vector<std::uint32_t>{4, 1, 2, 5, 3}));
}

TEST_F(Sorting, OfNothingIsNothing) {
  EXPECT_EQ(sorted(std::chrono::hours(1)), std::vector<std::uint32_t>{});
}

}  // namespace
}  // namespace mailpod::imap
