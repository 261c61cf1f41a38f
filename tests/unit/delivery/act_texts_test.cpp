#include <mailpod/delivery/act_texts.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mailpod/crypto/digest.hpp>

#include "pod_world.hpp"
#include "simulation/frozen.hpp"

/// Texts that acts commit to, in the vaults of those concerned: each once, whatever dies in between.
namespace mailpod::delivery {
namespace {

using governance::Act;
using governance::ActText;
using std::chrono::days;
using testing::HasSubstr;

/// A pod that runs on a disk, as far as texts go.
struct Office {
  Office(PodWorld& its_world, base::Disk& disk)
      : world(its_world),
        registry(world.open_registry(disk)),
        directory(world.open_directory(disk)),
        house{disk,
              world.community.clock,
              world.community.entropy,
              base::silent_log(),
              world.community.arena,
              "/pod/members",
              world.pod_key,
              *directory,
              *registry,
              {}},
        texts(house, "/pod/texts") {}

  PodWorld& world;
  std::unique_ptr<governance::Registry> registry;
  std::unique_ptr<members::Directory> directory;
  members::Household house;
  ActTexts texts;
};

std::size_t copies_in(PodWorld& world, base::Disk& disk, const std::string& name) {
  return world.inbox(disk, name).size();
}

class ActTextsTest : public testing::Test {
protected:
  ActTextsTest() {
    world.name_maintainer("bob");
    world.found(disk, {"alice", "bob", "carl"});
  }
  ActText words(std::vector<MemberId> parties = {}) {
    std::ranges::sort(parties);
    return {"Gärten", "It opens in May.\n", std::move(parties), world.community.entropy.bytes<32>()};
  }
  Act act(Act::Kind kind, const ActText& text, std::optional<governance::DisputeId> dispute = {}) {
    Act out = world.community.act(kind, {});
    out.text_commitment = crypto::sha256(governance::write_act_text(text));
    out.dispute = dispute;
    if (kind == Act::Kind::dispute_open) out.until = out.issued + days(14);
    if (kind == Act::Kind::dispute_close) out.outcome = governance::DisputeOutcome::settled;
    return out;
  }
  /// As the desk does it.
  std::size_t carry_out(Office& office, const Act& act, const ActText& text) {
    const auto file = world.community.sign(act);
    office.texts.keep(governance::identity(file.octets), governance::write_act_text(text), act.expires);
    office.registry->record(std::vector{file}, world.community.clock.now()).value();
    return office.texts.deliver().size();
  }
  std::size_t copies(base::Disk& where, const std::string& name) { return world.inbox(where, name).size(); }
  std::size_t kept(base::Disk& where) { return where.status("/pod/texts") ? where.list("/pod/texts").size() : 0; }

