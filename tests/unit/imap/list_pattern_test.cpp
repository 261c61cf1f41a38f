#include "list_pattern.hpp"

#include <gtest/gtest.h>

namespace mailpod::imap {
namespace {

bool matches(std::string pattern, std::string_view name) {
  return ListPattern(std::move(pattern)).matches(name);
}

TEST(ListPattern, PercentStopsAtALevel) {
  EXPECT_TRUE(matches("%", "INBOX"));
  EXPECT_FALSE(matches("%", "a/b"));
  EXPECT_TRUE(matches("a/%", "a/b"));
  EXPECT_FALSE(matches("a/%", "a/b/c"));
  EXPECT_TRUE(matches("%/%", "a/b"));
  EXPECT_TRUE(matches("a%c", "abc"));
  EXPECT_TRUE(matches("a%", "a"));
}

TEST(ListPattern, StarGoesThroughLevels) {
  EXPECT_TRUE(matches("*", "a/b/c"));
  EXPECT_TRUE(matches("a*c", "a/b/c"));
  EXPECT_TRUE(matches("*b*", "a/b/c"));
  EXPECT_FALSE(matches("*d", "a/b/c"));
  EXPECT_TRUE(matches("%*", "a/b"));
  EXPECT_TRUE(matches("%/c*", "a/cc/d"));
}

TEST(ListPattern, WithoutWildcardsIsTheNameItself) {
  EXPECT_TRUE(matches("a/b", "a/b"));
  EXPECT_FALSE(matches("a/b", "a/bc"));
  EXPECT_FALSE(matches("a/bc", "a/b"));
  EXPECT_FALSE(matches("A", "a"));
}

std::string repeated(std::string_view piece, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += piece;
  return all;
}

TEST(ListPattern, MatchesNothingWithMoreWildcardsThanAnybodyUses) {
  const std::string name(1'000, 'a');
  EXPECT_TRUE(matches(repeated("a*", ListPattern::most_wildcards), name));
  EXPECT_FALSE(matches(repeated("a*", ListPattern::most_wildcards + 1), name));
  EXPECT_TRUE(matches(repeated("*", 900), name));
}

TEST(ListPattern, MatchesNothingWhenLongerThanAnyName) {
  const std::string longest(ListPattern::most_octets, 'a');
  EXPECT_TRUE(matches(longest + '*', longest));
  EXPECT_FALSE(matches(longest + "a*", longest + 'a'));
}

/// What RFC 3501 §6.3.8 says, without a thought for the cost.
bool plainly_matches(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  const char first = pattern.front();
  if (first != '*' && first != '%') {
    return !name.empty() && name.front() == first && plainly_matches(pattern.substr(1), name.substr(1));
  }
  if (plainly_matches(pattern.substr(1), name)) return true;
  return !name.empty() && (first == '*' || name.front() != '/') && plainly_matches(pattern, name.substr(1));
}

/// All texts of these octets, up to a length.
std::vector<std::string> texts_of(std::string_view octets, std::size_t most) {
  std::vector<std::string> texts{""};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].size() == most) break;
    for (const char octet : octets) texts.push_back(texts[i] + octet);
  }
  return texts;
}

TEST(ListPattern, MatchesAsThePlainDefinitionDoes) {
  const auto names = texts_of("ab/", 5);
  for (const auto& pattern : texts_of("ab/*%", 4)) {
    const ListPattern quick(pattern);
    for (const auto& name : names) {
      ASSERT_EQ(quick.matches(name), plainly_matches(pattern, name)) << pattern << ' ' << name;
    }
  }
  for (const std::string pattern : {"*aab*", "*abab%b", "%aba*a%b", "*aa*aa%", "*a%/*b", "ab*ab*ab"}) {
    const ListPattern quick(pattern);
    for (const auto& name : texts_of("ab/", 8)) {
      ASSERT_EQ(quick.matches(name), plainly_matches(pattern, name)) << pattern << ' ' << name;
    }
  }
}

}  // namespace
}  // namespace mailpod::imap
