#include "base_subject.hpp"

#include <gtest/gtest.h>

namespace mailpod::imap {
namespace {

std::string base(std::string_view subject) {
  return base_subject(subject).text;
}

bool is_marked(std::string_view subject) {
  return base_subject(subject).is_reply_or_forward;
}

TEST(BaseSubject, LosesTheMarksOfRepliesAndForwards) {
  for (const auto* subject : {"Lunch",
                              "Re: Lunch",
                              "RE:Lunch",
                              "re  : Lunch",
                              "Re[2]: Lunch",
                              "Re [list] : Lunch",
                              "Fw: Lunch",
                              "FWD: Lunch",
                              "Lunch (fwd)",
                              "Lunch (FWD) (fwd) ",
                              "[fwd: Lunch]",
                              "Re: [Fwd: Lunch]",
                              "[fwd: re: [list] Lunch (fwd)]",
                              "[list] Lunch",
                              "[list] [other] Lunch",
                              "[list] Re: [other] Fwd: Lunch",
                              "\tRe:\tRe: \r\n Lunch ",
                              "[fwd: [fwd: Lunch]]",
                              "[]Lunch",
                              "Re[]: Lunch"}) {
    EXPECT_EQ(base(subject), "Lunch") << subject;
  }
}

TEST(BaseSubject, KeepsWhatIsNoMark) {
  EXPECT_EQ(base("Return: Lunch"), "Return: Lunch");
  EXPECT_EQ(base("Re Lunch"), "Re Lunch");
  EXPECT_EQ(base("Fw [list] Lunch"), "Fw [list] Lunch");
  EXPECT_EQ(base("Re[a][b]: Lunch"), "Re[a][b]: Lunch");
  EXPECT_EQ(base("Lunch Re:"), "Lunch Re:");
  EXPECT_EQ(base("[fwd: Lunch"), "[fwd: Lunch");
  EXPECT_EQ(base("Lunch [list]"), "Lunch [list]");
  EXPECT_EQ(base("(fwd) Lunch"), "(fwd) Lunch");
  EXPECT_EQ(base("[li[st] Lunch"), "[li[st] Lunch");
  EXPECT_EQ(base("a \t b"), "a b");
}

TEST(BaseSubject, IsTheLastBlobWhereNothingElseIsLeft) {
  EXPECT_EQ(base("[list]"), "[list]");
  EXPECT_EQ(base("[one] [two]"), "[two]");
  EXPECT_EQ(base("Re: [one]"), "[one]");
}

TEST(BaseSubject, CanBeEmpty) {
  for (const auto* subject : {"", "  ", "Re:", "Re: Fwd:", "(fwd)", "[fwd:]", "[list] Re:"}) {
    EXPECT_EQ(base(subject), "") << subject;
  }
}

TEST(BaseSubject, TellsRepliesAndForwards) {
  for (const auto* subject : {"Re: a", "Fw: a", "a (fwd)", "[fwd: a]", "[list] re: a"}) EXPECT_TRUE(is_marked(subject));
  for (const auto* subject : {"a", "[list] a", "", "[a]", "fwd a"}) EXPECT_FALSE(is_marked(subject));
}

TEST(BaseSubject, TakesNoLongerThanTheSubjectIsLong) {
  const auto repeated = [](std::string_view piece) {
    std::string all;
    while (all.size() < 4'000'000) all += piece;
    return all;
  };
  for (const auto* piece : {"[a]", "re:", "[fwd:", "[fwd:re[a]", "(fwd)", " ", "[", "re[a", "[a] re: "}) {
    base_subject(repeated(piece));
    base_subject(repeated(piece) + repeated("]"));
  }
}

}  // namespace
}  // namespace mailpod::imap
