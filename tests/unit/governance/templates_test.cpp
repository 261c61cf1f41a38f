#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <mailpod/governance/plain_words.hpp>

namespace mailpod::governance {
namespace {

std::string octets_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

class CharterTemplate : public testing::TestWithParam<const char*> {
protected:
  Charter charter() const {
    const auto path = std::string(MAILPOD_SOURCE_DIR "/config/charters/") + GetParam() + ".toml";
    auto parsed = parse_charter(octets_of(path), path);
    EXPECT_TRUE(parsed) << parsed.error().text();
    return std::move(*parsed);
  }
};

TEST_P(CharterTemplate, IsACharterWithRightsDutiesDisputesAndDataProtection) {
  const auto charter = this->charter();
  EXPECT_GE(charter.text.size(), 1500U);
  for (const auto* what : {"read", "leave", "Dispute", "Data protection"}) {
    const bool said = charter.text.find(what) != std::string::npos ||
                      (what == std::string_view("Dispute") && (charter.text.find("disagree") != std::string::npos ||
                                                               charter.text.find("goes wrong") != std::string::npos));
    EXPECT_TRUE(said) << what;
  }
  EXPECT_EQ(charter.pod, "pod.example") << "a name that is nobody's";
  EXPECT_EQ(charter.votes.ballot, Charter::Ballot::open) << "what this version counts";
  EXPECT_NE(charter.votes.method, Charter::Method::stv) << "likewise";
}

TEST_P(CharterTemplate, SurvivesWritingAndReading) {
  const auto charter = this->charter();
  const auto again = parse_charter(write_charter(charter), "again");
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(*again, charter);
}

INSTANTIATE_TEST_SUITE_P(All, CharterTemplate,
                         testing::Values("association", "family", "federation-hub", "housing-coop", "school"));

TEST(CharterTemplates, AreAllTested) {
  std::set<std::string> there;
  for (const auto& entry : std::filesystem::directory_iterator(MAILPOD_SOURCE_DIR "/config/charters"))
    there.insert(entry.path().stem());
  EXPECT_EQ(there, (std::set<std::string>{"association", "family", "federation-hub", "housing-coop", "school"}));
}

}  // namespace
}  // namespace mailpod::governance
