// The members' door of a pod on a simulated machine: what its clients say and hear, and when.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <mailpod/admin/members_door.hpp>
#include <mailpod/crypto/one_time_code.hpp>
#include <mailpod/governance/join.hpp>
#include <mailpod/guard/guarded_credentials.hpp>
#include <mailpod/members/error.hpp>
#include <mailpod/members/pod_credentials.hpp>
#include <mailpod/text/base32.hpp>
#include <simulation/clock.hpp>
#include <simulation/disk.hpp>
#include <simulation/entropy.hpp>
#include <simulation/stream.hpp>
#include <simulation/time.hpp>

#include "../admin/operation.hpp"
#include "acts.hpp"
#include "founding.hpp"

namespace mailpod::daemon {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

class KeepingLog final : public base::Log {
public:
  void write(Level, std::string_view line) override { lines += std::string(line) + "\n"; }
  bool wants(Level) const override { return true; }
  std::string lines;
};

class AMembersDoor : public testing::Test {
protected:
  AMembersDoor() {
    disk.make_directory("/home");
    disk.make_directory("/srv");
    FoundingRequest request;
    request.folder = "/srv/pod";
    request.domain = "pod.lab";
    request.maintainer_key = "/home/maintainer";
    found_pod(machine(), request).value();
    auto configuration = read_configuration(disk, "/srv/pod").value();
    configuration.argon2 = {1, 8 * 1024 * 1024};
    pod = OpenPod::open(machine(), {"/srv/pod"}, std::move(configuration)).value();
    desk.emplace(pod->premises(nullptr));
    credentials = members::make_pod_credentials(pod->key_ring(), pool, gate, members::KeyRing::Purpose::own_affairs);
    door = std::make_unique<admin::MembersDoor>(admin::MembersDoor::Services{*desk, doorkeeper, pool, log},
                                                admin::MembersDoor::Settings{});
    alice = enrolled("alice");
  }
  ~AMembersDoor() override { hang_up(); }

  OpenPod::Machine machine() { return {disk, clock, entropy, base::silent_log(), arena}; }
  json at_the_desk(const std::string& operation, json arguments) {
    json request{{"operation", operation}, {"arguments", std::move(arguments)}};
    return desk->serve(request);
  }
  std::string invited(const std::string& name) {
    const auto keys = MaintainerKeys::read(disk, arena, {"/home/maintainer"});
    const auto& charter = pod->registry().gate().roster()->charters().at(clock.now());
    const auto salt = entropy.bytes<32>();
    auto act = make_act(machine(), charter, governance::Act::Kind::admit, MemberId{entropy.bytes<16>()});
    act.principal = governance::Principal::member;
    act.address_commitment = governance::address_commitment(salt, name + "@pod.lab");
    const json admission{
        {"act", file_json(*keys->sign(act))}, {"address", name + "@pod.lab"}, {"salt", base::hex(base::octets(salt))}};
    const auto admitted = at_the_desk("member.admit", {{"admissions", json::array({admission})}});
    return admitted.at("answer").at("invitations").at(0).at("code");
  }
  /// Their app password; the human one is `correct horse battery`.
  std::string enrolled(const std::string& name) {
    const json item{
        {"address", name}, {"code", invited(name)}, {"app", "phone"}, {"password", "correct horse battery"}};
    const auto done = at_the_desk("enrol", {{"enrolments", json::array({item})}});
    return done.at("answer").at("enrolled").at(0).at("password");
  }

  void connect(const std::string& from = "192.0.2.1") {
    hang_up();
    simulation::Wire wire;
    wire.time = &time;
    wire.secure = true;
    wire.client = {from, 49152};
    duplex.emplace(simulation::make_duplex(loop.get_executor(), wire));
    ended = false;
    heard.clear();
    boost::asio::co_spawn(loop, serve(), boost::asio::detached);
    boost::asio::co_spawn(loop, listen(), boost::asio::detached);
  }
  net::awaitable<void> serve() {
    guard::GuardedCredentials guarded(*credentials, doorkeeper, *duplex->server, "members", log);
    co_await door->converse(*duplex->server, guarded);
    ended = true;
    co_await duplex->server->close();
  }
  net::awaitable<void> listen() {
    try {
      for (std::array<char, 4096> piece{};;) {
        const auto got = co_await duplex->client->read_some(piece);
        if (got == 0) co_return;
        heard.append(piece.data(), got);
      }
    } catch (const std::system_error&) {
      // Closed.
    }
  }
  void hang_up() {
    if (!duplex) return;
    duplex->client->abort();
    duplex->server->abort();
    time.run_until([&] { return ended; });
    time.run_for(0us);
    duplex.reset();
  }
  void say(std::string octets) {
    boost::asio::co_spawn(
        loop, [&, octets]() -> net::awaitable<void> { co_await duplex->client->write(octets); }, boost::asio::detached);
  }
  /// The next answer, and how long it took.
  json ask(const std::string& operation, json arguments) {
    return answer_to(json{{"operation", operation}, {"arguments", std::move(arguments)}}.dump() + "\r\n");
  }
  json answer_to(const std::string& octets) {
    heard.clear();
    const auto before = clock.monotonic();
    say(octets);
    time.run_until([&] { return heard.ends_with("\r\n") || ended; });
    took = clock.monotonic() - before;
    time.run_for(0us);
    return json::parse(heard);
  }
  /// What an errand that has begun comes to.
  json outcome_of(const json& begun) {
    for (;;) {
      auto look = ask("vault.look", {{"errand", begun.at("answer").at("errand")}}).at("answer");
      if (!look.at("reply").is_null()) return look.at("reply");
    }
  }
  bool closed() {
    time.run_for(10ms);
    return ended;
  }

