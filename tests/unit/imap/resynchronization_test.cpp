#include "resynchronization.hpp"

#include <gtest/gtest.h>

namespace mailpod::imap {
namespace {

using store::MailboxState;

std::optional<LastKnown> parse(std::string_view octets, Enabled enabled = {}) {
  const Settings settings;
  const Dialect dialect{settings, enabled};
  text::Cursor in(octets);
  auto known = parse_last_known(in, dialect);
  if (known.has_error() || !in.at_end()) return std::nullopt;
  return std::move(*known);
}

/// Messages with these UIDs.
View view_of(const std::vector<std::uint32_t>& uids) {
  auto state = std::make_shared<MailboxState>();
  auto chunk = std::make_shared<MailboxState::Chunk>();
  for (const auto uid : uids) chunk->messages.emplace_back().uid = store::Uid{uid};
  state->count = static_cast<std::uint32_t>(uids.size());
  state->uid_next = store::Uid{uids.back() + 1};
  state->chunk_starts.push_back(0);
  state->chunks.push_back(std::move(chunk));
  return View(std::move(state));
}

std::uint32_t known_up_to(const View& view, const std::string& numbers, const std::string& uids) {
  return known_up_to(view, *parse("(1 1 (" + numbers + " " + uids + "))")->match).value;
}

TEST(Resynchronization, ReadsWhatAClientKnows) {
  const auto known = parse("(67890007 90060115194045000 41:211,214:541 (1:2 41:42))");
  ASSERT_TRUE(known);
  EXPECT_EQ(known->uid_validity.value, 67890007U);
  EXPECT_EQ(known->mod_seq.value, 90060115194045000U);
  EXPECT_EQ(known->uids->items.size(), 2U);
  EXPECT_EQ(known->match->uids.items.front().from, 41U);
  EXPECT_FALSE(parse("(1 1)")->uids);
  EXPECT_FALSE(parse("(1 1 (1 1))")->uids);
}

TEST(Resynchronization, RefusesWhatNobodyCanKnow) {
  for (const auto* octets : {"()", "(0 1)", "(1)", "(1 )", "(1 9223372036854775808)", "(1 1 )", "(1 1 1:*)",
                             "(1 1 1 (1))", "(1 1 1 (1 *))", "(1 1 1 (1 1)) ", "(1 1 (1 1) 1)", "(1 1 0)", "1 1"}) {
    EXPECT_FALSE(parse(octets)) << octets;
  }
  Enabled uids_only;
  uids_only.uid_only = true;
  EXPECT_FALSE(parse("(1 1 1 (1 1))", uids_only));
  EXPECT_TRUE(parse("(1 1 1)", uids_only));
}

TEST(Resynchronization, KnowsUpToTheLastNumberThatFits) {
  // RFC 7162 §3.2.5.2: the fourth message has UID 8, the twelfth 25 where the client thinks 24.
  const auto view = view_of({2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 25});
  EXPECT_EQ(known_up_to(view, "4,12", "8,24"), 8U);
  EXPECT_EQ(known_up_to(view, "1,12", "2,25"), 25U);
  EXPECT_EQ(known_up_to(view, "1", "3"), 0U);
  EXPECT_EQ(known_up_to(view, "13:4000000000", "100:4000000087"), 0U);
}

TEST(Resynchronization, MatchesRangesWithoutCountingThem) {
  const auto view = view_of({5, 6, 7, 9, 10, 20});
  EXPECT_EQ(known_up_to(view, "1:4000000000", "5:4000000004"), 7U);
  EXPECT_EQ(known_up_to(view, "4:6", "9:11"), 10U);
  EXPECT_EQ(known_up_to(view, "1:2,3:6", "5:7,9:11"), 10U);
  EXPECT_EQ(known_up_to(view, "1:6", "1:6"), 0U);
}

}  // namespace
}  // namespace mailpod::imap
