#include "lines.hpp"

#include <gtest/gtest.h>

namespace mailpod::queue {
namespace {

const Destination slow{"slow.example", {}}, quick{"quick.example", {}};

EntryId id_of(unsigned char number) {
  EntryId id;
  id.bytes[0] = number;
  return id;
}

TEST(Lines, AreServedInTurns) {
  Lines lines(4);
  for (unsigned char i = 0; i < 20; ++i) lines.join(slow, id_of(i));
  lines.join(quick, id_of(99));
  EXPECT_EQ(lines.open(), slow);
  lines.greeted(slow);
  EXPECT_EQ(lines.open(), quick);
  EXPECT_EQ(lines.take(quick), id_of(99));
  EXPECT_EQ(lines.take(slow), id_of(0));
}

TEST(Lines, OpenASecondConnectionOnlyOnceTheFirstIsGreeted) {
  Lines lines(3);
  for (unsigned char i = 0; i < 20; ++i) lines.join(slow, id_of(i));
  EXPECT_EQ(lines.open(), slow);
  EXPECT_FALSE(lines.open());
  lines.greeted(slow);
  EXPECT_EQ(lines.open(), slow);
  EXPECT_EQ(lines.open(), slow);
  lines.take(slow);
  EXPECT_FALSE(lines.open()) << "no more than its share";
}

TEST(Lines, OpenNoConnectionThatWouldHaveNothingToDo) {
  Lines lines(4);
  lines.join(slow, id_of(1));
  EXPECT_EQ(lines.open(), slow);
  lines.greeted(slow);
  EXPECT_FALSE(lines.open()) << "it will take it";
  lines.take(slow);
  lines.join(slow, id_of(2));
  EXPECT_EQ(lines.open(), slow) << "it is busy";
  lines.greeted(slow);
  lines.put_down(slow, lines.take(slow).value());
  lines.join(slow, id_of(3));
  EXPECT_FALSE(lines.open()) << "it is not any more";
}

TEST(Lines, KeepToWhatTheHostBears) {
  Lines lines(4);
  for (unsigned char i = 0; i < 20; ++i) lines.join(slow, id_of(i));
  lines.open();
  lines.greeted(slow);
  lines.open();
  lines.closed(slow, Lines::Was::connecting);
  EXPECT_FALSE(lines.open());
  lines.closed(slow, Lines::Was::serving);
  EXPECT_EQ(lines.open(), slow) << "but to one at least";
}

TEST(Lines, LetAFreshDestinationGoBeforeOneThatFailedAndOneThatAnsweredBeforeBoth) {
  Lines lines(4);
  const Destination fresh{"fresh.example", {}};
  lines.join(slow, id_of(1));
  lines.open();
  lines.take_all(slow);
  lines.closed(slow, Lines::Was::connecting);
  lines.join(quick, id_of(2));
  lines.open();
  lines.greeted(quick);
  lines.put_down(quick, lines.take(quick).value());
  lines.closed(quick, Lines::Was::serving);

  lines.join(slow, id_of(3));
  lines.join(fresh, id_of(4));
  lines.join(quick, id_of(5));
  EXPECT_EQ(lines.open(), quick);
  EXPECT_EQ(lines.open(), fresh);
  EXPECT_FALSE(lines.wants_connection(Rank::fresh));
  EXPECT_FALSE(lines.open(Rank::fresh)) << "what failed waits until it is asked for";
  EXPECT_TRUE(lines.wants_connection());
  EXPECT_EQ(lines.open(), slow);
}

TEST(Lines, LetMailThatWasNeverTriedGoBeforeMailThatWas) {
  Lines lines(4);
  const Destination mixed{"mixed.example", {}};
  lines.join(slow, id_of(1), Priority::member, Lines::Mail::again);
  lines.join(mixed, id_of(2), Priority::member, Lines::Mail::again);
  lines.join(quick, id_of(3));
  EXPECT_EQ(lines.open(), quick);
  EXPECT_FALSE(lines.wants_connection(Rank::fresh));
  lines.join(mixed, id_of(4));
  EXPECT_EQ(lines.open(), mixed) << "one that is new is enough";
  EXPECT_EQ(lines.open(), slow);
}

TEST(Lines, TakeWhatFailedAsTheOthersOnceItHasAnswered) {
  Lines lines(4);
  lines.join(slow, id_of(1));
  lines.open();
  lines.take_all(slow);
  lines.closed(slow, Lines::Was::connecting);
  lines.join(slow, id_of(2));
  EXPECT_FALSE(lines.wants_connection(Rank::fresh));
  lines.open();
  lines.greeted(slow);
  lines.put_down(slow, lines.take(slow).value());
  lines.closed(slow, Lines::Was::serving);
  lines.join(slow, id_of(3));
  EXPECT_TRUE(lines.wants_connection(Rank::good));
}

TEST(Lines, LetTheHigherPriorityGoFirst) {
  Lines lines(1);
  lines.join(slow, id_of(1), Priority::bulk);
  lines.join(slow, id_of(2), Priority::report);
  lines.join(slow, id_of(3), Priority::list);
  lines.join(slow, id_of(4), Priority::member);
  lines.join(slow, id_of(5), Priority::bulk);
  lines.join(slow, id_of(6), Priority::member);
  lines.open();
  lines.greeted(slow);
  const auto first = lines.take(slow);
  EXPECT_EQ(first, id_of(4));
  lines.put_back(slow, first.value());
  EXPECT_EQ(lines.take_all(slow), (std::vector<EntryId>{id_of(4), id_of(6), id_of(3), id_of(2), id_of(1), id_of(5)}));
}

TEST(Lines, TakeBackWhomNobodyServedBeforeEverybodyElse) {
  Lines lines(1);
  lines.join(slow, id_of(1));
  lines.join(slow, id_of(2));
  lines.open();
  lines.greeted(slow);
  const auto first = lines.take(slow);
  lines.put_back(slow, *first);
  EXPECT_EQ(lines.take_all(slow), (std::vector<EntryId>{id_of(1), id_of(2)}));
  EXPECT_TRUE(lines.is_empty(slow));
}

}  // namespace
}  // namespace mailpod::queue
