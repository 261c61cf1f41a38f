#include "wire.hpp"

#include <filesystem>
#include <system_error>
#include <thread>

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <nlohmann/json.hpp>

#include <mailpod/admin/control_socket.hpp>

namespace mailpod::admin {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

class Wire : public testing::Test {
protected:
  Wire() {
    std::string name = testing::TempDir() + "wireXXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~Wire() override { fs::remove_all(folder_); }

  static Patience soon() { return {steady_clock::now() + 10s}; }

  std::string folder_;
};

struct Pair {
  Pair() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) throw std::system_error(errno, std::generic_category());
    here = std::make_unique<Descriptor>(ends[0]);
    there = std::make_unique<Descriptor>(ends[1]);
  }
  std::unique_ptr<Descriptor> here, there;
};

TEST_F(Wire, CarriesALineOfAnyLengthBothWays) {
  const Pair pair;
  const std::string long_line(300'000, 'x');
  std::thread writer([&] { write_line(pair.there->number(), long_line, soon()); });
  EXPECT_EQ(read_line(pair.here->number(), 1'000'000, soon()), long_line);
  writer.join();
}

TEST_F(Wire, TakesNoLineAboveTheLimit) {
  const Pair pair;
  write_line(pair.there->number(), std::string(101, 'x'), soon());
  EXPECT_EQ(read_line(pair.here->number(), 100, soon()), std::nullopt);
  const Pair other;
  write_line(other.there->number(), std::string(100, 'x'), soon());
  EXPECT_TRUE(read_line(other.here->number(), 100, soon()));
}

TEST_F(Wire, TakesNothingFromAPeerThatLeavesInTheMiddle) {
  Pair pair;
  ASSERT_EQ(::send(pair.there->number(), "half", 4, 0), 4);
  pair.there.reset();
  EXPECT_EQ(read_line(pair.here->number(), 100, soon()), std::nullopt);
}

TEST_F(Wire, GivesUpOnASilentPeerAtTheDeadline) {
  const Pair pair;
  EXPECT_THROW(read_line(pair.here->number(), 100, {steady_clock::now() + 10ms}), std::system_error);
}

TEST_F(Wire, StopsWaitingForASilentPeerWhenTold) {
  const Pair pair;
  const Descriptor stop(::eventfd(1, EFD_CLOEXEC));
  try {
    read_line(pair.here->number(), 100, {steady_clock::now() + std::chrono::hours(1), stop.number()});
    FAIL() << "read a line that nobody wrote";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), ECANCELED);
  }
}

TEST_F(Wire, CarriesWhatNeedsNoWaitingThoughItIsTold) {
  const Pair pair;
  const Descriptor stop(::eventfd(1, EFD_CLOEXEC));
  const Patience none{steady_clock::now() + std::chrono::hours(1), stop.number()};
  write_line(pair.there->number(), "what was done already", none);
  EXPECT_EQ(read_line(pair.here->number(), 100, none), "what was done already");
}

TEST_F(Wire, UnderstandsWhatIsJsonAndNotNestedWithoutEnd) {
  EXPECT_EQ(parse_message(R"({"operation":"status"})"), (nlohmann::json{{"operation", "status"}}));
  for (const std::string line : {"", "{", "nul", "{} {}", "\"\xff\""}) EXPECT_TRUE(parse_message(line).is_discarded());
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(parse_message(nested(16)).is_array());
  EXPECT_TRUE(parse_message(nested(18)).is_discarded());
  EXPECT_TRUE(parse_message(nested(4'000'000)).is_discarded());
  EXPECT_TRUE(parse_message(R"({"a":)" + nested(4'000'000) + R"(,"operation":"status"})").is_discarded());
}

TEST_F(Wire, IsForItsOwnerAlone) {
  const Descriptor listener(listen_at(folder_));
  struct stat status {};
  ASSERT_EQ(::stat((folder_ + "/control.sock").c_str(), &status), 0);
  EXPECT_TRUE(S_ISSOCK(status.st_mode));
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(Wire, ReachesASocketInAFolderOfALongName) {
  std::string folder = folder_;
  while (folder.size() < 300) folder += "/a-folder-with-a-name";
  fs::create_directories(folder);
  const Descriptor listener(listen_at(folder));
  const Descriptor connection(connect_to(folder));
  EXPECT_GE(connection.number(), 0);
}

TEST_F(Wire, ReplacesTheSocketThatAKilledDaemonLeft) {
  { const Descriptor killed(listen_at(folder_)); }
  EXPECT_EQ(connect_to(folder_), -1);
  const Descriptor listener(listen_at(folder_));
  const Descriptor connection(connect_to(folder_));
  EXPECT_GE(connection.number(), 0);
}

TEST_F(Wire, SaysWhenNoDaemonListens) {
  EXPECT_EQ(ask_daemon(folder_, {{"operation", "status"}}), std::nullopt);
}

}  // namespace
}  // namespace mailpod::admin
