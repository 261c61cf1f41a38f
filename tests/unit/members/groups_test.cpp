#include <gtest/gtest.h>

#include <algorithm>

#include "group_records.hpp"
#include "household.hpp"

/// Groups: by act alone, exactly as the act commits to them, and whole after every crash.
namespace mailpod::members {
namespace {

using governance::Act;

Group choir(Pod& pod, std::vector<MemberId> members) {
  Group group;
  group.id = pod.community.entropy.bytes<16>();
  group.salt = pod.community.entropy.bytes<32>();
  group.address = Address::parse("choir@pod.lab").value();
  group.name = "The choir";
  std::ranges::sort(members);
  group.members = std::move(members);
  group.outside = {"eve@other.example", "zoe@other.example"};
  return group;
}
GroupRequest setting(Pod& pod, const Group& group) {
  auto act = pod.community.act(Act::Kind::set_group, {});
  act.group = group.id;
  act.group_commitment = group.commitment();
  return {pod.community.sign(act), group};
}
governance::SignedFile removal(Pod& pod, const GroupId& id) {
  auto act = pod.community.act(Act::Kind::remove_group, {});
  act.group = id;
  return pod.community.sign(act);
}

TEST(GroupRecord, HasNoOtherOctetsThanItsWriterMakes) {
  Pod pod;
  const Group group = choir(pod, {pod.community.newcomer(), pod.community.newcomer()});
  const auto octets = write_group(group);
  EXPECT_EQ(parse_group(octets), group);
  EXPECT_FALSE(parse_group(octets + "x"));
  for (std::size_t i = 0; i < octets.size(); ++i) EXPECT_NE(parse_group(octets.substr(0, i)), group) << i;
  const auto refuses = [&](const std::function<void(Group&)>& change) {
    Group changed = group;
    change(changed);
    return !parse_group(write_group(changed)).has_value();
  };
  EXPECT_TRUE(refuses([](Group& g) { std::swap(g.members[0], g.members[1]); }));
  EXPECT_TRUE(refuses([](Group& g) { g.members[1] = g.members[0]; }));
  EXPECT_TRUE(refuses([](Group& g) { std::swap(g.outside[0], g.outside[1]); }));
  EXPECT_TRUE(refuses([](Group& g) { g.outside[0] = "no address"; }));
  EXPECT_TRUE(refuses([](Group& g) { g.outside[0] = "eve@OTHER.example"; }));
  EXPECT_TRUE(refuses([](Group& g) { g.name = std::string(65, 'x'); }));
  EXPECT_TRUE(refuses([](Group& g) { g.name = "two\r\nlines"; }));
  EXPECT_TRUE(refuses([](Group& g) { g.posting = static_cast<Group::Posting>(4); }));
}

TEST(GroupRecord, CommitsToAllThatItSays) {
  Pod pod;
  const Group group = choir(pod, {pod.community.newcomer()});
  std::vector<Group> others(7, group);
  others[0].salt[0] ^= 1U;
  others[1].id[0] ^= 1U;
  others[2].address.local_part = "choir2";
  others[3].name = "";
  others[4].posting = Group::Posting::anyone;
  others[5].members.clear();
  others[6].outside.pop_back();
  for (const auto& other : others) EXPECT_NE(other.commitment(), group.commitment());
}

TEST(GroupRecord, OfTheLargestGroupFitsIntoTheJournal) {
  Pod pod;
  std::vector<MemberId> members;
  for (std::size_t i = 0; i < Group::most_members; ++i) members.push_back(pod.community.newcomer());
  Group group = choir(pod, members);
  group.outside.clear();
  for (std::size_t i = 0; i < Group::most_outside; ++i) {
    const std::string label(61, static_cast<char>('a' + i % 26));
    group.outside.push_back(std::to_string(1000 + i) + std::string(60, 'x') + "@" + label + "." + label + "." + label +
                            ".lab");
  }
  ASSERT_TRUE(parse_group(write_group(group)));
  const auto done = pod.directory->propose_group(group);
  ASSERT_TRUE(done);
}

TEST(Groups, AreAsTheActSaysUntilTheNextOne) {
  Pod pod;
  const auto alice = pod.admit("alice@pod.lab").member;
  Group group = choir(pod, {alice});
  const auto set = pod.addresses().set_group(setting(pod, group));
  ASSERT_TRUE(set) << set.error().text();
  pod.start();
  ASSERT_NE(pod.directory->state()->find_group("CHOIR@pod.lab"), nullptr);
  EXPECT_EQ(*pod.directory->state()->find_group("choir"), group);
  EXPECT_EQ(pod.directory->state()->find("choir"), nullptr) << "a group is nobody";

  group.outside.clear();
  group.salt = pod.community.entropy.bytes<32>();
  ASSERT_TRUE(pod.addresses().set_group(setting(pod, group)));
  pod.start();
  EXPECT_EQ(*pod.directory->state()->find_group(group.id), group);

  const auto removed = pod.addresses().remove_group(removal(pod, group.id));
  ASSERT_TRUE(removed) << removed.error().text();
  EXPECT_EQ(removed->str(), "choir@pod.lab");
  pod.start();
  EXPECT_EQ(pod.directory->state()->find_group("choir"), nullptr);
  EXPECT_FALSE(pod.addresses().remove_group(removal(pod, group.id)));
  EXPECT_TRUE(pod.addresses().add_alias(pod.alias(alice, "choir@pod.lab"))) << "the address is free";
}

TEST(Groups, AreRefusedWithoutTheirAct) {
  Pod pod;
  const auto alice = pod.admit("alice@pod.lab").member;
  const Group group = choir(pod, {alice});
  const auto before = pod.registry->tally();
  auto other = setting(pod, group);
  other.group.outside.emplace_back("zz@other.example");
  EXPECT_FALSE(pod.addresses().set_group(other)) << "one more than was signed";
  auto by_nobody = setting(pod, group);
  by_nobody.act.minisigs.clear();
  EXPECT_FALSE(pod.addresses().set_group(by_nobody));
  EXPECT_FALSE(pod.addresses().set_group({removal(pod, group.id), group}));
  EXPECT_EQ(pod.registry->tally(), before);
  EXPECT_EQ(pod.directory->state()->find_group("choir"), nullptr);
}

TEST(Groups, AreRefusedWhereTheyCannotBe) {
  Pod pod;
  const auto alice = pod.admit("alice@pod.lab").member;
  const Group good = choir(pod, {alice});
  const auto refuses = [&](const std::function<void(Group&)>& change) {
    Group group = good;
    change(group);
    return !pod.addresses().set_group(setting(pod, group)).has_value();
  };
  const auto at = [](const char* address) {
    return [address](Group& group) { group.address = Address::parse(address).value(); };
  };
  EXPECT_TRUE(refuses(at("alice@pod.lab")));
  EXPECT_TRUE(refuses(at("abuse@pod.lab")));
  EXPECT_TRUE(refuses(at("choir@second.lab")));
  EXPECT_TRUE(refuses([&](Group& group) { group.members = {pod.community.newcomer()}; }));
  EXPECT_TRUE(refuses([](Group& group) { group.outside = {"alice@pod.lab"}; }));
  EXPECT_TRUE(refuses([](Group& group) { group.outside = {"z@x.lab", "a@x.lab"}; }));
  EXPECT_EQ(pod.registry->tally().count, 1U);
  ASSERT_TRUE(pod.addresses().set_group(setting(pod, good)));
  EXPECT_TRUE(refuses([&](Group& group) { group.id = pod.community.entropy.bytes<16>(); })) << "the address is taken";
  EXPECT_TRUE(refuses(at("orchestra@pod.lab"))) << "the address stays";
  EXPECT_FALSE(pod.addresses().add_alias(pod.alias(alice, "choir@pod.lab")));
}

TEST(CrashWhileSettingAGroup, LeavesWhatTheRecordSays) {
  for (const bool there_before : {false, true}) {
    bool finished = false;
    for (std::uint64_t call = 1; !finished; ++call) {
      for (std::uint64_t seed = 0; seed < 4; ++seed) {
        Pod pod;
        const auto alice = pod.admit("alice@pod.lab").member;
        const Group before = choir(pod, {alice});
        if (there_before) pod.addresses().set_group(setting(pod, before)).value();
        Group group = before;
        group.posting = Group::Posting::anyone;
        const auto request = setting(pod, group);
        pod.disk->crash_at_call(pod.disk->calls() + call);
        bool answered = false;
        try {
          answered = pod.addresses().set_group(request).has_value();
          finished = answered;
        } catch (const simulation::PowerLoss&) {
        }
        pod.crash(seed);
        const auto roster = pod.registry->gate().roster();
        const auto found = roster->groups().find(group.id);
        const bool decided = found != roster->groups().end() && found->second == group.commitment();
        if (answered) ASSERT_TRUE(decided);
        const auto state = pod.directory->state();
        EXPECT_TRUE(state->proposals().empty());
        const Group* there = state->find_group("choir");
        ASSERT_EQ(there != nullptr, decided || there_before);
        if (there != nullptr) ASSERT_EQ(*there, decided ? group : before);
        if (there == nullptr) EXPECT_FALSE(state->is_taken(group.address));
      }
    }
  }
}

TEST(CrashWhileRemovingAGroup, LeavesWhatTheRecordSays) {
  bool finished = false;
  for (std::uint64_t call = 1; !finished; ++call) {
    Pod pod;
    const Group group = choir(pod, {pod.admit("alice@pod.lab").member});
    pod.addresses().set_group(setting(pod, group)).value();
    const auto act = removal(pod, group.id);
    pod.disk->crash_at_call(pod.disk->calls() + call);
    try {
      finished = pod.addresses().remove_group(act).has_value();
    } catch (const simulation::PowerLoss&) {
    }
    pod.crash(call);
    const bool stands = pod.registry->gate().roster()->groups().contains(group.id);
    ASSERT_EQ(pod.directory->state()->find_group("choir") != nullptr, stands);
    if (finished) ASSERT_FALSE(stands);
  }
}

}  // namespace
}  // namespace mailpod::members
