#include "threads.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "simulation/dice.hpp"
#include "sort_scan.hpp"
#include "unit/store/household.hpp"

namespace mailpod::imap {
namespace {

using store::test::Household;

struct Threads : testing::Test {
  void fill(const std::vector<std::string>& letters) {
    std::vector<std::unique_ptr<store::PreparedMessage>> messages;
    for (const auto& letter : letters) {
      messages.push_back(vault->prepare(base::MemorySource(letter), {{}, base::from_seconds(1'700'000'000)}).value());
    }
    vault->append(vault->state()->find("INBOX")->id, std::move(messages)).value();
  }

  ThreadForest built(ThreadAlgorithm algorithm, std::chrono::microseconds slice = std::chrono::hours(1)) {
    const View view(vault->state()->find("INBOX"));
    std::vector<store::SeqNum> all;
    for (std::uint32_t number = 1; number <= view.count(); ++number) all.push_back({number});
    ThreadScan scan(all, view, *vault, house.clock);
    while (scan.next(std::chrono::hours(1))) {
    }
    ThreadBuild build(algorithm, scan, house.clock);
    slices = 1;
    while (build.next(slice)) ++slices;
    return build.forest();
  }

  /// Of a forest that is one chain.
  static std::size_t depth(const ThreadForest& forest) {
    if (forest.roots.size() != 1) return 0;
    std::size_t depth = 1;
    for (auto at = forest.roots.front(); forest.nodes[at].children.size() == 1; ++depth) {
      at = forest.nodes[at].children.front();
    }
    return depth;
  }

  static std::string answer(std::size_t number) {
    return fmt::format("Message-ID: <{}@x>\r\nReferences: <{}@x>\r\nSubject: {}\r\n\r\n.\r\n", number, number - 1,
                       number);
  }

  Household house;
  std::unique_ptr<store::Vault> vault = house.open();
  unsigned slices = 0;
};

TEST_F(Threads, MayBeAsDeepAsTheMailboxIsLarge) {
  std::vector<std::string> letters;
  for (std::size_t number = 1; number <= 3'000; ++number) letters.push_back(answer(number));
  fill(letters);
  EXPECT_EQ(depth(built(ThreadAlgorithm::references)), 3'000U);
  EXPECT_EQ(depth(built(ThreadAlgorithm::refs)), 3'000U);
}

TEST_F(Threads, AreTheSameWhereAnswersCameFirst) {
  std::vector<std::string> letters;
  for (std::size_t number = 3'000; number > 0; --number) letters.push_back(answer(number));
  fill(letters);
  EXPECT_EQ(depth(built(ThreadAlgorithm::refs)), 3'000U);
}

TEST_F(Threads, AreTheSameInSlices) {
  simulation::Dice dice(7);
  std::vector<std::string> letters;
  for (std::size_t number = 1; number <= 500; ++number) {
    letters.push_back(fmt::format("Message-ID: <{}@x>\r\nReferences: <{}@x>\r\nSubject: {}{}\r\n\r\n.\r\n", number,
                                  dice.below(5), dice.coin() ? "Re: " : "", dice.below(9)));
  }
  fill(letters);
  for (const auto algorithm : {ThreadAlgorithm::ordered_subject, ThreadAlgorithm::references, ThreadAlgorithm::refs}) {
    const auto whole = built(algorithm);
    EXPECT_EQ(slices, 1U);
    house.clock.tick(std::chrono::seconds(1));
    const auto sliced = built(algorithm, std::chrono::microseconds(0));
    house.clock.tick(std::chrono::seconds(0));
    EXPECT_GT(slices, 5U);
    EXPECT_EQ(sliced.roots, whole.roots);
    ASSERT_EQ(sliced.nodes.size(), whole.nodes.size());
    for (std::size_t i = 0; i < whole.nodes.size(); ++i) {
      EXPECT_EQ(sliced.nodes[i].message, whole.nodes[i].message);
      EXPECT_EQ(sliced.nodes[i].children, whole.nodes[i].children);
    }
  }
}

/// Who is below whom, whatever the order in which they came.
TEST_F(Threads, HaveNoCirclesAndLoseNobody) {
  simulation::Dice dice(5);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::string> letters;
    for (std::size_t number = 0; number < 40; ++number) {
      std::string references;
      for (auto n = dice.below(5); n > 0; --n) references += fmt::format(" <{}@x>", dice.below(60));
      letters.push_back(fmt::format("Message-ID: <{}@x>\r\nReferences:{}\r\nSubject: {}{}\r\n\r\n.\r\n", dice.below(50),
                                    references, dice.coin() ? "Re: " : "", dice.below(6)));
    }
    fill(letters);
    for (const auto algorithm :
         {ThreadAlgorithm::ordered_subject, ThreadAlgorithm::references, ThreadAlgorithm::refs}) {
      const auto forest = built(algorithm);
      std::vector<bool> seen(vault->state()->find("INBOX")->count + 1);
      std::size_t count = 0;
      auto rest = forest.roots;
      while (!rest.empty()) {
        const auto& node = forest.nodes[rest.back()];
        rest.pop_back();
        if (node.message.value == 0) ASSERT_GT(node.children.size(), 1U);
        if (node.message.value != 0) {
          ASSERT_FALSE(seen[node.message.value]);
          seen[node.message.value] = true;
          ++count;
        }
        rest.insert(rest.end(), node.children.begin(), node.children.end());
      }
      ASSERT_EQ(count, seen.size() - 1);
    }
  }
}

TEST_F(Threads, OfManyIdsThatNobodyHasKeepTheirSize) {
  std::string references;
  std::vector<std::string> letters;
  for (std::size_t number = 0; number < 400; ++number) {
    references.clear();
    for (std::size_t i = 0; i < 90; ++i) references += fmt::format(" <{}.{}@nowhere>", number, i);
    letters.push_back("References:" + references + "\r\n\r\n.\r\n");
  }
  fill(letters);
  EXPECT_EQ(built(ThreadAlgorithm::refs).roots.size(), 400U);
}

}  // namespace
}  // namespace mailpod::imap
