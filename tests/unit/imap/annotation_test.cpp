#include "annotation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "annotation_watch.hpp"

namespace mailpod::imap {
namespace {

using testing::ElementsAre;

struct Entries : testing::Test {
  text::Parsed<std::vector<std::string>> parse(std::string_view octets) {
    text::Cursor in(octets);
    auto parsed = parse_entries(in, dialect);
    if (parsed.has_value() && !in.at_end()) return in.error("the end");
    return parsed;
  }
  Settings settings;
  Dialect dialect{settings};
};

TEST_F(Entries, AreReadInLowerCaseAndOnce) {
  EXPECT_THAT(*parse("/Private/Comment"), ElementsAre("/private/comment"));
  EXPECT_THAT(*parse("(/shared/a \"/SHARED/A\" /private/vendor/x/y)"), ElementsAre("/shared/a", "/private/vendor/x/y"));
}

TEST_F(Entries, StandBelowPrivateOrShared) {
  for (const auto* octets :
       {"/private", "/private/", "/shared//a", "/shared/a/", "/shared/a*", "\"/shared/%\"", "/other/a", "private/a",
        "\"/private/\xc3\xbc\"", "()", "(/private/a", "\"/private/a\tb\""}) {
    EXPECT_TRUE(parse(octets).has_error()) << octets;
  }
  EXPECT_TRUE(parse("/private/" + std::string(1'000, 'x')).has_error());
}

TEST_F(Entries, AreWrittenWithTheirValues) {
  const store::Annotations values{{"/private/a", "x\"y"}, {"/private/b", std::string("\0", 1)}};
  std::string out;
  write_metadata(out, "INBOX", {"/private/a", "/private/b", "/private/c"}, &values, dialect);
  EXPECT_EQ(out, std::string("* METADATA INBOX (/private/a \"x\\\"y\" /private/b ~{1}\r\n\0 /private/c NIL)\r\n", 72));
  out.clear();
  write_metadata(out, "", {"/private/a"}, nullptr, dialect);
  EXPECT_EQ(out, "* METADATA \"\" (/private/a NIL)\r\n");
}

std::shared_ptr<const store::VaultState> vault(store::Annotations own, store::Annotations of_mailbox,
                                               const std::string& name = "INBOX") {
  auto state = std::make_shared<store::VaultState>();
  auto mailbox = std::make_shared<store::MailboxState>();
  mailbox->id = {1};
  mailbox->name = name;
  if (!of_mailbox.empty()) mailbox->annotations = std::make_shared<store::Annotations>(std::move(of_mailbox));
  if (!own.empty()) state->annotations = std::make_shared<store::Annotations>(std::move(own));
  state->mailboxes.push_back(std::move(mailbox));
  return state;
}

TEST_F(Entries, ThatChangedAreToldOnceAndOwnChangesNever) {
  AnnotationWatch watch;
  const auto told = [&](const std::shared_ptr<const store::VaultState>& newest) {
    std::string out;
    watch.announce(out, newest, dialect);
    return out;
  };
  EXPECT_EQ(told(vault({}, {{"/private/a", "1"}})), "") << "what was there before is known";
  const auto changed = vault({{"/private/s", "1"}}, {{"/private/b", "2"}, {"/private/a", "1"}});
  EXPECT_EQ(told(changed), "* METADATA \"\" /private/s\r\n* METADATA INBOX /private/b\r\n");
  EXPECT_EQ(told(changed), "");
  EXPECT_EQ(told(vault({{"/private/s", "1"}}, {{"/private/b", "2"}, {"/private/a", "1"}}, "moved")), "");
  EXPECT_EQ(told(vault({}, {}, "moved")), "* METADATA \"\" /private/s\r\n* METADATA moved /private/a /private/b\r\n");
  std::string out;
  const auto before = vault({{"/private/s", "2"}}, {});
  const auto after = vault({{"/private/s", "2"}}, {{"/private/a", "own"}});
  watch.own_change(out, before, after, dialect);
  EXPECT_EQ(out, "* METADATA \"\" /private/s\r\n");
  EXPECT_EQ(told(after), "");
}

}  // namespace
}  // namespace mailpod::imap
