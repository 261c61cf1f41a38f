#include <gtest/gtest.h>

#include <mailpod/governance/registry.hpp>

#include "simulation/community.hpp"
#include "simulation/frozen.hpp"

/// Files that version 1 wrote must be read, and mean the same, for ever.
namespace mailpod::governance {
namespace {

using simulation::Community;
using simulation::frozen;

/// Every field of a charter, those without use yet included.
void complete(Charter& c) {
  c.maintainers[0].member = MemberId{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
  c.members = {Charter::Join::vouches, 3, 30, 7, 9, Charter::Expulsion::threshold};
  c.votes = {Charter::Ballot::sealed, Charter::Method::schulze, 20, 60, 75, 21};
  c.recovery = {80, 60};
  c.privacy = {365, 3, 12, Charter::Passwords::any};
  c.federation = {Hash{9}, Charter::Federate::allow, {"a.lab", "b.lab"}, {"c.lab"}, {"d.lab"}, {"e.lab"}};
  c.limits = {10, 20, 30, 40};
  c.text = "# Rights\n\nNobody reads another's mail.\n";
}

struct Whole : Community {
  Whole() : Community(2, 2) { complete(charter); }
};

Act whole_act(const Community& community) {
  Act act;
  act.pod = community.charter.pod;
  act.nonce = {16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
  act.issued = community.charter.issued;
  act.expires = act.issued + std::chrono::days(7);
  act.member = *community.charter.maintainers[0].member;
  act.principal = Principal::member;
  act.address_commitment = address_commitment({}, "alice@pod.lab");
  act.reason = "invited";
  return act;
}

TEST(FrozenFormats, TheCharterOfVersion1IsReadAndVerified) {
  const Whole community;
  const auto octets = frozen("charter-1/charter-0001.toml", [&] { return write_charter(community.charter); });
  SignedFile file{"charter-0001.toml", octets, {}};
  for (std::size_t i = 0; i < 2; ++i) {
    file.minisigs.push_back(frozen("charter-1/charter-0001." + community.keys[i].public_key().id_text() + ".minisig",
                                   [&] { return governance::sign(community.keys[i], octets, file.name).value(); }));
  }
  const auto chain = CharterChain::found(file, identity(octets));
  ASSERT_TRUE(chain) << chain.error().text();
  EXPECT_EQ(chain->latest(), community.charter);
}

TEST(FrozenFormats, ACharterWithAddressesIsReadAndVerified) {
  Whole community;
  const auto member = *community.charter.maintainers[0].member;
  community.charter.addresses = {{{"abuse", true, {member}}, {"info", false, {member}}}, member};
  const auto octets = frozen("charter-2/charter-0001.toml", [&] { return write_charter(community.charter); });
  SignedFile file{"charter-0001.toml", octets, {}};
  for (std::size_t i = 0; i < 2; ++i) {
    file.minisigs.push_back(frozen("charter-2/charter-0001." + community.keys[i].public_key().id_text() + ".minisig",
                                   [&] { return governance::sign(community.keys[i], octets, file.name).value(); }));
  }
  const auto chain = CharterChain::found(file, identity(octets));
  ASSERT_TRUE(chain) << chain.error().text();
  EXPECT_EQ(chain->latest(), community.charter);
}

TEST(FrozenFormats, ActsAboutAddressesAreRead) {
  const Whole community;
  Act alias = whole_act(community);
  alias.kind = Act::Kind::add_alias;
  alias.principal.reset();
  Act removal = alias;
  removal.kind = Act::Kind::remove_alias;
  Act domain = whole_act(community);
  domain.kind = Act::Kind::add_domain;
  domain.principal.reset();
  domain.address_commitment.reset();
  domain.member = {};
  domain.domain = "second.lab";
  Act farewell = domain;
  farewell.kind = Act::Kind::remove_domain;
  Act group = whole_act(community);
  group.kind = Act::Kind::set_group;
  group.principal.reset();
  group.address_commitment.reset();
  group.member = {};
  group.group = GroupId{1, 2, 3};
  group.group_commitment = Hash{4, 5, 6};
  Act dissolution = group;
  dissolution.kind = Act::Kind::remove_group;
  dissolution.group_commitment.reset();
  const std::pair<const char*, Act> acts[] = {
      {"act-add-alias-1.toml", alias},   {"act-remove-alias-1.toml", removal},
      {"act-add-domain-1.toml", domain}, {"act-remove-domain-1.toml", farewell},
      {"act-set-group-1.toml", group},   {"act-remove-group-1.toml", dissolution}};
  for (const auto& [name, wanted] : acts) {
    const auto octets = frozen(name, [&] { return write_act(wanted); });
    const auto act = parse_act(octets, name);
    ASSERT_TRUE(act) << act.error().text();
    EXPECT_EQ(*act, wanted);
  }
}

TEST(FrozenFormats, ActsAboutOtherPodsAreRead) {
  const Whole community;
  Act federate = whole_act(community);
  federate.kind = Act::Kind::federate;
  federate.principal.reset();
  federate.address_commitment.reset();
  federate.member = {};
  federate.domain = "other.example";
  Act defederate = federate;
  defederate.kind = Act::Kind::defederate;
  defederate.reason = "They send spam.";
  const std::pair<const char*, Act> acts[] = {{"act-federate-1.toml", federate}, {"act-defederate-1.toml", defederate}};
  for (const auto& [name, wanted] : acts) {
    const auto octets = frozen(name, [&] { return write_act(wanted); });
    const auto act = parse_act(octets, name);
    ASSERT_TRUE(act) << act.error().text();
    EXPECT_EQ(*act, wanted);
  }
}

TEST(FrozenFormats, WhatIsSaidOfMailThatShowsNothingIsRead) {
  Whole community;
  const auto without = write_charter(community.charter);
  EXPECT_EQ(without.find("[authentication]"), std::string::npos) << "older versions would refuse it";
  community.charter.authentication = {Charter::Unshown::junk, Charter::Unshown::accept, Charter::Unshown::refuse};
  const auto charter =
      parse_charter(frozen("charter-4.toml", [&] { return write_charter(community.charter); }), "charter-4.toml");
  ASSERT_TRUE(charter) << charter.error().text();
  EXPECT_EQ(*charter, community.charter);
  community.charter.authentication = {Charter::Unshown::unsaid, Charter::Unshown::unsaid, Charter::Unshown::junk};
  EXPECT_EQ(*parse_charter(write_charter(community.charter), "c"), community.charter) << "each by itself";
}

TEST(FrozenFormats, WhatIsSaidOfQuotasIsRead) {
  Whole community;
  community.charter.limits.quota_messages = 50'000;
  const auto charter =
      parse_charter(frozen("charter-3.toml", [&] { return write_charter(community.charter); }), "charter-3.toml");
  ASSERT_TRUE(charter) << charter.error().text();
  EXPECT_EQ(*charter, community.charter);

  Act wanted = whole_act(community);
  wanted.kind = Act::Kind::set_quota;
  wanted.principal.reset();
  wanted.address_commitment.reset();
  wanted.quota_mib = 2048;
  const auto act = parse_act(frozen("act-set-quota-1.toml", [&] { return write_act(wanted); }), "act-set-quota-1.toml");
  ASSERT_TRUE(act) << act.error().text();
  EXPECT_EQ(*act, wanted);
}

/// Files about joining: no times but the community's, no key but its first.
Join whole_join(const Community& community) {
  return {community.charter.pod,
          1,
          Hash{1},
          community.charter.issued,
          *community.charter.maintainers[0].member,
          address_commitment({}, "alice@pod.lab"),
          community.keys[0].public_key(),
          community.keys[1].public_key()};
}

TEST(FrozenFormats, FilesAboutJoiningAreRead) {
  const Whole community;
  const auto join = parse_join(frozen("join-1.toml", [&] { return write_join(whole_join(community)); }), "join-1.toml");
  ASSERT_TRUE(join) << join.error().text();
  EXPECT_EQ(*join, whole_join(community));

  Vouch wanted;
  wanted.pod = community.charter.pod;
  wanted.nonce = {1, 2};
  wanted.issued = community.charter.issued;
  wanted.by = *community.charter.maintainers[0].member;
  Vouch objection = wanted;
  Vouch invitation = wanted;
  objection.kind = Vouch::Kind::object;
  objection.newcomer = MemberId{{9, 9}};
  objection.reason = "for people";
  invitation.kind = Vouch::Kind::invite;
  invitation.invitation = Hash{3};
  invitation.until = wanted.issued + std::chrono::days(90);
  for (const auto& [name, vouch] : {std::pair("vouch-object-1.toml", objection), {"vouch-invite-1.toml", invitation}}) {
    const auto read = parse_vouch(frozen(name, [&] { return write_vouch(vouch); }), name);
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(*read, vouch);
  }
  const Confirmation admission{community.charter.pod, 1, MemberId{{9, 9}}};
  const auto read = parse_confirmation(frozen("admission-1.toml", [&] { return write_confirmation(admission); }), "a");
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(*read, admission);
}

TEST(FrozenFormats, ActsAboutJoiningAreRead) {
  const Whole community;
  Act invitation = whole_act(community);
  invitation.principal.reset();
  invitation.address_commitment.reset();
  invitation.kind = Act::Kind::invite;
  invitation.member = {};
  invitation.invitation = Hash{4};
  Act withdrawal = invitation;
  invitation.until = invitation.issued + std::chrono::days(14);
  withdrawal.kind = Act::Kind::withdraw_invitation;
  const std::pair<const char*, Act> acts[] = {{"act-invite-1.toml", invitation},
                                              {"act-withdraw-invitation-1.toml", withdrawal}};
  for (const auto& [name, wanted] : acts) {
    const auto act = parse_act(frozen(name, [&] { return write_act(wanted); }), name);
    ASSERT_TRUE(act) << act.error().text();
    EXPECT_EQ(*act, wanted);
  }
}

/// An invitation's secret leads to the same key, and a newcomer's secrets to the same member, in every version.
TEST(FrozenFormats, WhatIsDrawnFromSecretsStays) {
  const Whole community;
  crypto::KeyArena arena;
  const InvitationSecret secret{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  const crypto::minisign::SecretKey key({1, 2, 3, 4, 5, 6, 7, 8},
                                        crypto::SigningKey(crypto::Key::copy_of(arena, std::string(32, 'k'))));
  const auto drawn = draw(key, secret, "pod.lab");
  const auto octets = frozen("drawn-1.txt", [&] {
    return invitation_key(arena, secret).public_key().str() + "\n" + drawn.member.str() + "\n" +
           base::hex(base::octets(drawn.salt)) + "\n" + base::hex(base::octets(drawn.code)) + "\n";
  });
  EXPECT_EQ(octets, invitation_key(arena, secret).public_key().str() + "\n" + drawn.member.str() + "\n" +
                        base::hex(base::octets(drawn.salt)) + "\n" + base::hex(base::octets(drawn.code)) + "\n");
}

TEST(FrozenFormats, AnExpulsionIsRead) {
  const Whole community;
  Act wanted = whole_act(community);
  wanted.kind = Act::Kind::expel;
  wanted.principal.reset();
  wanted.address_commitment.reset();
  const auto act = parse_act(frozen("act-expel-1.toml", [&] { return write_act(wanted); }), "act-expel-1.toml");
  ASSERT_TRUE(act) << act.error().text();
  EXPECT_EQ(*act, wanted);
}

TEST(FrozenFormats, TheRegistrationOfACitizenKeyIsRead) {
  const Whole community;
  Act wanted = whole_act(community);
  wanted.kind = Act::Kind::set_citizen_key;
  wanted.principal.reset();
  wanted.address_commitment.reset();
  wanted.citizen_key = community.keys[1].public_key();
  const auto act = parse_act(frozen("act-set-citizen-key-1.toml", [&] { return write_act(wanted); }), "act.toml");
  ASSERT_TRUE(act) << act.error().text();
  EXPECT_EQ(*act, wanted);
}

TEST(FrozenFormats, ResultsOfVotesAreRead) {
  VoteResult election{"pod.lab", 2, Hash{1, 2, 3}, 10, 8, 7, 6, true, true, 2, {{"ada", 5, true}, {"yes", 3, false}}};
  VoteResult question = election;
  question.seats = 0;
  question.passed = question.quorum = false;
  question.options = {{"yes", 4, false}, {"no", 2, false}};
  const std::pair<const char*, VoteResult> results[] = {{"result-election-1.toml", election},
                                                        {"result-question-1.toml", question}};
  for (const auto& [name, wanted] : results) {
    const auto result = parse_vote_result(frozen(name, [&] { return write_vote_result(wanted); }), name);
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ(*result, wanted);
  }
}

TEST(FrozenFormats, TheActOfVersion1IsRead) {
  const Whole community;
  const auto octets = frozen("act-1.toml", [&] { return write_act(whole_act(community)); });
  const auto act = parse_act(octets, "act-1.toml");
  ASSERT_TRUE(act) << act.error().text();
  EXPECT_EQ(*act, whole_act(community));
}

TEST(FrozenFormats, TheEntryOfVersion1IsReadAndStillAdmits) {
  const Whole community;
  const auto octets = frozen("entry-1.entry", [&] {
    const auto file = community.sign(whole_act(community));
    return write_entry({community.charter.issued, file.octets, file.minisigs});
  });
  const auto entry = parse_entry(octets, "entry-1.entry");
  ASSERT_TRUE(entry) << entry.error().text();
  Roster roster(community.chain());
  const auto act = roster.apply({"entry-1.entry", entry->octets, entry->minisigs}, entry->accepted_at);
  ASSERT_TRUE(act) << act.error().text();
  EXPECT_NE(roster.find(whole_act(community).member), nullptr);
}

}  // namespace
}  // namespace mailpod::governance
