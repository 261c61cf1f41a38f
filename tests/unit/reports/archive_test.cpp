#include <mailpod/reports/archive.hpp>

#include <gtest/gtest.h>

namespace mailpod::reports {
namespace {

std::string u16(unsigned value) {
  return {static_cast<char>(value & 0xff), static_cast<char>(value >> 8)};
}

/// An archive of one file; `said`: how large it says that file is.
std::string zipped(unsigned method, const std::string& data, unsigned said) {
  const std::string name = "report.xml";
  const std::string extra = "extra";
  return "PK\x03\x04" + u16(20) + u16(0) + u16(method) + u16(0) + u16(0) + std::string(4, '\0') + u16(said) + u16(0) +
         std::string(4, '\0') + u16(static_cast<unsigned>(name.size())) + u16(static_cast<unsigned>(extra.size())) +
         name + extra + data;
}
/// What stands between the head and the end of a gzip member.
std::string deflated(const std::string& octets) {
  const std::string packed = gzipped(octets);
  return packed.substr(10, packed.size() - 18);
}
/// Header as PKWARE has it: 4 + 5·2 + 3·4 + 2·2.
TEST(Archive, OfZipHasItsHeader) {
  EXPECT_EQ(zipped(0, "", 0).size(), 30U + 15U);
}

TEST(Archive, IsUnpacked) {
  const std::string report = "<feedback>" + std::string(200'000, 'x') + "</feedback>";
  EXPECT_EQ(unpacked(gzipped(report)).value(), report);
  EXPECT_EQ(unpacked(zipped(8, deflated(report) + "PK\x01\x02 and so on", 0)).value(), report);
  EXPECT_EQ(unpacked(zipped(0, "stored", 6)).value(), "stored");
  EXPECT_EQ(unpacked("neither").value(), "neither");
  EXPECT_EQ(unpacked(gzipped("")).value(), "");
}

// A bomb: some kilobytes that would be many mebibytes.
TEST(Archive, IsNotUnpackedBeyondTheLimit) {
  const std::string bomb(17 * 1024 * 1024, '\0');
  EXPECT_LT(gzipped(bomb).size(), 20'000U);
  EXPECT_EQ(unpacked(gzipped(bomb)).error(), Errc::too_big);
  EXPECT_EQ(unpacked(zipped(8, deflated(bomb), 10)).error(), Errc::too_big);
  EXPECT_EQ(unpacked(gzipped("12345"), {4}).error(), Errc::too_big);
  EXPECT_EQ(unpacked("12345", {4}).error(), Errc::too_big);
  EXPECT_EQ(unpacked("12345", {5}).value(), "12345");
}

TEST(Archive, ThatIsCutOrNoneIsRefused) {
  const std::string gzip = gzipped(std::string(1000, 'x') + "y");
  const std::string zip = zipped(8, deflated("some text"), 9);
  for (std::size_t size = 2; size < gzip.size(); ++size) {
    EXPECT_EQ(unpacked(gzip.substr(0, size)).error(), Errc::malformed) << size;
  }
  for (std::size_t size = 4; size < zip.size(); ++size) {
    EXPECT_EQ(unpacked(zip.substr(0, size)).error(), Errc::malformed) << size;
  }
  EXPECT_EQ(unpacked(zipped(12, "bzip2", 5)).error(), Errc::malformed);
  EXPECT_EQ(unpacked(zipped(0, "short", 6)).error(), Errc::malformed);
}

}  // namespace
}  // namespace mailpod::reports
