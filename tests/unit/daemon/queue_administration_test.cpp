// What an administrator can do with waiting mail: at the desk of a pod on a simulated disk.

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <mailpod/admin/desk.hpp>
#include <simulation/clock.hpp>
#include <simulation/disk.hpp>
#include <simulation/entropy.hpp>

#include "founding.hpp"

namespace mailpod::daemon {
namespace {

using nlohmann::json;

/// Remembers what the sender was told to look at.
class ListeningDaemon final : public admin::Daemon {
public:
  std::vector<queue::EntryId> looked_at;
  std::set<MemberId> braked_members;
  void close_sessions(MemberId) override {}
  void announce(MemberId, store::Arrival) override {}
  void look_at(const queue::EntryId& entry) override { looked_at.push_back(entry); }
  std::set<MemberId> braked() const override { return braked_members; }
  void release(MemberId member) override { braked_members.erase(member); }
  Figures figures() const override { return {}; }
  governance::Verdict<Reloaded> reload() override { return Reloaded{}; }
  std::vector<Finding> health() override { return {}; }
  std::vector<Session> sessions() const override { return {}; }
  bool end_session(std::uint64_t) override { return false; }
  std::size_t end_sessions(MemberId) override { return 0; }
};

class QueueAdministration : public testing::Test {
protected:
  QueueAdministration() {
    disk.make_directory("/home");
    disk.make_directory("/srv");
    FoundingRequest request;
    request.folder = "/srv/pod";
    request.domain = "pod.lab";
    request.maintainer_key = "/home/maintainer";
    const OpenPod::Machine machine{disk, clock, entropy, base::silent_log(), arena};
    found_pod(machine, request).value();
    pod = OpenPod::open(machine, {"/srv/pod"}, read_configuration(disk, "/srv/pod").value()).value();
    desk.emplace(pod->premises(&daemon));
    one = put({"friend@other.example", "colleague@third.example", "second@other.example"});
  }

  queue::EntryId put(const std::vector<std::string>& recipients) {
    queue::Entry entry;
    entry.arrival = clock.now();
    entry.next_try = clock.now() + std::chrono::hours(1);
    entry.reverse_path = "alice@pod.lab";
    for (const auto& address : recipients) {
      queue::Recipient recipient;
      recipient.address = address;
      entry.recipients.push_back(recipient);
    }
    return pod->queue().put(entry, base::MemorySource("Subject: canary\r\n\r\nhello\r\n"));
  }
  json ask(const std::string& operation, json arguments = json::object()) {
    json request{{"operation", operation}, {"arguments", std::move(arguments)}};
    return desk->serve(request);
  }
  json ask_about(const std::string& operation, const queue::EntryId& id) {
    return ask(operation, {{"entry", id.str()}});
  }
  queue::Entry entry(const queue::EntryId& id) { return pod->queue().show(id).value(); }
  json listed() { return ask("queue.list").at("answer").at("entries"); }

