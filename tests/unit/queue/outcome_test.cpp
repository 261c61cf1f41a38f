#include "outcome.hpp"

#include <gtest/gtest.h>

#include "simulation/clock.hpp"

namespace mailpod::queue {
namespace {

using namespace std::chrono_literals;

class OutcomeTest : public testing::Test {
protected:
  OutcomeTest() {
    entry.arrival = entry.next_try = now;
    entry.submitter = MemberId{};
    entry.reverse_path = "alice@pod.example";
    entry.recipients.resize(2);
    entry.recipients[0].address = "a@far.example";
    entry.recipients[1].address = "b@far.example";
  }
  static Finding finding(std::size_t place, const std::string& address, RecipientState state) {
    return {place, address, state, "250 ok", "mx.far.example"};
  }

  const base::Time now = base::from_seconds(1'767'225'600);
  const Timetable timetable;
  Entry entry;
};

TEST_F(OutcomeTest, IsNotedOnceAndOnlyForWhomItWas) {
  note(entry, {finding(0, "a@far.example", RecipientState::delivered)}, now + 1s);
  EXPECT_EQ(entry.recipients[0].state, RecipientState::delivered);
  EXPECT_EQ(entry.recipients[0].attempts, 1U);
  EXPECT_EQ(entry.recipients[0].last_attempt, now + 1s);
  const Entry before = entry;
  note(entry,
       {finding(0, "a@far.example", RecipientState::failed), finding(1, "x@far.example", RecipientState::failed),
        finding(7, "b@far.example", RecipientState::failed)},
       now + 2s);
  EXPECT_EQ(entry, before);
}

TEST_F(OutcomeTest, IsToldByTheHostThatPromisedTo) {
  for (Recipient& recipient : entry.recipients) recipient.notify = Notify::success | Notify::failure;
  Finding taken = finding(0, "a@far.example", RecipientState::delivered);
  Finding refused = finding(1, "b@far.example", RecipientState::failed);
  taken.host_reports = refused.host_reports = true;
  note(entry, {taken, refused}, now);
  EXPECT_FALSE(must_tell_end(entry, entry.recipients[0]));
  EXPECT_TRUE(must_tell_end(entry, entry.recipients[1])) << "what it has not taken is ours to tell";
}

TEST_F(OutcomeTest, KeepsNoReplyWithoutEnd) {
  Finding long_winded = finding(0, "a@far.example", RecipientState::pending);
  long_winded.reply.assign(100'000, 'x');
  note(entry, {long_winded}, now);
  EXPECT_EQ(entry.recipients[0].last_reply.size(), 1000U);
}

TEST_F(OutcomeTest, OfARoundIsWhenTheNextComes) {
  note(entry, {finding(0, "a@far.example", RecipientState::pending)}, now);
  conclude_round(entry, timetable, now, 0.5);
  EXPECT_EQ(entry.next_try, now + 5min);
  EXPECT_EQ(entry.recipients[0].state, RecipientState::pending);
}

TEST_F(OutcomeTest, OfTheLastRoundIsFailure) {
  entry.recipients[0].attempts = 40;
  entry.recipients[1].attempts = 2;
  conclude_round(entry, timetable, now + 5 * 24h, 0.5);
  EXPECT_EQ(entry.recipients[0].state, RecipientState::failed);
  EXPECT_EQ(entry.recipients[1].state, RecipientState::pending) << "hardly tried";
}

TEST_F(OutcomeTest, IsToldAsTheSenderWishes) {
  Recipient& recipient = entry.recipients[0];
  const auto told_of = [&](RecipientState state, int notify) {
    recipient.state = state;
    recipient.notify = static_cast<std::uint8_t>(notify);
    return must_tell_end(entry, recipient);
  };
  EXPECT_TRUE(told_of(RecipientState::failed, 0));
  EXPECT_TRUE(told_of(RecipientState::failed, Notify::failure));
  EXPECT_FALSE(told_of(RecipientState::failed, Notify::success | Notify::delay));
  EXPECT_FALSE(told_of(RecipientState::failed, Notify::never));
  EXPECT_FALSE(told_of(RecipientState::delivered, 0));
  EXPECT_TRUE(told_of(RecipientState::delivered, Notify::success));
  EXPECT_TRUE(told_of(RecipientState::expanded, Notify::success));
  EXPECT_FALSE(told_of(RecipientState::expanded, Notify::failure));
  EXPECT_FALSE(told_of(RecipientState::pending, Notify::success | Notify::failure));

  recipient.attempts = 7;
  recipient.state = RecipientState::pending;
  const auto told_of_delay = [&](int notify) {
    recipient.notify = static_cast<std::uint8_t>(notify);
    return must_tell_delay(entry, recipient, timetable, now + 5h);
  };
  EXPECT_TRUE(told_of_delay(0));
  EXPECT_TRUE(told_of_delay(Notify::delay));
  EXPECT_FALSE(told_of_delay(Notify::failure));
  EXPECT_FALSE(told_of_delay(Notify::never));
  entry.delay_told = true;
  EXPECT_FALSE(told_of_delay(0));
}

TEST_F(OutcomeTest, IsDoneWhenNobodyWaitsForAnything) {
  EXPECT_FALSE(is_done(entry));
  entry.recipients[0].state = RecipientState::delivered;
  entry.recipients[1].state = RecipientState::failed;
  EXPECT_FALSE(is_done(entry)) << "somebody must be told";
  entry.recipients[1].told = true;
  EXPECT_TRUE(is_done(entry));
  entry.recipients[1].told = false;
  entry.submitter.reset();
  EXPECT_TRUE(is_done(entry)) << "and there is nobody";
}

}  // namespace
}  // namespace mailpod::queue
