// What the members' door bears of whoever knocks too often, too long or too much.

#include "members_door_visit.hpp"

namespace mailpod::daemon {
namespace {

TEST_F(AMembersDoor, CountsCodesByNameAsWell) {
  const auto guess = [&](const std::string& from, const std::string& name) {
    connect(from);
    const json guessed{{"address", name}, {"secret", "wrong wrong wrong"}, {"new_password", "a good long one"}};
    EXPECT_TRUE(ask("password.change", guessed).contains("complaint"));
    return took;
  };
  // A second a guess, so one or two come back meanwhile.
  int at_once = 0;
  while (at_once < 60 && guess(fmt::format("198.51.{}.1", at_once), "alice") == 1s) ++at_once;
  EXPECT_GE(at_once, 50);
  EXPECT_LT(at_once, 53);
  EXPECT_EQ(guess("203.0.113.1", "alice"), 3s);
  EXPECT_EQ(guess("203.0.114.1", "bob"), 1s) << "another name is no worse off";
}

TEST_F(AMembersDoor, ForgetsNobodyByAReadingPassword) {
  connect();
  const json wish{{"address", "alice"}, {"secret", alice}, {"name", "borrowed"}, {"scopes", {"imap"}}, {"days", 1}};
  const std::string borrowed = ask("app-password.add", wish).at("answer").at("password");
  EXPECT_TRUE(ask("member.forget", {{"address", "alice"}, {"secret", borrowed}}).contains("complaint"));
  EXPECT_TRUE(ask("app-password.list", {{"address", "alice"}, {"secret", borrowed}}).contains("answer"));
  EXPECT_TRUE(ask("member.forget", {{"address", "alice"}, {"secret", alice}}).contains("answer"));
}

TEST_F(AMembersDoor, HearsNoMoreThanALineOf64KiB) {
  connect();
  say(std::string(80'000, 'x'));
  time.run_until([&] { return ended; });
  EXPECT_NE(heard.find("cannot be understood"), std::string::npos);
  EXPECT_LT(clock.monotonic(), 5s);
}

TEST_F(AMembersDoor, WaitsTenSecondsForARequest) {
  connect();
  say("{\"operation\":");
  const auto before = clock.monotonic();
  time.run_until([&] { return ended; });
  EXPECT_EQ(clock.monotonic() - before, 10s);
}

TEST_F(AMembersDoor, ClosesAfterThreeRefusals) {
  connect();
  for (int i = 0; i < 3; ++i) ask("forward.show", {{"address", "alice"}, {"secret", "wrong wrong wrong"}});
  EXPECT_TRUE(closed());
}

TEST_F(AMembersDoor, StopsListeningToWhoGuesses) {
  std::set<std::string> words;
  for (int i = 0; i < 30; ++i) {
    connect("203.0.113.9");
    words.insert(ask("forward.show", {{"address", "alice"}, {"secret", "wrong " + std::to_string(i) + " wrong"}})
                     .at("complaint")
                     .at("what"));
  }
  EXPECT_TRUE(words.contains("too many attempts, or too much to do at present"));
  EXPECT_NE(log.lines.find("login.refused protocol=members client=203.0.113.9"), std::string::npos);
  // The member comes from elsewhere, and is let in.
  connect();
  EXPECT_TRUE(ask("forward.show", {{"address", "alice"}, {"secret", alice}}).contains("answer"));
}

}  // namespace
}  // namespace mailpod::daemon
