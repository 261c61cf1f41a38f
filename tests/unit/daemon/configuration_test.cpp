#include "configuration.hpp"

#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "settings_table.hpp"

namespace mailpod::daemon {
namespace {

constexpr std::string_view smallest =
    "[pod]\n"
    "domain = \"pod.lab\"\n"
    "charter = \"0000000000000000000000000000000000000000000000000000000000000000\"\n";

std::string with(std::string_view more) {
  return std::string(smallest) + std::string(more);
}

Configuration of_the_smallest() {
  Configuration configuration;
  configuration.domain = "pod.lab";
  return configuration;
}

std::string read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream octets;
  octets << file.rdbuf();
  return octets.str();
}

governance::Complaint complaint_of(std::string_view text) {
  const auto verdict = parse_configuration(text, "mailpod.toml");
  EXPECT_FALSE(verdict.has_value()) << text;
  return verdict.has_value() ? governance::Complaint{} : verdict.error();
}

TEST(Configuration, OfTheSmallestFileIsTheDefaults) {
  const auto read = parse_configuration(smallest, "mailpod.toml");
  ASSERT_TRUE(read) << read.error().text();
  for (const auto& setting : settings())
    EXPECT_EQ(setting.get(*read), setting.get(of_the_smallest())) << setting.section << "." << setting.name;
}

TEST(Configuration, TheFileWeShipIsCompleteAndEqualsTheDefaults) {
  const std::string path = MAILPOD_SOURCE_DIR "/config/mailpod.toml";
  Configuration configuration;
  configuration.domain = "pod.example";
  const std::string expected = write_configuration(configuration);
  if (read(path) == expected) return;
  std::ofstream("mailpod.toml.expected") << expected;
  FAIL() << path << " differs; if the table is right, copy mailpod.toml.expected over it";
}

TEST(Configuration, ThatWeWriteReadsBackTheSameWithEverySettingChanged) {
  Configuration changed = of_the_smallest();
  for (const auto& setting : settings()) {
    Value value = setting.get(changed);
    if (auto* number = std::get_if<std::int64_t>(&value)) {
      Value next = *number + 1;
      if (setting.put(changed, next)) ASSERT_FALSE(setting.put(changed, Value(*number - 1))) << setting.name;
    } else if (auto* choice = std::get_if<bool>(&value)) {
      ASSERT_FALSE(setting.put(changed, Value(!*choice))) << setting.name;
    } else if (auto* numbers = std::get_if<std::vector<std::int64_t>>(&value)) {
      numbers->push_back(numbers->front() + 1);
      ASSERT_FALSE(setting.put(changed, value)) << setting.name;
    } else if (auto* list = std::get_if<std::vector<std::string>>(&value)) {
      list->emplace_back("more \"quoted\" \\ file");
      // Not every list takes any text.
      for (const char* other : {"127.0.0.1@5353", "2001:db8::/32", "list.example.org -2 127.0.0.2-127.0.0.9"}) {
        if (setting.put(changed, value)) list->back() = other;
      }
      ASSERT_FALSE(setting.put(changed, value)) << setting.name;
    }
  }
  const auto read = parse_configuration(write_configuration(changed), "mailpod.toml");
  ASSERT_TRUE(read) << read.error().text();
  for (const auto& setting : settings())
    EXPECT_EQ(setting.get(*read), setting.get(changed)) << setting.section << "." << setting.name;
}

TEST(Configuration, NamesEverySettingOnce) {
  std::set<std::string> seen;
  for (const auto& setting : settings())
    EXPECT_TRUE(seen.insert(std::string(setting.section) + "." + std::string(setting.name)).second) << setting.name;
  EXPECT_GT(seen.size(), 80U);
}

TEST(Configuration, RefusesAnUnknownKeyWithItsLine) {
  const auto complaint = complaint_of(with("[smtp]\nerrors = 3\nrecipient = 3\n"));
  EXPECT_EQ(complaint.code, governance::Errc::unknown_key);
  EXPECT_EQ(complaint.line, 6U);
  EXPECT_EQ(complaint.text().substr(0, 38), "mailpod.toml:6: smtp.recipient is no s");
}

TEST(Configuration, RefusesAnUnknownSectionWithItsLine) {
  EXPECT_EQ(complaint_of(with("\n[nntp]\nport = 119\n")).line, 5U);
}

TEST(Configuration, RefusesASettingOutOfRangeAndSaysTheRange) {
  const auto complaint = complaint_of(with("[listen.imap]\nport = 65536\n"));
  EXPECT_EQ(complaint.line, 5U);
  EXPECT_EQ(complaint.remedy, "write a whole number from 0 to 65535");
}

TEST(Configuration, RefusesAValueOfAnotherKind) {
  for (const auto* line : {"errors = \"3\"", "errors = 3.0", "errors = true", "errors = [\"3\"]", "errors = 2026-01-01",
                           "errors = [3]", "errors = {}"})
    EXPECT_EQ(complaint_of(with("[smtp]\n" + std::string(line) + "\n")).line, 5U) << line;
  EXPECT_EQ(complaint_of(with("[tls]\ncertificates = []\n")).remedy, "write a list of 1 to 32 file names");
  for (const auto* line : {"enabled = 1", "enabled = \"true\"", "retry_seconds = []", "retry_seconds = [0]",
                           "retry_seconds = [60, \"60\"]", "retry_seconds = 60"})
    EXPECT_EQ(complaint_of(with("[sending]\n" + std::string(line) + "\n")).line, 5U) << line;
  for (const auto* line : {"servers = \"127.0.0.1\"", "servers = [\"localhost\"]", "servers = [\"127.0.0.1@\"]",
                           "servers = [\"127.0.0.1@dns\"]", "servers = [1]"})
    EXPECT_EQ(complaint_of(with("[dns]\n" + std::string(line) + "\n")).line, 5U) << line;
  EXPECT_EQ(complaint_of("pod = 3\n").line, 1U);
}

TEST(Configuration, RefusesAFileWithoutDomainOrCharter) {
  EXPECT_EQ(complaint_of("").code, governance::Errc::missing_key);
  EXPECT_EQ(complaint_of("[pod]\ndomain = \"pod.lab\"\n").what, "pod.charter is missing");
}

TEST(Configuration, RefusesDomainsThatAreNone) {
  for (const auto* domain : {"", "Pod.lab", "pod..lab", "-pod.lab", "pod-.lab", "pod.lab.", "pod lab", "pöd.lab"})
    EXPECT_EQ(complaint_of("[pod]\ndomain = \"" + std::string(domain) + "\"\n").line, 2U) << domain;
}

TEST(Configuration, RefusesNetworksThatAreNone) {
  for (const auto* network : {"proxy.lab", "192.0.2.7/24", "192.0.2.0/33", ""})
    EXPECT_EQ(complaint_of(with("[listen.smtp]\nproxies = [\"" + std::string(network) + "\"]\n")).line, 5U) << network;
}

TEST(Configuration, RefusesADuplicateKeyAndBrokenToml) {
  EXPECT_EQ(complaint_of(with("[smtp]\nerrors = 3\nerrors = 4\n")).line, 6U);
  EXPECT_EQ(complaint_of(with("errors = \n")).code, governance::Errc::syntax);
}

TEST(Configuration, ReadsBackAnyFileNameThatItWrites) {
  Configuration configuration = of_the_smallest();
  configuration.certificates = {"tls/\n\x01\x7f\"\\", "\xc3\xa9\t"};
  configuration.keys = {"a", "b"};
  const auto read = parse_configuration(write_configuration(configuration), "mailpod.toml");
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->certificates, configuration.certificates);
}