  simulation::Disk disk;
  simulation::Clock clock;
  simulation::Entropy entropy{94};
  crypto::KeyArena arena;
  KeepingLog log;
  boost::asio::io_context loop;
  simulation::Time time{loop, clock};
  guard::Doorkeeper doorkeeper{clock, entropy, {}};
  net::Pool pool{net::Pool::Inline{}};
  net::Gate gate{pool, 2, 8};
  std::unique_ptr<OpenPod> pod;
  std::optional<admin::Desk> desk;
  std::unique_ptr<sasl::Credentials> credentials;
  std::unique_ptr<admin::MembersDoor> door;
  std::string alice;
  std::optional<simulation::Duplex> duplex;
  std::string heard;
  bool ended = true;
  std::chrono::microseconds took{0};
};

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

TEST_F(AMembersDoor, CountsCodesByNameAsWell) {
  const auto guess = [&](const std::string& from, const std::string& name) {
    connect(from);
    const json guessed{{"address", name}, {"secret", "wrong wrong wrong"}, {"new_password", "a good long one"}};
    EXPECT_TRUE(ask("password.change", guessed).contains("complaint"));
    return took;
  };
  // A second a guess, so one or two come back meanwhile.
  int at_once = 0;
  while (at_once < 60 && guess(fmt::format("198.51.{}.1", at_once), "alice") == 1s) ++at_once;
  EXPECT_GE(at_once, 50);
  EXPECT_LT(at_once, 53);
  EXPECT_EQ(guess("203.0.113.1", "alice"), 3s);
  EXPECT_EQ(guess("203.0.114.1", "bob"), 1s) << "another name is no worse off";
}

TEST_F(AMembersDoor, ForgetsNobodyByAReadingPassword) {
  connect();
  const json wish{{"address", "alice"}, {"secret", alice}, {"name", "borrowed"}, {"scopes", {"imap"}}, {"days", 1}};
  const std::string borrowed = ask("app-password.add", wish).at("answer").at("password");
  EXPECT_TRUE(ask("member.forget", {{"address", "alice"}, {"secret", borrowed}}).contains("complaint"));
  EXPECT_TRUE(ask("app-password.list", {{"address", "alice"}, {"secret", borrowed}}).contains("answer"));
  EXPECT_TRUE(ask("member.forget", {{"address", "alice"}, {"secret", alice}}).contains("answer"));
}

TEST_F(AMembersDoor, HearsNoMoreThanALineOf64KiB) {
  connect();
  say(std::string(80'000, 'x'));
  time.run_until([&] { return ended; });
  EXPECT_NE(heard.find("cannot be understood"), std::string::npos);
  EXPECT_LT(clock.monotonic(), 5s);
}

TEST_F(AMembersDoor, WaitsTenSecondsForARequest) {
  connect();
  say("{\"operation\":");
  const auto before = clock.monotonic();
  time.run_until([&] { return ended; });
  EXPECT_EQ(clock.monotonic() - before, 10s);
}

TEST_F(AMembersDoor, ClosesAfterThreeRefusals) {
  connect();
  for (int i = 0; i < 3; ++i) ask("forward.show", {{"address", "alice"}, {"secret", "wrong wrong wrong"}});
  EXPECT_TRUE(closed());
}

TEST_F(AMembersDoor, StopsListeningToWhoGuesses) {
  std::set<std::string> words;
  for (int i = 0; i < 30; ++i) {
    connect("203.0.113.9");
    words.insert(ask("forward.show", {{"address", "alice"}, {"secret", "wrong " + std::to_string(i) + " wrong"}})
                     .at("complaint")
                     .at("what"));
  }
  EXPECT_TRUE(words.contains("too many attempts, or too much to do at present"));
  EXPECT_NE(log.lines.find("login.refused protocol=members client=203.0.113.9"), std::string::npos);
  // The member comes from elsewhere, and is let in.
  connect();
  EXPECT_TRUE(ask("forward.show", {{"address", "alice"}, {"secret", alice}}).contains("answer"));
}

}  // namespace
}  // namespace mailpod::daemon
