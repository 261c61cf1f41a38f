#include <mailpod/governance/ballot.hpp>

#include <gtest/gtest.h>

#include <mailpod/governance/vote.hpp>

#include "simulation/community.hpp"
#include "simulation/frozen.hpp"

namespace mailpod::governance {
namespace {

using simulation::Community;
using simulation::frozen;

const std::string head = "type = \"ballot\"\npod = \"pod.lab\"\ncharter = 3\nvote = \"" + std::string(64, 'a') +
                         "\"\nissued = 2026-11-30T10:00:00Z\n";

Errc refusal(const std::string& octets) {
  const auto ballot = parse_ballot(octets, "ballot.toml");
  if (ballot) return {};
  EXPECT_FALSE(ballot.error().remedy.empty()) << octets;
  EXPECT_EQ(ballot.error().file, "ballot.toml");
  return ballot.error().code;
}

TEST(ABallot, HasOneTextForEachChoice) {
  for (const auto* choice : {"answer = \"yes\"\n", "answer = \"no\"\n", "answer = \"abstain\"\n", "approve = []\n",
                             "approve = [\"ada\", \"bob-2\"]\n", "ranking = \"\"\n", "ranking = \"ada\"\n",
                             "ranking = \"ada > bob = carl > none\"\n"}) {
    const auto ballot = parse_ballot(head + choice, "b");
    ASSERT_TRUE(ballot) << choice << ballot.error().text();
    EXPECT_EQ(write_ballot(*ballot), head + choice);
  }
  EXPECT_EQ(std::get<Ranking>(parse_ballot(head + "ranking = \"ada > bob = carl > none\"\n", "b")->choice).places,
            (std::vector<std::vector<std::string>>{{"ada"}, {"bob", "carl"}, {"none"}}));
}

TEST(ABallot, IsRefusedForWhatItCannotSay) {
  EXPECT_EQ(refusal(head), Errc::missing_key);
  for (const auto* bad :
       {"answer = \"maybe\"\n", "answer = true\n", "approve = [\"ada\", \"ada\"]\n", "approve = [\"none\"]\n",
        "approve = [\"Ada\"]\n", "approve = [7]\n", "approve = \"ada\"\n", "ranking = \"ada > ada\"\n",
        "ranking = \"ada>bob\"\n", "ranking = \"ada > \"\n", "ranking = \"ada = \"\n", "ranking = [\"ada\"]\n"})
    EXPECT_EQ(refusal(head + bad), Errc::bad_value) << bad;
  EXPECT_EQ(refusal(head + "answer = \"yes\"\nranking = \"ada\"\n"), Errc::not_canonical) << "two choices";
  EXPECT_EQ(refusal(head + "answer = 'yes'\n"), Errc::not_canonical);
  EXPECT_EQ(refusal(head + "answer = \"yes\"\nnote = \"x\"\n"), Errc::not_canonical);
  EXPECT_EQ(refusal("type = \"act\"\n"), Errc::wrong_type);
  std::string many;
  for (int i = 0; i < 65; ++i) many += (i == 0 ? "\"o" : ", \"o") + std::to_string(i) + "\"";
  EXPECT_EQ(refusal(head + "approve = [" + many + "]\n"), Errc::bad_value);
}

Vote election(Community& community) {
  Vote vote;
  vote.pod = "pod.lab";
  vote.charter = 2;
  vote.nonce = {1, 2, 3};
  vote.issued = community.charter.issued;
  vote.closes = vote.issued + std::chrono::days(14);
  vote.title = "Maintainers 2027";
  vote.seats = 2;
  vote.term_to = vote.closes + std::chrono::days(730);
  vote.candidates = {{"ada", "Ada", community.keys[0].public_key(), MemberId{{4}}},
                     {"bob", "Bob", community.keys[1].public_key(), std::nullopt}};
  return vote;
}

TEST(AVote, HasOneTextForEachKind) {
  Community community(2);
  Vote vote = election(community);
  const auto check = [&] {
    const auto again = parse_vote(write_vote(vote), "v");
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(*again, vote);
  };
  check();
  vote.seats = 0;
  vote.term_to.reset();
  vote.candidates.clear();
  vote.kind = Vote::Kind::amendment;
  vote.amendment = Hash{7};
  check();
  vote.amendment.reset();
  vote.kind = Vote::Kind::expulsion;
  vote.member = MemberId{{9}};
  check();
}

TEST(AVote, IsRefusedForWhatItCannotMean) {
  Community community(2);
  const std::vector<std::function<void(Vote&)>> changes = {
      [](Vote& v) { v.closes = v.issued; },
      [](Vote& v) { v.closes = v.issued + std::chrono::days(91); },
      [](Vote& v) { v.title = "for ada@pod.lab"; },
      [](Vote& v) { v.seats = 0; },
      [](Vote& v) { v.term_to = v.closes; },
      [](Vote& v) { v.term_to = v.closes + longest_term + std::chrono::days(1); },
      [](Vote& v) { v.candidates[0].option = "none"; },
      [](Vote& v) { v.candidates[0].option = "Ada"; },
      [](Vote& v) { v.candidates[0].option = std::string(33, 'a'); },
      [](Vote& v) { v.candidates[0].name = ""; },
      [](Vote& v) { v.candidates[0].option = v.candidates[1].option; },
      [](Vote& v) { v.candidates[0].key = v.candidates[1].key; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Vote vote = election(community);
    changes[i](vote);
    const auto parsed = parse_vote(write_vote(vote), "vote.toml");
    ASSERT_FALSE(parsed) << i;
    EXPECT_EQ(parsed.error().code, Errc::bad_value) << i << parsed.error().text();
    EXPECT_NE(parsed.error().line, 0U) << i;
  }
  Vote vote = election(community);
  EXPECT_EQ(parse_vote(write_vote(vote) + "# a comment\n", "v").error().code, Errc::not_canonical);
}

TEST(FrozenFormats, VotesAndBallotsOfVersion1AreRead) {
  Community community(2);
  const auto vote = parse_vote(frozen("vote-1.toml", [&] { return write_vote(election(community)); }), "vote-1.toml");
  ASSERT_TRUE(vote) << vote.error().text();
  EXPECT_EQ(*vote, election(community));
  const Ballot wanted{"pod.lab", 2, identity(write_vote(*vote)), vote->issued, Ranking{{{"bob"}, {"none"}, {"ada"}}}};
  const auto ballot = parse_ballot(frozen("ballot-1.toml", [&] { return write_ballot(wanted); }), "ballot-1.toml");
  ASSERT_TRUE(ballot) << ballot.error().text();
  EXPECT_EQ(*ballot, wanted);
}

}  // namespace
}  // namespace mailpod::governance