TEST(Configuration, RefusesWhatIsNoTextOfOurs) {
  EXPECT_EQ(complaint_of(with("[smtp]\r\nerrors = 3\r\n")).code, governance::Errc::carriage_return);
  EXPECT_EQ(complaint_of(with("[smtp]\r\nerrors = 3\r\n")).line, 4U);
  EXPECT_EQ(complaint_of(with("# \xff\n")).code, governance::Errc::not_utf8);
  EXPECT_EQ(complaint_of(with("#" + std::string(300'000, ' '))).code, governance::Errc::too_large);
  EXPECT_EQ(complaint_of("domain = \"pod.lab\"\n").what, "domain is no setting");
}

TEST(Configuration, RefusesSectionsWithoutEnd) {
  std::string name = "a";
  while (name.size() < 200'000) name += ".a";
  EXPECT_EQ(complaint_of(with("[" + name + "]\n")).line, 4U);
  EXPECT_EQ(complaint_of(with("x = " + std::string(200'000, '[') + "\n")).code, governance::Errc::syntax);
}

TEST(Configuration, RefusesCertificatesWithoutTheirKeys) {
  EXPECT_EQ(complaint_of(with("[tls]\ncertificates = [\"a\", \"b\"]\n")).code, governance::Errc::bad_value);
}

}  // namespace
}  // namespace mailpod::daemon
