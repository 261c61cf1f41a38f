#include <mailpod/base/log.hpp>

#include <filesystem>
#include <fstream>
#include <system_error>

#include <gtest/gtest.h>

#include <mailpod/base/spdlog_log.hpp>

namespace mailpod::base {
namespace {

class TemporaryFolder {
public:
  TemporaryFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "mailpod-log-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::system_category(), "mkdtemp");
    path_ = pattern;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return path_ / name; }

private:
  std::filesystem::path path_;
};

std::string content_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Printable, EscapesWhatCouldForgeALine) {
  EXPECT_EQ(printable("a\r\nb\\x00\xc3\xa9"), "a\\x0d\\x0ab\\x5cx00\\xc3\\xa9");
}

TEST(Printable, CutsLongInput) {
  EXPECT_EQ(printable("abcdef", 3), "abc...");
}

TEST(SilentLog, WantsNothing) {
  EXPECT_FALSE(silent_log().wants(Log::Level::error));
}

TEST(SpdlogLog, AppendsOneLineAnEventToAPrivateFile) {
  const TemporaryFolder folder;
  const auto path = folder.file("log");
  SpdlogLog log({Log::Level::info, path});
  log.info("started port={}", 25);
  log.debug("not wanted");
  log.warning("forged\nline");
  const auto text = content_of(path);
  EXPECT_NE(text.find("Z info started port=25\n"), std::string::npos) << text;
  EXPECT_NE(text.find("forged\\x0aline\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("not wanted"), std::string::npos);
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(SpdlogLog, SaysWhyTheFileCannotBeOpened) {
  EXPECT_THROW(SpdlogLog({Log::Level::info, "/nonexistent/folder/log"}), std::system_error);
}

}  // namespace
}  // namespace mailpod::base