  simulation::Disk disk;
  PodWorld world;
};

TEST_F(ActTextsTest, AnAnnouncementIsInEveryVaultAndProvesItself) {
  Office office(world, disk);
  const auto text = words();
  EXPECT_EQ(carry_out(office, act(Act::Kind::announce, text), text), 3U);
  for (const auto* name : {"alice", "bob", "carl"}) {
    const auto mail = world.inbox(disk, name);
    ASSERT_EQ(mail.size(), 1U);
    EXPECT_THAT(mail[0], HasSubstr("Subject: =?"));
    EXPECT_THAT(mail[0], HasSubstr("Mailpod-Act: "));
    auto body = mail[0].substr(mail[0].find("\r\n\r\n") + 4);
    std::erase(body, '\r');
    EXPECT_EQ(body, governance::write_act_text(text)) << "the octets that the act commits to";
  }
  EXPECT_EQ(kept(disk), 0U);
  EXPECT_TRUE(office.texts.deliver().empty());
}

TEST_F(ActTextsTest, ADisputesTextsGoToThoseConcernedAndTheMaintainers) {
  Office office(world, disk);
  const governance::DisputeId id{4};
  const auto opening = words({world.id_of("alice")});
  EXPECT_EQ(carry_out(office, act(Act::Kind::dispute_open, opening, id), opening), 2U) << "alice, and bob";
  EXPECT_EQ(copies(disk, "carl"), 0U);
  const auto answer = words();
  EXPECT_EQ(carry_out(office, act(Act::Kind::dispute_answer, answer, id), answer), 2U) << "the same ones";
  const auto decision = words();
  EXPECT_EQ(carry_out(office, act(Act::Kind::dispute_close, decision, id), decision), 2U);
  EXPECT_EQ(copies(disk, "alice"), 3U);
  EXPECT_EQ(kept(disk), 0U) << "who is concerned is forgotten";
}

TEST_F(ActTextsTest, WhatCouldNotBeDeliveredAtOnceComesInTheOrderOfTheRecord) {
  Office office(world, disk);
  std::size_t wanted = 0;
  for (std::uint8_t i = 1; i <= 6; ++i) {
    const governance::DisputeId id{i};
    const std::pair<Act::Kind, ActText> kinds[] = {std::pair(Act::Kind::dispute_open, words({world.id_of("alice")})),
                                                   std::pair(Act::Kind::dispute_answer, words()),
                                                   std::pair(Act::Kind::dispute_close, words())};
    for (const auto& [kind, text] : kinds) {
      const auto of_this = act(kind, text, id);
      const auto file = world.community.sign(of_this);
      office.texts.keep(governance::identity(file.octets), governance::write_act_text(text), of_this.expires);
      office.registry->record(std::vector{file}, world.community.clock.now()).value();
      world.community.clock.advance(std::chrono::seconds(1));
      ++wanted;
    }
  }
  office.texts.deliver();
  EXPECT_EQ(copies(disk, "alice"), wanted) << "the party has every text";
  EXPECT_EQ(copies(disk, "bob"), wanted);
  EXPECT_EQ(kept(disk), 0U);
}

TEST_F(ActTextsTest, WhatIsNotInForceIsToldNobodyAndForgottenInTime) {
  Office office(world, disk);
  const auto text = words();
  const auto file = world.community.sign(act(Act::Kind::announce, text));
  const auto id = governance::identity(file.octets);
  office.texts.keep(id, governance::write_act_text(text), world.community.clock.now() + days(7));
  EXPECT_TRUE(office.texts.deliver().empty());
  EXPECT_EQ(office.texts.find(id), governance::write_act_text(text));
  const auto path = "/pod/texts/" + base::hex(base::octets(id));
  EXPECT_EQ(base::read_file(disk, path, 100'000).find("It opens"), std::string::npos) << "sealed";
  world.community.clock.advance(days(7));
  office.texts.deliver();
  EXPECT_EQ(office.texts.find(id), std::nullopt);
}

TEST_F(ActTextsTest, ATextThatAnEarlierVersionKeptIsRead) {
  Office office(world, disk);
  const governance::Hash id{1, 2, 3};
  const auto path = "/pod/texts/" + base::hex(base::octets(id));
  const ActText text{"The garden", "It opens.\n", {}, {7}};
  const auto octets = simulation::frozen("act-text-1.sealed", [&] {
    office.texts.keep(id, governance::write_act_text(text), base::from_seconds(1'800'000'000));
    return base::read_file(disk, path, 100'000);
  });
  disk.make_directory("/pod/texts");
  base::replace_file(disk, path, octets);
  EXPECT_EQ(office.texts.find(id), governance::write_act_text(text));
}

TEST_F(ActTextsTest, AnotherTextThanTheActsIsToldNobody) {
  Office office(world, disk);
  EXPECT_EQ(carry_out(office, act(Act::Kind::announce, words()), words()), 0U);
  EXPECT_EQ(copies(disk, "alice"), 0U);
}

TEST_F(ActTextsTest, WhoReadItAndThrewItAwayDoesNotGetItAgain) {
  const auto text = words();
  const auto file = world.community.sign(act(Act::Kind::announce, text));
  const auto id = governance::identity(file.octets);
  Office office(world, disk);
  office.registry->record(std::vector{file}, world.community.clock.now()).value();
  for (int i = 0; i < 2; ++i) {
    office.texts.keep(id, governance::write_act_text(text), world.community.clock.now() + days(7));
    office.texts.deliver();
    const auto vault = world.open_vault(disk, "alice");
    while (vault->merge()) {
    }
    const auto inbox = vault->state()->find("INBOX");
    EXPECT_EQ(inbox->count, i == 0 ? 1U : 0U);
    if (i == 0) {
      const std::vector uids{inbox->at(store::SeqNum{1}).uid};
      vault->expunge(inbox->id, uids, store::Vault::Expunge::all).value();
    }
    vault->close();
  }
}

TEST_F(ActTextsTest, WhateverDiesMeanwhileEverybodyHasItOnceOrItWasNeverInForce) {
  bool finished = false;
  std::uint64_t calls = 0;
  for (std::uint64_t call = 1; !finished; ++call) {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      simulation::Disk machine;
      PodWorld small;
      small.found(machine, {"alice", "bob"});
      const ActText text{"News", "It opens in May.\n", {}, {9}};
      Act announcement = small.community.act(Act::Kind::announce, {});
      announcement.text_commitment = crypto::sha256(governance::write_act_text(text));
      const auto file = small.community.sign(announcement);
      bool recorded = false;
      {
        Office office(small, machine);
        machine.crash_at_call(machine.calls() + call);
        try {
          office.texts.keep(governance::identity(file.octets), governance::write_act_text(text), announcement.expires);
          office.registry->record(std::vector{file}, small.community.clock.now()).value();
          recorded = true;
          office.texts.deliver();
          finished = true;
        } catch (const simulation::PowerLoss&) {
        }
      }
      const auto after = machine.crash(seed);
      store::complete_intents(*after, "/pod/members", base::silent_log());
      Office again(small, *after);
      again.texts.deliver();
      const auto in_force = !again.registry->gate().roster()->texts().empty();
      if (recorded) EXPECT_TRUE(in_force);
      for (const auto* name : {"alice", "bob"}) EXPECT_EQ(copies_in(small, *after, name), in_force ? 1U : 0U) << call;
      again.texts.deliver();
      for (const auto* name : {"alice", "bob"}) EXPECT_EQ(copies_in(small, *after, name), in_force ? 1U : 0U) << call;
      calls = call;
    }
  }
  EXPECT_GT(calls, 15U);
}

}  // namespace
}  // namespace mailpod::delivery
