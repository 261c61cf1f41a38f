// Votes at the desk of a pod: alice registers, votes from elsewhere, and another maintainer is in office.

#include <mailpod/governance/ledger_examination.hpp>

#include "members_desk.hpp"

namespace mailpod::daemon {
namespace {

using governance::Act;
using governance::Vote;
using std::chrono::days;

class VotesDesk : public MembersDesk {
protected:
  VotesDesk() {
    auto act = make_act(machine(), charter(), Act::Kind::set_citizen_key, alice());
    act.citizen_key = citizen.public_key();
    registered = ask("member.citizen-key", {{"act", file_json(*keys.sign(act))}});
  }

  MemberId alice() { return pod->directory().state()->find("alice")->id; }
  const governance::Charter& charter() { return pod->registry().gate().roster()->charters().at(clock.now()); }
  json at_the_door(const std::string& operation, json arguments) {
    json request{{"operation", operation}, {"arguments", std::move(arguments)}};
    return desk->serve_member(request);
  }

  json open_election() {
    Vote vote;
    vote.pod = "pod.lab";
    vote.issued = base::from_seconds(base::to_seconds(clock.now()));
    vote.closes = vote.issued + days(8);
    vote.title = "A vote";
    vote.seats = 1;
    vote.term_to = vote.closes + days(300);
    vote.candidates = {{"ada", "Ada", ada.public_key(), alice()}};
    const auto opened = ask("vote.open", {{"opening", file_json(*keys.sign("a vote", governance::write_vote(vote)))}});
    EXPECT_TRUE(opened.contains("answer")) << opened;
    return opened.at("answer");
  }
  json ballot(const json& vote) {
    governance::Ballot ballot{"pod.lab", 1, {}, base::from_seconds(base::to_seconds(clock.now())), {}};
    ballot.vote = *base::byte_array<32>(*base::unhex(vote.at("vote").get<std::string>()));
    ballot.choice = governance::Approval{{"ada"}};
    const auto octets = governance::write_ballot(ballot);
    return file_json({"a ballot", octets, {governance::sign(citizen, octets, "a ballot").value()}});
  }
  void reopen() {
    desk.reset();
    pod.reset();
    pod = OpenPod::open(machine(), {"/srv/pod"}, read_configuration(disk, "/srv/pod").value()).value();
    desk.emplace(pod->premises(nullptr));
  }
  std::string maintainer() { return charter().maintainers.front().name; }

  MaintainerKeys keys = MaintainerKeys::read(disk, arena, {"/home/maintainer"}).value();
  crypto::minisign::SecretKey citizen = crypto::minisign::SecretKey::random(arena, entropy);
  crypto::minisign::SecretKey ada = crypto::minisign::SecretKey::random(arena, entropy);
  json registered;
};

TEST_F(VotesDesk, AMemberIsShownWithTheKeyByWhichTheyVote) {
  EXPECT_EQ(registered.at("answer").at("member"), alice().str());
  EXPECT_EQ(ask("member.show", {{"who", "alice"}}).at("answer").at("citizen_key"), citizen.public_key().str());
}

TEST_F(VotesDesk, AnybodySeesVotesAtTheDoorAndWhoeverHasAKeyVotesThere) {
  const auto vote = open_election();
  EXPECT_EQ(at_the_door("vote.list", json::object()).at("answer").at("votes").at(0), vote);
  const auto shown = at_the_door("vote.show", {{"vote", vote.at("vote").get<std::string>().substr(0, 8)}}).at("answer");
  EXPECT_TRUE(governance::parse_vote(shown.at("text").get<std::string>(), "v"));
  const auto cast = at_the_door("vote.cast", {{"ballot", ballot(vote)}});
  EXPECT_EQ(cast.at("answer").at("leaf"), pod->registry().tally().count);
  EXPECT_EQ(pod->directory().state()->tally(), pod->registry().tally());
  EXPECT_TRUE(at_the_door("vote.cast", {{"ballot", ballot(vote)}}).contains("complaint")) << "the same again";
  for (const auto* operation : {"vote.open", "vote.close", "vote.settle"})
    EXPECT_TRUE(at_the_door(operation, {{"vote", vote.at("vote")}}).contains("complaint"));
}

TEST_F(VotesDesk, AVoteIsNamedByTheBeginningOfItsIdentity) {
  const auto name = open_election().at("vote").get<std::string>();
  for (const auto& wrong : {name.substr(0, 7), std::string(8, 'x'), name + "0"})
    EXPECT_TRUE(ask("vote.show", {{"vote", wrong}}).contains("complaint")) << wrong;
  EXPECT_TRUE(ask("vote.show", {{"vote", name}}).contains("answer"));
  EXPECT_TRUE(ask("vote.show", {{"vote", 7}}).contains("complaint"));
}

TEST_F(VotesDesk, ClosingBeforeTheEndChangesNothing) {
  const auto vote = open_election();
  const auto before = pod->registry().tally();
  EXPECT_TRUE(ask("vote.close", {{"vote", vote.at("vote")}}).contains("complaint"));
  EXPECT_EQ(pod->registry().tally(), before);
}

TEST_F(VotesDesk, WhoeverIsElectedIsInOfficeOnceTheVoteIsClosed) {
  const auto vote = open_election();
  ask("vote.cast", {{"ballot", ballot(vote)}});
  clock.advance(days(8));
  const auto closed = ask("vote.close", {{"vote", vote.at("vote")}}).at("answer");
  EXPECT_EQ(closed.at("state"), "decided");
  EXPECT_TRUE(closed.at("result").at("passed").get<bool>());
  EXPECT_EQ(maintainer(), "Ada");
  EXPECT_EQ(pod->directory().state()->tally(), pod->registry().tally());
  EXPECT_EQ(pod->ledger().size(), pod->registry().leaves().size());
  EXPECT_TRUE(governance::examine_ledger(disk, "/srv/pod/governance", {}).faults.empty());
}

TEST_F(VotesDesk, AVoteThatEndedWhileNobodyServedIsDecidedAtTheStart) {
  const auto vote = open_election();
  ask("vote.cast", {{"ballot", ballot(vote)}});
  clock.advance(days(8));
  reopen();
  EXPECT_EQ(maintainer(), "Ada");
  EXPECT_EQ(pod->directory().state()->tally(), pod->registry().tally());
}

TEST_F(VotesDesk, AFullDiskAtTheStartKeepsNobodyFromTheirMail) {
  const auto vote = open_election();
  ask("vote.cast", {{"ballot", ballot(vote)}});
  clock.advance(days(8));
  const std::string result = "/srv/pod/governance/acts/" + governance::entry_name(pod->registry().tally().count + 1);
  disk.make_directory(result + ".tmp");  // so that it cannot be written
  reopen();
  EXPECT_EQ(maintainer(), "maintainer") << "who was in office";
  disk.remove_directory(result + ".tmp");
  EXPECT_TRUE(ask("vote.close", {{"vote", vote.at("vote")}}).contains("answer"));
  EXPECT_EQ(maintainer(), "Ada");
}

}  // namespace
}  // namespace mailpod::daemon
