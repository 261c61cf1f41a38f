#include "agenda.hpp"

#include <gtest/gtest.h>

#include "simulation/clock.hpp"

namespace mailpod::queue {
namespace {

using namespace std::chrono_literals;

EntryId id_of(std::uint32_t number) {
  EntryId id;
  for (std::size_t i = 0; i < 4; ++i) id.bytes[i] = static_cast<unsigned char>(number >> (8 * i));
  return id;
}

class AgendaTest : public testing::Test {
protected:
  std::optional<EntryId> take() {
    const auto due = agenda.take();
    return due ? std::optional(due->id) : std::nullopt;
  }
  simulation::Clock clock;
  Agenda agenda{clock, 4h};
  const EntryId one = id_of(1), two = id_of(2);
};

TEST_F(AgendaTest, GivesWhatIsDueInItsOrder) {
  agenda.wait_until(two, clock.now() + 2h);
  agenda.wait_until(one, clock.now() + 1h);
  EXPECT_FALSE(take());
  EXPECT_EQ(agenda.until_next(), 1h);
  clock.advance(3h);
  EXPECT_EQ(take(), one);
  EXPECT_EQ(take(), two);
  EXPECT_FALSE(take());
  EXPECT_FALSE(agenda.until_next());
}

TEST_F(AgendaTest, KeepsOnePlanForAnEntry) {
  agenda.wait_for(one, 1h);
  agenda.wait_for(one, 2h);
  EXPECT_EQ(agenda.waiting(), 1U);
  EXPECT_EQ(agenda.until_next(), 2h);
  agenda.hold(one);
  EXPECT_EQ(agenda.waiting(), 0U);
  EXPECT_EQ(agenda.held(), 1U);
  clock.advance(5h);
  EXPECT_FALSE(take());
  agenda.look_at(one);
  EXPECT_EQ(agenda.until_next(), 0h);
  EXPECT_EQ(agenda.take()->why, Agenda::Why::asked);
  EXPECT_EQ(agenda.held(), 0U);
}

TEST_F(AgendaTest, IsNotMovedByTheWallClock) {
  agenda.wait_until(one, clock.now() + 1h);
  clock.set(clock.now() - 100 * 24h);
  EXPECT_EQ(agenda.until_next(), 1h);
  clock.set(clock.now() + 1000 * 24h);
  EXPECT_EQ(agenda.until_next(), 1h);
}

TEST_F(AgendaTest, BelievesNoNextTryBeyondTheLongestWait) {
  agenda.wait_until(one, clock.now() + 10 * 365 * 24h);
  EXPECT_EQ(agenda.until_next(), 4h);
}

TEST_F(AgendaTest, HoldsManyEntriesWithoutQuadraticWork) {
  constexpr std::uint32_t many = 100'000;
  for (std::uint32_t i = 0; i < many; ++i) agenda.wait_for(id_of(i * 2'654'435'761U), std::chrono::seconds(i % 1000));
  for (std::uint32_t i = 0; i < many; ++i) agenda.wait_for(id_of(i * 2'654'435'761U), std::chrono::seconds(i % 777));
  EXPECT_EQ(agenda.waiting(), many);
  clock.advance(1h);
  std::uint32_t taken = 0;
  while (take()) ++taken;
  EXPECT_EQ(taken, many);
}

}  // namespace
}  // namespace mailpod::queue
