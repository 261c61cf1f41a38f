#include <mailpod/mailauth/dkim_record.hpp>

#include <gtest/gtest.h>

#include "rfc_examples.hpp"

namespace mailpod::mailauth {
namespace {

Published compare(const std::string& wanted, const std::vector<std::string>& records) {
  return compare_record(wanted, records);
}

TEST(DkimRecord, IsALineOfAZoneFile) {
  EXPECT_EQ(zone_line("brisbane._domainkey.football.example.com", examples::ed25519_record),
            "brisbane._domainkey.football.example.com. IN TXT ( \"" + examples::ed25519_record + "\" )");
}

TEST(DkimRecord, IsCutIntoStringsOf255Octets) {
  const std::string text(600, 'x');
  EXPECT_EQ(zone_line("n", text), "n. IN TXT ( \"" + text.substr(0, 255) + "\" \"" + text.substr(0, 255) + "\" \"" +
                                      text.substr(0, 90) + "\" )");
  EXPECT_EQ(zone_line("n", text.substr(0, 255)), "n. IN TXT ( \"" + text.substr(0, 255) + "\" )");
}

TEST(DkimRecord, IsKnownAgainHoweverItIsWritten) {
  const std::string& ours = examples::test_record;
  EXPECT_EQ(compare(ours, {ours}), Published::present);
  EXPECT_EQ(compare(ours, {ours + ";"}), Published::present);
  std::string spaced = ours;
  spaced.insert(spaced.size() - 20, " ");
  EXPECT_EQ(compare(ours, {spaced}), Published::present);
  EXPECT_EQ(compare(ours, {ours.substr(ours.find("p="))}), Published::present) << "v and k have defaults";
  EXPECT_EQ(compare(ours, {"n=a note; t=s; " + ours.substr(ours.find("k="))}), Published::present);
}

TEST(DkimRecord, OfAnotherKeyIsDifferent) {
  const std::string& ours = examples::test_record;
  EXPECT_EQ(compare(ours, {}), Published::missing);
  EXPECT_EQ(compare(ours, {examples::brisbane_record}), Published::different);
  EXPECT_EQ(compare(ours, {ours, ours}), Published::different);
  EXPECT_EQ(compare(ours, {"v=DKIM1; k=rsa; p="}), Published::different) << "revoked";
  EXPECT_EQ(compare(ours, {"v=DKIM2; " + ours.substr(ours.find("k="))}), Published::different);
  EXPECT_EQ(compare(ours, {"what?"}), Published::different);
  EXPECT_EQ(compare(examples::ed25519_record, {examples::ed25519_record.substr(24)}), Published::different);
  EXPECT_EQ(name_of(Published::present), "present");
  EXPECT_EQ(name_of(Published::missing), "missing");
  EXPECT_EQ(name_of(Published::different), "different");
}

}  // namespace
}  // namespace mailpod::mailauth
