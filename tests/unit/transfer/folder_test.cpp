#include "scratch.hpp"

namespace mailpod::transfer {
namespace {

using FolderTest = Scratch;

TEST_F(FolderTest, LinksLeadNowhere) {
  put("secret", "s");
  put("in/file", "f");
  std::filesystem::create_symlink("../secret", path / "in/link");
  std::filesystem::create_directory_symlink("..", path / "in/up");
  const auto in = Folder::at(path / "in");
  EXPECT_EQ(in.read("link"), nullptr);
  EXPECT_FALSE(in.folder("up"));
  EXPECT_EQ(in.read("missing"), nullptr);
  EXPECT_EQ(in.read_whole("file", 10), "f");
  EXPECT_EQ(in.read_whole("file", 0), std::nullopt);
  for (const auto& entry : in.list()) {
    EXPECT_EQ(entry.kind, entry.name == "file" ? Folder::Kind::file : Folder::Kind::other) << entry.name;
  }
  EXPECT_THROW(in.write("link", Folder::Begin::further), std::system_error);
  EXPECT_THROW(in.make_folder("up"), std::system_error);
  in.write("link", Folder::Begin::fresh)->write("x");
  EXPECT_EQ(get("secret"), "s");
}

TEST_F(FolderTest, OnlySingleNamesAreNames) {
  for (const std::string name : {"", ".", "..", "a/b", "/etc/passwd", "../x"}) {
    EXPECT_THROW(folder().read(name), std::invalid_argument) << name;
    EXPECT_THROW(folder().folder(name), std::invalid_argument) << name;
    EXPECT_THROW(folder().make_folder(name), std::invalid_argument) << name;
  }
  EXPECT_THROW(folder().read(std::string("a\0b", 3)), std::invalid_argument);
}

TEST_F(FolderTest, APipeIsNoFileAndIsNotWaitedFor) {
  ASSERT_EQ(::mkfifo((path / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(folder().read("pipe"), nullptr);
  EXPECT_EQ(folder().list().at(0).kind, Folder::Kind::other);
}

TEST_F(FolderTest, WhatIsReplacedIsWholeAndHasItsDate) {
  folder().replace("a", "one");
  folder().replace("a", "two");
  EXPECT_EQ(files(), std::vector<std::string>{"a"});
  const auto file = folder().write("a", Folder::Begin::further);
  EXPECT_EQ(file->size(), 3U);
  file->write("three");
  file->cut(4);
  file->write("!");
  file->set_changed(base::from_seconds(1'000'000));
  file->sync();
  EXPECT_EQ(get("a"), "twot!");
  EXPECT_EQ(folder().read("a")->changed(), base::from_seconds(1'000'000));
}

}  // namespace
}  // namespace mailpod::transfer
