#include "mailbox_filter.hpp"

#include <gtest/gtest.h>

namespace mailpod::imap {
namespace {

using Of = MailboxFilter::Of;

store::MailboxState mailbox(std::uint32_t id, bool subscribed = false) {
  store::MailboxState state;
  state.id = {id};
  state.subscribed = subscribed;
  return state;
}

TEST(MailboxFilters, CoverWhatTheyName) {
  MailboxFilters filters;
  filters.add({Of::mailboxes, {"a", "b/c"}}, 1);
  filters.add({Of::subtree, {"a/b", "x"}}, 2);
  filters.add({Of::subtree_one, {"x", "y"}}, 4);
  const auto meaning = [&](std::string_view name) { return filters.meaning_of(name, nullptr, {}); };
  EXPECT_EQ(meaning("a"), 1U);
  EXPECT_EQ(meaning("a/b"), 2U);
  EXPECT_EQ(meaning("a/bb"), 0U);
  EXPECT_EQ(meaning("a/b/c/d"), 2U);
  EXPECT_EQ(meaning("b"), 0U);
  EXPECT_EQ(meaning("b/c"), 1U);
  EXPECT_EQ(meaning("b/c/d"), 0U);
  EXPECT_EQ(meaning("x"), 6U);
  EXPECT_EQ(meaning("x/1"), 6U);
  EXPECT_EQ(meaning("x/1/2"), 2U);
  EXPECT_EQ(meaning("y/1"), 4U);
  EXPECT_EQ(meaning("y/1/2"), 0U);
  EXPECT_EQ(meaning(""), 0U);
}

TEST(MailboxFilters, CoverWhatAMailboxIs) {
  MailboxFilters filters;
  filters.add({Of::personal, {}}, 1);
  filters.add({Of::subscribed, {}}, 2);
  filters.add({Of::inboxes, {}}, 4);
  filters.add({Of::selected, {}}, 8);
  const std::vector<store::MailboxId> inboxes{{7}, {9}};
  const auto meaning = [&](const store::MailboxState& state) { return filters.meaning_of("a", &state, inboxes); };
  EXPECT_EQ(meaning(mailbox(1)), 1U);
  EXPECT_EQ(meaning(mailbox(1, true)), 3U);
  EXPECT_EQ(meaning(mailbox(9)), 5U);
  EXPECT_EQ(filters.meaning_of("a", nullptr, inboxes), 0U);
  EXPECT_TRUE(filters.names_inboxes());
  EXPECT_FALSE(MailboxFilters().names_inboxes());
}

TEST(MailboxFilters, OfManyNamesCostNoMoreThanOfOne) {
  // Ten thousand mailboxes against a thousand names: ten million comparisons if each were compared with each.
  MailboxFilters filters;
  std::vector<std::string> names;
  for (int i = 0; i < 1'000; ++i) names.push_back("level/" + std::to_string(i) + '/' + std::string(900, 'n'));
  filters.add({Of::subtree, names}, 1);
  unsigned covered = 0;
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 10'000; ++i) {
    covered += filters.meaning_of("level/" + std::to_string(i) + '/' + std::string(900, 'n') + "/below", nullptr, {});
  }
  EXPECT_EQ(covered, 1'000U);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(2));
}

}  // namespace
}  // namespace mailpod::imap