  simulation::Disk disk;
  simulation::Clock clock;
  simulation::Entropy entropy{12};
  crypto::KeyArena arena;
  std::unique_ptr<OpenPod> pod;
  ListeningDaemon daemon;
  std::optional<admin::Desk> desk;
  queue::EntryId one;
};

TEST_F(QueueAdministration, ListsWhereEachEntryStandsWithoutAddresses) {
  pod->queue()
      .change(one, [](queue::Entry& known) { known.recipients[1].state = queue::RecipientState::delivered; })
      .value();
  clock.advance(std::chrono::minutes(30));
  auto line = listed().at(0);
  EXPECT_EQ(line.at("entry"), one.str());
  EXPECT_EQ(line.at("state"), "waits");
  EXPECT_EQ(line.at("age_seconds"), 1800);
  EXPECT_EQ(line.at("recipients"), 3);
  EXPECT_EQ(line.at("pending"), 2);
  EXPECT_EQ(line.at("domains"), json::array({"other.example"}));
  EXPECT_EQ(line.dump().find("friend"), std::string::npos);
  clock.advance(std::chrono::minutes(31));
  EXPECT_EQ(listed().at(0).at("state"), "due");
}

TEST_F(QueueAdministration, ShowsWhatEachRecipientsServerSaid) {
  pod->queue()
      .change(one,
              [&](queue::Entry& known) {
                auto& recipient = known.recipients[0];
                recipient.attempts = 2;
                recipient.last_attempt = clock.now();
                recipient.last_reply = "451 4.7.1 greylisted";
                recipient.last_host = "mx.other.example";
              })
      .value();
  const auto shown = ask_about("queue.show", one).at("answer");
  EXPECT_EQ(shown.at("reverse_path"), "alice@pod.lab");
  EXPECT_EQ(shown.at("octets"), 26);
  const auto& recipient = shown.at("recipients").at(0);
  EXPECT_EQ(recipient.at("address"), "friend@other.example");
  EXPECT_EQ(recipient.at("state"), "pending");
  EXPECT_EQ(recipient.at("attempts"), 2);
  EXPECT_EQ(recipient.at("last_reply"), "451 4.7.1 greylisted");
  EXPECT_EQ(recipient.at("last_host"), "mx.other.example");
  EXPECT_TRUE(recipient.contains("last_attempt"));
  EXPECT_FALSE(shown.at("recipients").at(1).contains("last_attempt"));
}

TEST_F(QueueAdministration, RetriesOneOrAllThatAreNotHeldAndTellsTheSender) {
  const auto other = put({"a@b.example"});
  const auto held = put({"c@d.example"});
  ask_about("queue.hold", held);
  daemon.looked_at.clear();
  EXPECT_TRUE(ask_about("queue.retry", one).contains("answer"));
  EXPECT_LE(entry(one).next_try, clock.now());
  EXPECT_GT(entry(other).next_try, clock.now());
  EXPECT_EQ(daemon.looked_at, std::vector{one});
  EXPECT_EQ(ask("queue.retry").at("answer").at("retried"), 2);
  EXPECT_LE(entry(other).next_try, clock.now());
  EXPECT_GT(entry(held).next_try, clock.now());
  EXPECT_TRUE(ask_about("queue.retry", held).contains("complaint"));
}

TEST_F(QueueAdministration, LetsGoAllThatTheBrakeHoldsOfAMember) {
  members::Person person;
  person.id.bytes.fill(7);
  person.progress = members::Person::Progress::enrolled;
  person.addresses = {members::Address::parse("alice@pod.lab").value()};
  pod->directory().put({&person, 1}).value();
  const auto brake = [&](const queue::EntryId& id) {
    pod->queue()
        .change(id,
                [&](queue::Entry& known) {
                  known.submitter = person.id;
                  known.held = known.braked = true;
                })
        .value();
  };
  const auto another = put({"a@b.example"});
  const auto held = put({"c@d.example"});
  brake(one);
  brake(another);
  ask_about("queue.hold", held);
  daemon.braked_members = {person.id};
  EXPECT_EQ(listed().at(0).at("state"), "held");
  const auto by = [&](const queue::EntryId& id) { return ask_about("queue.show", id).at("answer").at("held_by"); };
  EXPECT_EQ(by(one), "brake");
  EXPECT_EQ(by(held), "administrator");
  EXPECT_EQ(ask("status").at("answer").at("braked"), json::array({"alice@pod.lab"}));

  EXPECT_TRUE(ask("queue.release", {{"member", "nobody"}}).contains("complaint"));
  EXPECT_EQ(ask("queue.release", {{"member", "alice"}}).at("answer").at("entries"), 2);
  for (const auto& id : {one, another}) {
    EXPECT_FALSE(entry(id).held || entry(id).braked);
    EXPECT_LE(entry(id).next_try, clock.now());
  }
  EXPECT_TRUE(entry(held).held) << "that is the administrator's own";
  EXPECT_EQ(ask("status").at("answer").at("braked"), json::array());

  brake(one);
  brake(another);
  EXPECT_EQ(ask("queue.drop", {{"member", "alice"}, {"report", true}}).at("answer").at("entries"), 2);
  EXPECT_EQ(entry(one).recipients[0].state, queue::RecipientState::failed);
  EXPECT_FALSE(entry(one).held) << "so that its sender hears of it";
  brake(another);
  EXPECT_EQ(ask("queue.drop", {{"member", "alice"}}).at("answer").at("entries"), 1);
  EXPECT_EQ(listed().size(), 2U);
}

TEST_F(QueueAdministration, HoldsAndReleases) {
  ask_about("queue.hold", one);
  EXPECT_TRUE(entry(one).held);
  EXPECT_EQ(listed().at(0).at("state"), "held");
  ask_about("queue.release", one);
  EXPECT_FALSE(entry(one).held);
  EXPECT_LE(entry(one).next_try, clock.now());
  EXPECT_EQ(daemon.looked_at.size(), 2U);
}

TEST_F(QueueAdministration, RoutesAndTakesTheRouteBack) {
  const auto route = [&](const std::string& to) { return ask("queue.route", {{"entry", one.str()}, {"route", to}}); };
  for (const auto* host : {"mx.partner.example", "mx.partner.example:2525", "[192.0.2.7]", "[IPv6:2001:db8::1]:26"}) {
    EXPECT_TRUE(route(host).contains("answer")) << host;
    EXPECT_EQ(entry(one).pinned_route, host);
  }
  daemon.looked_at.clear();
  for (const auto* nonsense : {"", "no host", "host:0", "host:70000", "[nothing]", "host:"})
    EXPECT_TRUE(route(nonsense).contains("complaint")) << nonsense;
  EXPECT_EQ(entry(one).pinned_route, "[IPv6:2001:db8::1]:26");
  EXPECT_TRUE(daemon.looked_at.empty());
  route("-");
  EXPECT_EQ(entry(one).pinned_route, "");
}

TEST_F(QueueAdministration, DropsForGoodAndTellsNobody) {
  EXPECT_TRUE(ask_about("queue.drop", one).contains("answer"));
  EXPECT_TRUE(listed().empty());
  EXPECT_EQ(daemon.looked_at, std::vector{one});
  EXPECT_TRUE(ask_about("queue.drop", one).contains("complaint"));
}

TEST_F(QueueAdministration, GivesBackToItsSenderWhatIsDroppedWithAReport) {
  pod->queue()
      .change(one, [](queue::Entry& known) { known.recipients[1].state = queue::RecipientState::delivered; })
      .value();
  ask_about("queue.hold", one);
  ask("queue.drop", {{"entry", one.str()}, {"report", true}});
  const auto given_back = entry(one);
  EXPECT_FALSE(given_back.held);
  EXPECT_EQ(given_back.recipients[0].state, queue::RecipientState::failed);
  EXPECT_FALSE(given_back.recipients[0].told);
  EXPECT_TRUE(given_back.recipients[0].last_reply.starts_with("554 "));
  EXPECT_EQ(given_back.recipients[1].state, queue::RecipientState::delivered);
  EXPECT_EQ(listed().at(0).at("state"), "done");
  EXPECT_EQ(daemon.looked_at.back(), one);
}

TEST_F(QueueAdministration, ListsWhatIsDamagedAndChangesNothingOfIt) {
  const auto path = "/srv/pod/queue/" + one.str() + ".entry";
  std::string octets = base::read_file(disk, path, 65536);
  octets.back() = static_cast<char>(octets.back() ^ 1);
  base::replace_file(disk, path, octets);
  EXPECT_EQ(listed().at(0).at("state"), "damaged");
  EXPECT_TRUE(ask_about("queue.hold", one).contains("complaint"));
  EXPECT_EQ(base::read_file(disk, path, 65536), octets);
  EXPECT_TRUE(ask_about("queue.drop", one).contains("answer"));
  EXPECT_TRUE(listed().empty());
}

TEST_F(QueueAdministration, SuppressesAnAddressOrADomainUntilItIsTakenBack) {
  const auto two = put({"friend@other.example"});
  const auto answer = ask("queue.suppress", {{"what", "Other.Example"}, {"reason", "down until Monday"}}).at("answer");
  EXPECT_EQ(answer.at("what"), "other.example");
  EXPECT_FALSE(answer.contains("until"));
  const auto state = [&](const queue::EntryId& id) { return ask_about("queue.show", id).at("answer").at("state"); };
  EXPECT_EQ(state(one), "waits") << "one is still to be reached";
  EXPECT_EQ(state(two), "suppressed");
  const auto shown = ask_about("queue.show", one).at("answer");
  EXPECT_EQ(shown.at("suppressed"), 2);
  EXPECT_EQ(shown.at("recipients").at(0).at("suppressed"), true);
  EXPECT_EQ(shown.at("recipients").at(1).at("suppressed"), false);

  ask("queue.suppress", {{"what", "colleague@third.example"}, {"hours", 2U}});
  EXPECT_EQ(state(one), "suppressed");
  const auto list = ask("queue.suppressed").at("answer").at("suppressed");
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list.at(0).at("what"), "colleague@third.example");
  EXPECT_TRUE(list.at(0).contains("until"));
  EXPECT_EQ(list.at(1).at("reason"), "down until Monday");
  EXPECT_TRUE(ask_about("queue.retry", two).contains("complaint"));
  EXPECT_EQ(ask("queue.retry").at("answer").at("retried"), 0);
  clock.advance(std::chrono::hours(2));
  EXPECT_EQ(state(one), "due");
  EXPECT_EQ(ask("queue.suppressed").at("answer").at("suppressed").size(), 1U);
}

TEST_F(QueueAdministration, MakesDueAtOnceWhatIsSuppressedNoLonger) {
  const auto held = put({"friend@other.example"});
  const auto elsewhere = put({"friend@third.example"});
  const auto kept_otherwise = put({"friend@other.example"});
  ask_about("queue.hold", held);
  ask("queue.suppress", {{"what", "other.example"}});
  ask("queue.suppress", {{"what", "friend@other.example"}});
  daemon.looked_at.clear();
  const auto later = entry(elsewhere).next_try;
  EXPECT_EQ(ask("queue.unsuppress", {{"what", "OTHER.example"}}).at("answer").at("due"), 1);
  EXPECT_EQ(daemon.looked_at, std::vector{one});
  EXPECT_LE(entry(one).next_try, clock.now());
  for (const auto& id : {held, elsewhere, kept_otherwise}) EXPECT_EQ(entry(id).next_try, later);
  EXPECT_EQ(ask("queue.unsuppress", {{"what", "friend@other.example"}}).at("answer").at("due"), 2);
  EXPECT_TRUE(ask("queue.unsuppress", {{"what", "other.example"}}).contains("complaint"));
}

TEST_F(QueueAdministration, SuppressesNothingThatMakesNoSense) {
  const auto complains = [&](json arguments) {
    return ask("queue.suppress", std::move(arguments)).contains("complaint");
  };
  EXPECT_TRUE(complains({{"what", "bob"}}));
  EXPECT_TRUE(complains({{"what", "a b@other.example"}}));
  EXPECT_TRUE(complains({{"what", "other.example"}, {"hours", 0U}}));
  EXPECT_TRUE(complains({{"what", "other.example"}, {"hours", 87'601U}}));
  EXPECT_TRUE(complains({{"what", "other.example"}, {"hours", "2"}}));
  EXPECT_TRUE(complains({{"what", "other.example"}, {"reason", std::string(201, 'r')}}));
  EXPECT_TRUE(complains({{"what", "other.example"}, {"reason", "two\nlines"}}));
  EXPECT_TRUE(ask("queue.unsuppress", {{"what", "bob"}}).contains("complaint"));
  EXPECT_TRUE(ask("queue.suppressed").at("answer").at("suppressed").empty());
  EXPECT_FALSE(complains({{"what", "other.example"}, {"hours", 87'600U}, {"reason", std::string(200, 'r')}}));
}

TEST_F(QueueAdministration, SaysWhatIsWrongWithAListOfWhatIsSuppressed) {
  ask("queue.suppress", {{"what", "other.example"}});
  const std::string path = "/srv/pod/queue/suppressed";
  base::replace_file(disk, path, base::read_file(disk, path, 65536) + "x");
  desk.reset();
  pod.reset();
  const OpenPod::Machine machine{disk, clock, entropy, base::silent_log(), arena};
  pod = OpenPod::open(machine, {"/srv/pod"}, read_configuration(disk, "/srv/pod").value()).value();
  desk.emplace(pod->premises(&daemon));
  EXPECT_EQ(listed().at(0).at("state"), "waits");
  const auto complaint = ask("queue.suppressed").at("complaint").dump();
  EXPECT_NE(complaint.find("queue/suppressed"), std::string::npos) << complaint;
}

TEST_F(QueueAdministration, RefusesNamesOfNoEntry) {
  for (const auto* operation : {"queue.show", "queue.retry", "queue.hold", "queue.release", "queue.drop"}) {
    for (const std::string& id : {std::string("x"), std::string(32, '0'), std::string("../../lock")})
      EXPECT_TRUE(ask(operation, {{"entry", id}}).contains("complaint")) << operation << ' ' << id;
  }
  EXPECT_TRUE(daemon.looked_at.empty());
}

}  // namespace
}  // namespace mailpod::daemon
