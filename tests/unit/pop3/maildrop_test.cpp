#include "maildrop.hpp"

#include <gtest/gtest.h>

#include <cstddef>

namespace mailpod::pop3 {
namespace {

/// Messages of 100 octets and UIDs 10, 20 …, in chunks of two.
std::shared_ptr<const store::MailboxState> inbox_of(std::uint32_t count) {
  auto inbox = std::make_shared<store::MailboxState>();
  inbox->id = {3};
  inbox->uid_validity = {77};
  for (std::uint32_t i = 0; i < count; i += 2) {
    auto chunk = std::make_shared<store::MailboxState::Chunk>();
    for (std::uint32_t k = i; k < std::min(count, i + 2); ++k) {
      store::MessageState message;
      message.uid = {10 * (k + 1)};
      message.size = 100;
      chunk->messages.push_back(message);
    }
    inbox->chunk_starts.push_back(i);
    inbox->chunks.push_back(std::move(chunk));
  }
  inbox->count = count;
  inbox->octets = std::uint64_t{100} * count;
  return inbox;
}

std::vector<std::uint32_t> numbers_of(const Maildrop& maildrop) {
  std::vector<std::uint32_t> numbers;
  Maildrop::Walk walk(maildrop);
  while (walk.next() != nullptr) numbers.push_back(walk.number());
  return numbers;
}

TEST(Maildrop, CountsWhatIsNotMarked) {
  Maildrop maildrop(inbox_of(5));
  maildrop.mark(2);
  maildrop.mark(5);
  EXPECT_EQ(maildrop.count(), 3);
  EXPECT_EQ(maildrop.octets(), 300);
  EXPECT_EQ(numbers_of(maildrop), (std::vector<std::uint32_t>{1, 3, 4}));
  EXPECT_EQ(maildrop.find(2), nullptr);
  EXPECT_EQ(maildrop.find(3)->uid, store::Uid{30});
  EXPECT_EQ(maildrop.marked(), (std::vector<store::Uid>{{20}, {50}}));
  maildrop.unmark_all();
  EXPECT_EQ(maildrop.count(), 5);
  EXPECT_EQ(maildrop.octets(), 500);
  EXPECT_TRUE(maildrop.marked().empty());
}

TEST(Maildrop, HasNoMessageBeyondItsLast) {
  const Maildrop maildrop(inbox_of(1));
  EXPECT_EQ(maildrop.find(0), nullptr);
  EXPECT_NE(maildrop.find(1), nullptr);
  EXPECT_EQ(maildrop.find(2), nullptr);
  EXPECT_EQ(maildrop.find(0x1'0000'0001), nullptr);
  EXPECT_EQ(numbers_of(Maildrop(inbox_of(0))), std::vector<std::uint32_t>{});
}

TEST(Maildrop, NamesMessagesByWhatDoesNotChange) {
  const Maildrop maildrop(inbox_of(2));
  EXPECT_EQ(maildrop.unique_id(*maildrop.find(2)), "3.77.20");
}

}  // namespace
}  // namespace mailpod::pop3
