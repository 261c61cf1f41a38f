#include "manual.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "settings_table.hpp"

namespace mailpod::daemon {
namespace {

using testing::HasSubstr;
using testing::Not;

CommandTree tree() {
  CommandTree::Option pod{{"--pod"}, "The pod's folder", ".", "MAILPOD_POD", true, false, false};
  CommandTree::Option json{{"--json"}, "In JSON", "", "", false, false, false};
  CommandTree::Option entry{{"ENTRY"}, "Its id", "", "", true, true, false};
  return {"mailpod",
          "mail",
          {pod, json},
          {{"queue", "What waits", {}, {{"list", "All", {}, {}}, {"show", "One", {entry}, {}}}},
           {"status", "What goes on", {}, {}}}};
}

TEST(AWordThatIsNoCommand, IsNamedWithTheOneThatWasMeant) {
  EXPECT_EQ(unknown_command(tree(), {"statsu"}),
            "there is no command `mailpod statsu`; did you mean `mailpod status`? `mailpod --help` shows all");
  EXPECT_EQ(
      unknown_command(tree(), {"--pod", "status", "--json", "queue", "lst"}),
      "there is no command `mailpod queue lst`; did you mean `mailpod queue list`? `mailpod queue --help` shows all");
  EXPECT_EQ(unknown_command(tree(), {"nonsense"}),
            "there is no command `mailpod nonsense`; `mailpod --help` shows all");
}

TEST(AWordThatIsMissing, IsAskedFor) {
  EXPECT_EQ(unknown_command(tree(), {"queue"}),
            "`mailpod queue` wants one more word; `mailpod queue --help` shows which");
  EXPECT_EQ(unknown_command(tree(), {"--pod", "queue"}), "`mailpod` wants one more word; `mailpod --help` shows which");
}

TEST(AWordThatIsACommand, IsNotComplainedOf) {
  EXPECT_EQ(unknown_command(tree(), {"queue", "show", "anything"}), std::nullopt);
  EXPECT_EQ(unknown_command(tree(), {"status", "--unknown"}), std::nullopt);
}

TEST(TheManual, NamesEveryCommandAndOption) {
  const auto page = write_command_manual(tree());
  for (const char* text : {".SS mailpod queue list", ".SS mailpod status", "\\-\\-pod", "MAILPOD_POD", "\\fIENTRY\\fR"})
    EXPECT_THAT(page, HasSubstr(text));
}

TEST(TheManual, NamesEverySettingWithItsDefault) {
  const auto page = write_settings_manual();
  for (const auto& setting : settings())
    EXPECT_THAT(page, HasSubstr("\\fB" + std::string(setting.name) + "\\fR = " + roff(literal(setting.get({})))));
}

TEST(TheManual, OfTheCharterIsItsDocument) {
  const auto page =
      write_charter_manual("# Charter\n\n## Limits\n\n| key | means |\n|---|---|\n| `quota_mib` | 1-16 |\n");
  EXPECT_THAT(page, HasSubstr(".SH Limits\n"));
  EXPECT_THAT(page, HasSubstr("| `quota_mib` | 1\\-16 |"));
  EXPECT_THAT(page, Not(HasSubstr("|---")));
}

TEST(TheManual, NeverTakesTextForARequest) {
  EXPECT_EQ(roff(".SH x\n'y \\z a-b"), "\\&.SH x\n\\&'y \\ez a\\-b");
}

TEST(TheManual, HasEachOfItsPages) {
  for (const auto page : manual_pages()) EXPECT_TRUE(manual_page(page, tree()).has_value()) << page;
  EXPECT_FALSE(manual_page("mailpod.2", tree()).has_value());
}

TEST(Completions, KnowEveryCommandAndTheOptionsOfThoseAboveIt) {
  EXPECT_THAT(write_bash_completion(tree()), HasSubstr("queue) candidates='--pod --json list show' ;;"));
  EXPECT_THAT(write_zsh_completion(tree()), HasSubstr("queue) candidates='--pod --json list show' ;;"));
  EXPECT_THAT(write_fish_completion(tree()), HasSubstr("__fish_seen_subcommand_from queue' -a list -d 'All'"));
}

}  // namespace
}  // namespace mailpod::daemon
