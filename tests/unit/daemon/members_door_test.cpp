// The members' door of a pod on a simulated machine: what its clients say and hear, and when.

#include <mailpod/crypto/one_time_code.hpp>
#include <mailpod/governance/join.hpp>
#include <mailpod/text/base32.hpp>

#include "../admin/operation.hpp"
#include "members_door_visit.hpp"

namespace mailpod::daemon {
namespace {

TEST_F(AMembersDoor, ServesRequestsOneAfterTheOther) {
  connect();
  const auto added = ask("app-password.add", {{"address", "alice"}, {"secret", alice}, {"name", "tablet"}});
  EXPECT_EQ(added.at("answer").at("name"), "tablet");
  EXPECT_EQ(took, 0us);
  const auto listed = ask("app-password.list", {{"address", "alice@pod.lab"}, {"secret", alice}});
  EXPECT_EQ(listed.at("answer").at("slots").size(), 3U);
  EXPECT_FALSE(closed());
  EXPECT_EQ(log.lines.find("alice"), std::string::npos) << log.lines;
  EXPECT_NE(log.lines.find("members operation=app-password.add outcome=done"), std::string::npos);
}

TEST_F(AMembersDoor, TakesHumanPasswordsWhateverTheCharterSaysOfSessions) {
  ASSERT_FALSE(pod->key_ring().admits(members::SecretShape::human));
  connect();
  EXPECT_TRUE(ask("forward.show", {{"address", "alice"}, {"secret", "correct horse battery"}}).contains("answer"));
}

TEST_F(AMembersDoor, RefusesStrangersAlikeInWordsAndTime) {
  invited("bob");
  std::set<std::string> replies;
  for (const auto& [name, secret] : std::vector<std::pair<std::string, std::string>>{{"alice", "wrong wrong wrong"},
                                                                                     {"alice", alice + "x"},
                                                                                     {"nobody", alice},
                                                                                     {"nobody", "wrong wrong wrong"},
                                                                                     {"bob", "wrong wrong wrong"},
                                                                                     {"alice@elsewhere.example", alice},
                                                                                     {"", ""}}) {
    connect();
    replies.insert(ask("app-password.list", {{"address", name}, {"secret", secret}}).dump());
    EXPECT_EQ(took, 1s) << name;
  }
  EXPECT_EQ(replies.size(), 1U) << *replies.begin();
  EXPECT_NE(replies.begin()->find("complaint"), std::string::npos);
  EXPECT_NE(log.lines.find("login.failed protocol=members client=192.0.2.1"), std::string::npos);
}

TEST_F(AMembersDoor, ShowsTheCharterToAnybodyAndTellsANewcomerWhichRuleRefusedThem) {
  connect();
  const auto shown = ask("join.charter", json::object()).at("answer");
  EXPECT_EQ(shown.at("seq"), 1);
  const auto key = crypto::minisign::SecretKey::random(arena, entropy);
  const auto drawn = governance::draw(key, std::nullopt, "pod.lab");
  const governance::Join join{"pod.lab",
                              1,
                              governance::identity(shown.at("octets").get<std::string>()),
                              base::from_seconds(base::to_seconds(clock.now())),
                              drawn.member,
                              governance::address_commitment(drawn.salt, "bob@pod.lab"),
                              key.public_key(),
                              std::nullopt};
  governance::SignedFile file{"join", governance::write_join(join), {}};
  file.minisigs = {governance::sign(key, file.octets, file.name).value()};
  const json request{{"join", file_json(file)},
                     {"address", "bob@pod.lab"},
                     {"salt", base::hex(base::octets(drawn.salt))},
                     {"code", text::write_code(base::octets(drawn.code))}};
  for (int chance = 0; chance < 3; ++chance) {
    const auto refused = ask("join", request).at("complaint").at("what").get<std::string>();
    EXPECT_NE(refused.find("join = \"invitation\""), std::string::npos) << refused;
  }
  EXPECT_TRUE(closed()) << "three refusals are enough";
  EXPECT_NE(log.lines.find("login.failed protocol=members"), std::string::npos) << "they count";
  EXPECT_EQ(log.lines.find("bob"), std::string::npos) << log.lines;
}

TEST_F(AMembersDoor, NamesCandidatesToMembersAlone) {
  connect();
  EXPECT_TRUE(ask("candidate.list", {{"address", "alice"}, {"secret", alice}}).contains("answer"));
  EXPECT_TRUE(ask("candidate.list", {{"address", "alice"}, {"secret", alice + "x"}}).contains("complaint"));
  connect();
  EXPECT_TRUE(ask("candidate.list", json::object()).contains("complaint"));
}

TEST_F(AMembersDoor, LetsANewcomerEnrolByTheirCode) {
  const auto code = invited("bob");
  connect();
  const json item{{"address", "bob"}, {"code", code}, {"app", "phone"}};
  const auto enrolled = ask("enrol", {{"enrolments", json::array({item})}});
  ASSERT_TRUE(enrolled.contains("answer")) << enrolled;
  EXPECT_EQ(took, 1s);
  const json told{{"address", "bob"}, {"code", code}};
  EXPECT_TRUE(ask("enrol.told", {{"enrolments", json::array({told})}}).contains("answer"));
  const auto secret = enrolled.at("answer").at("enrolled").at(0).at("password");
  EXPECT_TRUE(ask("app-password.list", {{"address", "bob"}, {"secret", secret}}).contains("answer"));
}

TEST_F(AMembersDoor, RefusesCodesAlikeInWordsAndTime) {
  const auto code = invited("bob");
  std::set<std::string> replies;
  for (const auto& [name, given, password] :
       std::vector<std::array<std::string, 3>>{{"nobody", code, "a good long one"},
                                               {"alice", code, "a good long one"},
                                               {"bob", "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA-AA", "a good long one"},
                                               {"bob", "no code", "a good long one"},
                                               {"bob", code, "short"}}) {
    connect();
    const json item{{"address", name}, {"code", given}, {"password", password}};
    replies.insert(ask("enrol", {{"enrolments", json::array({item})}}).dump());
    EXPECT_EQ(took, 1s) << name;
  }
  EXPECT_EQ(replies.size(), 1U);
  connect();
  const json item{{"address", "bob"}, {"code", code}, {"password", "a good long one"}};
  EXPECT_TRUE(ask("enrol", {{"enrolments", json::array({item, item})}}).contains("complaint"));
}

/// Whatever the door does not try itself, the operation does: each says the same to whoever has no secret.
TEST_F(AMembersDoor, TellsNobodyWhoIsAMemberByWhateverTriesItsOwnCode) {
  const std::string id = at_the_desk("member.show", {{"who", "alice"}}).at("answer").at("member");
  std::set<std::string> refusals;
  int callers = 0;
  for (const auto& row : admin::operations()) {
    if (row.asked != admin::Asked::by_code) continue;
    std::set<std::string> replies;
    for (const auto& name : {std::string("alice"), std::string("alice@pod.lab"), id, std::string("nobody")}) {
      const json item{{"address", name}, {"code", "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA-AA"}, {"app", "phone"}};
      json arguments{{"address", name},
                     {"new_password", "a good long one"},
                     {"recovery_code", "no code"},
                     {"enrolments", json::array({item})}};
      for (const auto* secret : {"", "wrong wrong wrong"}) {
        if (*secret != '\0') arguments["secret"] = secret;
        connect(fmt::format("198.51.{}.1", ++callers));
        const auto reply = ask(std::string(row.name), arguments);
        replies.insert(reply.dump());
        // Who was told of their enrolment says so; whose code it is not changes nothing, and hears the same.
        if (row.name == "enrol.told") continue;
        EXPECT_FALSE(reply.contains("answer")) << row.name << ' ' << name;
        EXPECT_EQ(took, 1s) << row.name << ' ' << name;
        refusals.insert(reply.dump());
      }
    }
    EXPECT_EQ(replies.size(), 1U) << row.name << testing::PrintToString(replies);
  }
  EXPECT_GT(callers, 30);
  EXPECT_EQ(refusals.size(), 1U) << testing::PrintToString(refusals);
}

/// Whatever becomes of them: here all are refused, by the record or by the door.
TEST_F(AMembersDoor, CountsWhoJoins) {
  const auto try_it = [&](const std::string& from) {
    connect(from);
    return ask("join", {{"address", "bob@pod.lab"}}).at("complaint").at("what").get<std::string>();
  };
  const std::string too_many = "too many attempts, or too much to do at present";
  const auto before = pod->registry().tally();
  for (int i = 0; i < 10; ++i) EXPECT_NE(try_it("192.0.2.77"), too_many) << i;
  EXPECT_EQ(try_it("192.0.2.77"), too_many);
  EXPECT_NE(try_it("203.0.113.77"), too_many);
  EXPECT_EQ(pod->registry().tally(), before);
}

TEST_F(AMembersDoor, KnowsNothingOfAdministration) {
  for (const auto* operation : {"member.list", "member.show", "status", "queue.list", "sessions.list", "sessions.close",
                                "reload", "charter.accept", "vault.quarantined", "no such thing"}) {
    connect();
    const auto reply = ask(operation, {{"address", "alice"}, {"secret", alice}, {"who", "alice"}});
    EXPECT_EQ(reply.at("complaint").at("what"), "this is not asked for at the members' door, or cannot be understood")
        << operation;
    EXPECT_TRUE(closed());
  }
}

TEST_F(AMembersDoor, ShowsNobodyWhatIsAnothers) {
  const auto bob = enrolled("bob");
  connect();
  EXPECT_TRUE(ask("vault.archive-show", {{"member", "bob"}, {"secret", bob}}).contains("answer"));
  EXPECT_TRUE(ask("vault.archive-show", {{"member", "alice"}, {"secret", bob}}).contains("complaint"));
  EXPECT_TRUE(ask("vault.begin", {{"what", "stats"}, {"member", "alice"}, {"secret", bob}}).contains("complaint"));
}

TEST_F(AMembersDoor, LetsNobodyKeepAllErrandsBusy) {
  connect();
  const json stats{{"what", "stats"}, {"member", "alice"}, {"secret", alice}};
  const auto first = ask("vault.begin", stats);
  EXPECT_TRUE(first.contains("answer"));
  for (int more = 1; more < 4; ++more) EXPECT_TRUE(ask("vault.begin", stats).contains("answer"));
  EXPECT_TRUE(ask("vault.begin", stats).contains("complaint"));
  // By its name, from anywhere; by no other.
  connect("198.51.100.7");
  json look;
  do {
    look = ask("vault.look", {{"errand", first.at("answer").at("errand")}}).at("answer");
  } while (look.at("reply").is_null());
  EXPECT_TRUE(look.at("reply").contains("answer"));
  EXPECT_TRUE(ask("vault.look", {{"errand", "00112233445566778899aabbccddeeff"}}).contains("complaint"));
}

/// Whoever has codes does there with password and code all that others do with a password alone.
TEST_F(AMembersDoor, AsksForACodeWhoeverHasThem) {
  const std::string password = "correct horse battery";
  const std::string key(20, 'k');
  std::uint64_t steps = 0;
  const auto code = [&] {
    return crypto::one_time_code(key, crypto::time_step(base::to_seconds(clock.now())) + steps++);
  };
  const json enabling{{"address", "alice"}, {"secret", password}, {"key", base::hex(key)}, {"code", code()}};
  ASSERT_TRUE(at_the_desk("totp.enable", enabling).contains("answer"));
  const auto next_code = [&] {
    time.run_for(31s);
    steps = 0;
    return code();
  };
  const auto needed = make_error_code(members::Errc::code_needed).message();
  for (const auto* operation : {"app-password.list", "forward.show", "vault.archive-show", "vault.others"}) {
    const char* named = std::string_view(operation).starts_with("vault") ? "member" : "address";
    json arguments{{named, "alice"}, {"secret", password}};
    connect();
    const auto asked = ask(operation, arguments);
    EXPECT_EQ(asked.at("complaint").at("what"), needed) << operation;
    arguments["one_time_code"] = "123456";
    EXPECT_TRUE(ask(operation, arguments).contains("complaint")) << operation;
    hang_up();
    arguments["one_time_code"] = next_code();
    connect();
    EXPECT_TRUE(ask(operation, arguments).contains("answer")) << operation;
  }
  hang_up();
  json rekey{{"what", "rekey"}, {"member", "alice"}, {"secret", password}, {"one_time_code", next_code()}};
  connect();
  const auto begun = ask("vault.begin", rekey);
  EXPECT_TRUE(outcome_of(begun).contains("answer"));
  EXPECT_FALSE(pod->key_ring().log_in("alice", alice, sasl::Scope::imap));
}

/// What outlives a secret is not set by one that ends.
TEST_F(AMembersDoor, SetsNoArchiveByASecretWithLimits) {
  connect();
  const json wish{{"address", "alice"}, {"secret", alice}, {"name", "borrowed"}, {"days", 1}};
  const std::string borrowed = ask("app-password.add", wish).at("answer").at("password");
  json wanted{{"what", "archive"}, {"member", "alice"}};
  wanted["recipient"] = crypto::AgeIdentity::random(arena, entropy).recipient().str();
  wanted["secret"] = borrowed;
  EXPECT_TRUE(outcome_of(ask("vault.begin", wanted)).contains("complaint"));
  const json shown{{"member", "alice"}, {"secret", alice}};
  EXPECT_TRUE(ask("vault.archive-show", shown).at("answer").at("recipient").is_null());
  wanted["secret"] = alice;
  EXPECT_TRUE(outcome_of(ask("vault.begin", wanted)).contains("answer"));
  EXPECT_EQ(ask("vault.archive-show", shown).at("answer").at("recipient"), wanted.at("recipient"));
}

TEST_F(AMembersDoor, KnowsNoActs) {
  const auto bob = enrolled("bob");
  const auto keys = MaintainerKeys::read(disk, arena, {"/home/maintainer"});
  // By the maintainers alone, so that nothing but the door is in the way.
  auto next = pod->registry().gate().roster()->charters().latest();
  next.prev = pod->registry().gate().roster()->charters().latest_identity();
  next.seq = 2;
  next.issued = base::from_seconds(base::to_seconds(clock.now()));
  next.effective = next.issued + std::chrono::days(next.votes.notice_days);
  next.members.expulsion = governance::Charter::Expulsion::threshold;
  const auto charter_2 = keys->sign("charter-0002.toml", governance::write_charter(next));
  ASSERT_TRUE(at_the_desk("charter.accept", {{"charter", file_json(*charter_2)}}).contains("answer"));
  clock.advance(std::chrono::days(next.votes.notice_days + 1));
  const auto& charter = pod->registry().gate().roster()->charters().at(clock.now());
  const auto member = pod->directory().state()->find("bob")->id;
  const auto act = make_act(machine(), charter, governance::Act::Kind::expel, member);
  const auto before = pod->registry().tally();
  json arguments{{"address", "alice"}, {"secret", alice}, {"act", file_json(*keys->sign(act))}};
  connect();
  EXPECT_TRUE(ask("member.forget", arguments).contains("complaint"));
  EXPECT_EQ(pod->registry().tally(), before);
  EXPECT_TRUE(ask("app-password.list", {{"address", "bob"}, {"secret", bob}}).contains("answer"));
  hang_up();
  EXPECT_TRUE(at_the_desk("member.forget", {{"address", "bob"}, {"act", arguments["act"]}}).contains("answer"));
}

}  // namespace
}  // namespace mailpod::daemon
