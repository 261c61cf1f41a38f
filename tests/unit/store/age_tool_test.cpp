#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <mailpod/crypto/age.hpp>

#include "household.hpp"

namespace mailpod::store::test {
namespace {

namespace fs = std::filesystem;

std::string output_of(const std::string& command) {
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  char buffer[4096];
  for (std::size_t got = 1; got > 0;) {
    got = std::fread(buffer, 1, sizeof buffer, pipe);
    output.append(buffer, got);
  }
  pclose(pipe);
  return output;
}

TEST(AgeTool, OpensAFileOfTheVaultForTheArchiveRecipientAndItsBeginningIsTheMail) {
  ASSERT_EQ(std::system("command -v age >/dev/null 2>&1"), 0) << "this test needs Debian's package age";
  Household house;
  const auto archive = crypto::AgeIdentity::random(house.arena, house.entropy);
  auto& card = house.members[0].card;
  card.archive_recipient = archive.recipient().point;
  const fs::path place = fs::temp_directory_path() / ("mailpod-age-" + std::to_string(::getpid()));
  fs::create_directories(place);
  std::ofstream(place / "identity") << archive.str() << "\n";
  for (const std::string& content : {mail("small"), mail("large", std::string(300'000, 'x') + "\r\n")}) {
    const auto id = house.deliver(content).at(0).message;
    const auto path = house.members[0].folder + "/Maildir/new/" + base::hex(base::octets(id));
    const std::string sealed = base::read_file(*house.disk, path, 1 << 20);
    std::ofstream(place / "sealed", std::ios::binary).write(sealed.data(), static_cast<std::streamsize>(sealed.size()));
    const auto command = fmt::format("age -d -i {0}/identity {0}/sealed | head -c {1}", place.string(), content.size());
    EXPECT_EQ(output_of(command), content);
  }
  fs::remove_all(place);
}

}  // namespace
}  // namespace mailpod::store::test
