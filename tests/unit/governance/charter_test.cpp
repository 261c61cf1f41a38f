#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <sstream>

#include <mailpod/governance/charter.hpp>

#include "simulation/community.hpp"

namespace mailpod::governance {
namespace {

using simulation::Community;

std::string smallest() {
  return "type = \"charter\"\npod = \"pod.lab\"\nseq = 1\nissued = 2026-01-01T00:00:00Z\n"
         "effective = 2026-01-01T00:00:00Z\nexpires = 2026-12-31T00:00:00Z\nthreshold = 1\n"
         "[[maintainers]]\nname = \"Ada\"\nkey = \"" +
         Community().keys[0].public_key().str() +
         "\"\nfrom = 2026-01-01T00:00:00Z\nto = 2026-12-31T00:00:00Z\n[members]\njoin = \"invitation\"\n";
}

Complaint complaint_about(std::string text) {
  const auto parsed = parse_charter(text, "charter.toml");
  return parsed ? Complaint{} : parsed.error();
}

std::string with(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Charter, TheSmallestSaysTheDefaultsForTheRest) {
  const auto charter = parse_charter(smallest(), "charter.toml");
  ASSERT_TRUE(charter) << charter.error().text();
  EXPECT_EQ(charter->pod, "pod.lab");
  EXPECT_EQ(charter->maintainers.size(), 1u);
  EXPECT_EQ(charter->votes, Charter::Votes{});
  EXPECT_EQ(charter->privacy.passwords, Charter::Passwords::app_only);
  EXPECT_EQ(charter->limits.quota_mib, 1024u);
}

TEST(Charter, TheExampleInConfigParses) {
  std::ifstream in(MAILPOD_SOURCE_DIR "/config/charter.toml", std::ios::binary);
  std::ostringstream octets;
  octets << in.rdbuf();
  const auto charter = parse_charter(octets.str(), "config/charter.toml");
  ASSERT_TRUE(charter) << charter.error().text();
  EXPECT_EQ(charter->seq, 1u);
}

TEST(Charter, EveryFieldSurvivesWritingAndReading) {
  Community community(3, 2);
  Charter& c = community.charter;
  c.seq = 7;
  c.prev = Hash{1, 2, 3};
  c.maintainers[1].member = community.newcomer();
  c.maintainers[2].name = "Zoë \"the\\ Third\"";
  c.members = {Charter::Join::vouches, 3, 30, 7, 9, Charter::Expulsion::threshold};
  c.votes = {Charter::Ballot::sealed, Charter::Method::schulze, 20, 60, 75, 21};
  c.recovery = {80, 60};
  c.privacy = {365, 3, 12, Charter::Passwords::any};
  c.federation = {Hash{9}, Charter::Federate::allow, {"a.lab", "b.lab"}, {"c.lab"}, {"d.lab"}, {"e.lab"}};
  c.limits = {10, 20, 30, 40};
  c.addresses = {{{"abuse", false, {community.newcomer(), community.newcomer()}}, {"info_2", true, {}}},
                 community.newcomer()};
  c.text = "\n# Rights\n\tNobody reads another's mail. \"\"\" \\ ü\n";
  const auto again = parse_charter(write_charter(c), "c");
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(*again, c);
}

TEST(Charter, EveryRefusalNamesFileLineAndRemedy) {
  struct Case {
    std::string from, to;
    Errc code;
    std::size_t line;
  };
  const std::vector<Case> cases = {
      {"seq = 1\n", "seq = 1\nsqe = 2\n", Errc::unknown_key, 4},
      {"seq = 1\n", "seq = 1\nseq = 1\n", Errc::syntax, 4},
      {"seq = 1", "seq = 0", Errc::bad_value, 3},
      {"seq = 1", "seq = \"1\"", Errc::bad_value, 3},
      {"seq = 1\n", "", Errc::missing_key, 1},
      {"seq = 1", "seq = 2", Errc::bad_value, 1},
      {"threshold = 1", "threshold = 2", Errc::bad_value, 7},
      {"pod = \"pod.lab\"", "pod = \"Pod.lab\"", Errc::bad_value, 2},
      {"pod = \"pod.lab\"", "pod = \"pod..lab\"", Errc::bad_value, 2},
      {"pod = \"pod.lab\"", "pod = \"-pod.lab\"", Errc::bad_value, 2},
      {"issued = 2026-01-01T00:00:00Z", "issued = 2026-01-01T00:00:00+01:00", Errc::bad_value, 4},
      {"issued = 2026-01-01T00:00:00Z", "issued = 2026-01-01T00:00:00.5Z", Errc::bad_value, 4},
      {"issued = 2026-01-01T00:00:00Z", "issued = 2026-01-01", Errc::bad_value, 4},
      {"issued = 2026-01-01T00:00:00Z", "issued = 2026-01-01Tx0:00:00Z", Errc::bad_value, 4},
      {"issued = 2026-01-01T00:00:00Z", "issued = 2026-02-30T00:00:00Z", Errc::bad_value, 4},
      {"expires = 2026-12-31", "expires = 2025-12-31", Errc::bad_value, 6},
      {"name = \"Ada\"", "name = \"\"", Errc::bad_value, 9},
      {"name = \"Ada\"", "name = \"A\\u0000da\"", Errc::bad_value, 9},
      {"key = \"RW", "key = \"RX", Errc::bad_value, 10},
      {"join = \"invitation\"", "join = \"lottery\"", Errc::bad_value, 14},
      {"join = \"invitation\"", "join = \"invitation\"\nvouches = 2", Errc::unknown_key, 15},
      {"join = \"invitation\"", "join = \"invitation\"\nsuspension_days = 15", Errc::bad_value, 15},
      {"join = \"invitation\"", "join = \"invitation\"\n[privacy]\nescrow = \"court\"", Errc::bad_value, 16},
      {"type = \"charter\"", "type = \"act\"", Errc::wrong_type, 1},
      {"type = \"charter\"", "type=\"charter\"", Errc::bad_value, 1},
      {"type = \"charter\"\npod = \"pod.lab\"", "pod = \"pod.lab\"\ntype = \"charter\"", Errc::bad_value, 2},
      {"[members]\njoin = \"invitation\"\n", "", Errc::missing_key, 0},
  };
  for (const auto& c : cases) {
    const Complaint complaint = complaint_about(with(smallest(), c.from, c.to));
    EXPECT_EQ(complaint.code, c.code) << c.to << ": " << complaint.text();
    EXPECT_EQ(complaint.line, c.line) << c.to << ": " << complaint.text();
    EXPECT_EQ(complaint.file, "charter.toml");
    EXPECT_FALSE(complaint.remedy.empty()) << c.to;
  }
}

TEST(Charter, WithoutAddressesIsWrittenAsBeforeThereWereAny) {
  Community community;
  EXPECT_EQ(write_charter(community.charter).find("[addresses]"), std::string::npos);
  const auto charter = parse_charter(smallest() + "[addresses]\ndefault = \"none\"\n", "charter.toml");
  ASSERT_TRUE(charter) << charter.error().text();
  EXPECT_EQ(charter->addresses, Charter::Addresses());
}

TEST(Charter, WithoutANumberOfMessagesIsWrittenAsBeforeThereWasOne) {
  Community community;
  EXPECT_EQ(write_charter(community.charter).find("quota_messages"), std::string::npos);
  const auto charter = parse_charter(smallest() + "[limits]\nquota_messages = 7\n", "charter.toml");
  ASSERT_TRUE(charter) << charter.error().text();
  EXPECT_EQ(charter->limits.quota_messages, 7U);
}

TEST(Charter, RolesAreFoundInAnyCase) {
  Charter::Addresses addresses;
  addresses.roles = {{"info", true, {}}};
  EXPECT_NE(addresses.find("INFO"), nullptr);
  EXPECT_EQ(addresses.find("default"), nullptr);
}

TEST(Charter, ARoleNamesMaintainersOrMembers) {
  const std::string id(32, 'a');
  for (const auto* bad : {
           "info = \"maintainers\"",
           "info = []",
           "info = [\"alice@pod.lab\"]",
           "info = [\"maintainers\", \"maintainers\"]",
           "info = [7]",
           "Info = [\"maintainers\"]",
           "default = \"maintainers\"",
           "default = [\"maintainers\"]",
           "info = [\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"]",
           "info = [\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"]",
       }) {
    const auto complaint = complaint_about(smallest() + "[addresses]\n" + bad + "\n");
    EXPECT_EQ(complaint.code, Errc::bad_value) << bad << ": " << complaint.text();
    EXPECT_EQ(complaint.line, 16U) << bad << ": " << complaint.text();
    EXPECT_FALSE(complaint.remedy.empty()) << bad;
  }
  std::string many;
  for (int i = 0; i < 65; ++i) many += "r" + std::to_string(i) + " = [\"maintainers\"]\n";
  EXPECT_EQ(complaint_about(smallest() + "[addresses]\n" + many).code, Errc::bad_value);
  EXPECT_TRUE(parse_charter(smallest() + "[addresses]\ninfo = [\"maintainers\", \"" + id + "\"]\n", "c"));
}

TEST(Charter, RefusesCopiesThatAnEditorConverted) {
  EXPECT_EQ(complaint_about("\xef\xbb\xbf" + smallest()).code, Errc::byte_order_mark);
  std::string crlf;
  for (const char c : smallest()) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  EXPECT_EQ(complaint_about(crlf).code, Errc::carriage_return);
  EXPECT_EQ(complaint_about(crlf).line, 1u);
  EXPECT_EQ(complaint_about(smallest() + "# \xff\n").code, Errc::not_utf8);
  EXPECT_EQ(complaint_about(smallest() + "#" + std::string(largest_signed_file, 'x')).code, Errc::too_large);
}

TEST(Charter, OneKeyIsOneMaintainer) {
  Community community(2);
  community.charter.maintainers[1].key = community.charter.maintainers[0].key;
  EXPECT_EQ(complaint_about(write_charter(community.charter)).code, Errc::bad_value);
}

TEST(Charter, AComplaintReadsAsOneLine) {
  const Complaint c{Errc::bad_value, "charter.toml", 3, "`seq` is out of range", "1 to 9999"};
  EXPECT_EQ(c.text(), "charter.toml:3: `seq` is out of range; 1 to 9999");
}

}  // namespace
}  // namespace mailpod::governance
