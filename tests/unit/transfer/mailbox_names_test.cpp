#include <mailpod/transfer/export_list.hpp>
#include <mailpod/transfer/mailbox_names.hpp>

#include <gtest/gtest.h>

namespace mailpod::transfer {
namespace {

TEST(MailboxNames, AFolderOfMaildirPlusPlusComesBack) {
  for (const std::string name : {"Archive", "Archive/2024", "Größe/Maß", "a.b/c.d", ".", "é.", "&", "A&B",
                                 "日本語/台北", "Übung.1/\xf0\x9f\x93\xa8"}) {
    const auto folder = write_folder_name(name);
    EXPECT_EQ(parse_folder_name(folder), name) << folder;
    EXPECT_EQ(parse_folder_name("." + folder), name) << folder;
    EXPECT_EQ(folder.find('/'), std::string::npos);
  }
  EXPECT_EQ(write_folder_name("Archive/2024"), "Archive.2024");
  EXPECT_EQ(write_folder_name("Entwürfe"), "Entw&APw-rfe");
  EXPECT_EQ(write_folder_name("a.b"), "a&AC4-b");
}

TEST(MailboxNames, WhatIsNoModifiedUtf7IsTakenForUtf8) {
  EXPECT_EQ(parse_folder_name(".Größe"), "Größe");
  EXPECT_EQ(parse_folder_name(".A&B"), "A&B");
  EXPECT_EQ(parse_folder_name("..a..b."), "a/b");
  EXPECT_EQ(parse_folder_name("..."), "");
  EXPECT_EQ(parse_folder_name(".\xff"), "\xef\xbf\xbd");
  EXPECT_EQ(parse_folder_name(".&AC8-x"), "&AC8-x") << "a slash is spelled one way only";
}

TEST(MailboxNames, CouriersFirstLevelIsNone) {
  EXPECT_EQ(without_inbox("INBOX/Sent"), "Sent");
  EXPECT_EQ(without_inbox("INBOX"), "INBOX");
  EXPECT_EQ(without_inbox("Sent"), "Sent");
}

TEST(MailboxNames, SpecialOnesAreKnownByManyNames) {
  EXPECT_EQ(use_of_name("Sent Items"), "sent");
  EXPECT_EQ(use_of_name("spam"), "junk");
  EXPECT_EQ(use_of_name("Deleted Messages"), "trash");
  EXPECT_EQ(use_of_name("Drafts"), "drafts");
  EXPECT_EQ(use_of_name("Archives"), "archive");
  EXPECT_EQ(use_of_name("Sent/2024"), "");
}

TEST(MailboxNames, TheListOfAnExportComesBack) {
  const std::vector<ExportedMailbox> list{{".", "", true, "INBOX"}, {".Sent", "sent", false, "Gesendet/a b"}};
  const auto read = parse_export_list(write_export_list(list));
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ(read->at(1).place, ".Sent");
  EXPECT_EQ(read->at(1).use, "sent");
  EXPECT_FALSE(read->at(1).subscribed);
  EXPECT_EQ(read->at(1).name, "Gesendet/a b");
  EXPECT_TRUE(read->at(0).subscribed);
  EXPECT_FALSE(parse_export_list("mailpod export 2\n"));
  EXPECT_FALSE(parse_export_list(""));
  EXPECT_TRUE(parse_export_list("mailpod export 1\n\t\t\t\nx\n")->empty());
}

}  // namespace
}  // namespace mailpod::transfer
