// What the members' door takes for a request, before anybody has proved anything.

#include "door_request.hpp"

#include <gtest/gtest.h>

namespace mailpod::admin {
namespace {

std::string request(const std::string& operation, const json& arguments) {
  return json{{"operation", operation}, {"arguments", arguments}}.dump();
}

TEST(ADoorRequest, SaysWhoAsksAndBringsTheirSecret) {
  const auto parsed =
      parse_door_request(request("app-password.list", {{"address", "alice"}, {"secret", "correct horse"}}));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->asked, Asked::by_member);
  EXPECT_EQ(parsed->operation, "app-password.list");
  EXPECT_EQ(parsed->name, "alice");
  EXPECT_EQ(parsed->secret, "correct horse");
  EXPECT_EQ(parse_door_request(request("vault.begin", {{"what", "stats"}, {"member", "bob"}, {"secret", "x"}}))->name,
            "bob");
}

TEST(ADoorRequest, SaysWhoseCodeIsTriedSoThatGuessesAtANameCount) {
  const auto named = [](const std::string& operation, const json& arguments) {
    return parse_door_request(request(operation, arguments))->name;
  };
  EXPECT_EQ(named("password.change", {{"address", "alice"}, {"secret", "x"}}), "alice");
  EXPECT_EQ(named("enrol", {{"enrolments", json::array({{{"address", "bob"}}, {{"address", "carol"}}})}}), "bob");
  for (const auto& odd : {json(), json("bob"), json::array(), json::array({"bob"}), json::array({{{"address", 7}}})})
    EXPECT_EQ(named("enrol", {{"enrolments", odd}}), "") << odd;
}

TEST(ADoorRequest, ForAnAdministratorIsNone) {
  for (const auto& row : operations()) {
    const auto line = request(std::string(row.name), {{"address", "alice"}, {"secret", "x"}, {"errand", "y"}});
    EXPECT_EQ(parse_door_request(line).has_value(), row.asked != Asked::by_admin) << row.name;
  }
}

TEST(ADoorRequest, IsForMembersWhereItCanSayWhoAsks) {
  // A row that joins them must be here on purpose: what it does, it does for strangers' connections.
  std::vector<std::string_view> open;
  for (const auto& row : operations()) {
    if (row.asked != Asked::by_admin) open.push_back(row.name);
  }
  const std::vector<std::string_view> never{"charter.accept", "member.admit",  "member.list",    "member.show",
                                            "alias.add",      "domain.add",    "group.set",      "queue.list",
                                            "dkim.new",       "sessions.list", "sessions.close", "vault.quarantined",
                                            "reload",         "status",        "health",         "member.citizen-key",
                                            "vote.open",      "vote.close",    "vote.settle"};
  for (const auto name : never) EXPECT_EQ(std::ranges::count(open, name), 0) << name;
}

TEST(ADoorRequest, NamesItsMemberOnce) {
  // The operation would look at the one, the door at the other.
  EXPECT_FALSE(parse_door_request(
      request("vault.archive-show", {{"member", "bob"}, {"address", "alice"}, {"secret", "alice's"}})));
  EXPECT_FALSE(parse_door_request(request("vault.archive-show", {{"secret", "x"}})));
  EXPECT_FALSE(parse_door_request(request("vault.archive-show", {{"member", 3}, {"secret", "x"}})));
}

TEST(ADoorRequest, IsByNameNotByMemberId) {
  EXPECT_FALSE(parse_door_request(
      request("vault.archive-show", {{"member", "00112233445566778899aabbccddeeff"}, {"secret", "x"}})));
}

TEST(ADoorRequest, BringsASecret) {
  EXPECT_FALSE(parse_door_request(request("vault.archive-show", {{"member", "alice"}})));
  EXPECT_FALSE(parse_door_request(request("vault.archive-show", {{"member", "alice"}, {"secret", nullptr}})));
}

TEST(ADoorRequest, OfAnotherShapeIsNone) {
  for (const auto* line :
       {"", "EHLO example.org", "[]", "{}", "{\"operation\": 3}", "{\"operation\": \"enrol\"}",
        "{\"operation\": \"enrol\", \"arguments\": []}", "{\"operation\": \"no such\", \"arguments\": {}}"})
    EXPECT_FALSE(parse_door_request(line)) << line;
  EXPECT_FALSE(parse_door_request("{\"operation\": \"enrol\", \"arguments\": " + std::string(100, '[') + "}"));
}

}  // namespace
}  // namespace mailpod::admin
