#include <mailpod/members/addresses.hpp>

#include <gtest/gtest.h>

#include "household.hpp"

/// Aliases and domains: by act alone, and whole after every crash.
namespace mailpod::members {
namespace {

constexpr std::uint64_t states_a_call = 4;

governance::SignedFile domain_act(Pod& pod, governance::Act::Kind kind, const std::string& domain) {
  auto act = pod.community.act(kind, {});
  act.domain = domain;
  return pod.community.sign(act);
}
governance::SignedFile domain_addition(Pod& pod, const std::string& domain) {
  return domain_act(pod, governance::Act::Kind::add_domain, domain);
}

TEST(Aliases, ReachTheirMemberAndLogInFromTheActOn) {
  Pod pod;
  const auto invitation = pod.admit("alice@pod.lab");
  const auto password = pod.enrol(invitation).app->password;
  const auto added = pod.addresses().add_alias(pod.alias(invitation.member, "Ally@pod.lab"));
  ASSERT_TRUE(added) << added.error().text();
  EXPECT_EQ(added->address.str(), "Ally@pod.lab");
  for (int start = 0; start < 2; ++start) {
    EXPECT_EQ(pod.directory->state()->find("ALLY@pod.lab")->id, invitation.member);
    EXPECT_TRUE(pod.logs_in("ally", password));
    EXPECT_TRUE(pod.logs_in("alice", password));
    pod.start();
  }
}

TEST(Aliases, AreRefusedWhereTheAddressCannotBeHad) {
  Pod pod;
  const auto alice = pod.admit("alice@pod.lab").member;
  const auto bob = pod.admit("bob@pod.lab").member;
  ASSERT_TRUE(pod.addresses().add_alias(pod.alias(alice, "ally@pod.lab")));
  for (const auto* taken : {"bob@pod.lab", "ally@pod.lab", "ALICE@pod.lab", "ally@second.lab", "abuse@pod.lab", "ally"})
    EXPECT_FALSE(pod.addresses().add_alias(pod.alias(bob, taken))) << taken;
  EXPECT_EQ(pod.registry->tally().count, 3U) << "nothing refused is in the record";

  auto other = pod.alias(bob, "bobby@pod.lab");
  other.address = "robert@pod.lab";
  EXPECT_FALSE(pod.addresses().add_alias(other)) << "the act commits to another address";
  auto by_nobody = pod.alias(bob, "bobby@pod.lab");
  by_nobody.act.minisigs.clear();
  EXPECT_FALSE(pod.addresses().add_alias(by_nobody));
  EXPECT_FALSE(pod.addresses().add_alias(pod.alias(pod.community.newcomer(), "bobby@pod.lab")));
  EXPECT_EQ(pod.directory->state()->find("bobby@pod.lab"), nullptr);
}

TEST(Aliases, AreSixtyThreeAtMost) {
  Pod pod;
  const auto alice = pod.admit("alice@pod.lab").member;
  for (int i = 0; i < 63; ++i)
    ASSERT_TRUE(pod.addresses().add_alias(pod.alias(alice, "a" + std::to_string(i) + "@pod.lab"))) << i;
  EXPECT_FALSE(pod.addresses().add_alias(pod.alias(alice, "more@pod.lab")));
  pod.start();
  EXPECT_EQ(pod.directory->state()->find(alice)->aliases.size(), 63U);
}

TEST(Aliases, AreFreeOnceRemoved) {
  Pod pod;
  const auto alice = pod.admit("alice@pod.lab").member;
  const auto bob = pod.admit("bob@pod.lab").member;
  const auto added = pod.alias(alice, "ally@pod.lab");
  ASSERT_TRUE(pod.addresses().add_alias(added));
  EXPECT_FALSE(pod.addresses().remove_alias(pod.alias_removal(bob, added)));
  const auto removed = pod.addresses().remove_alias(pod.alias_removal(alice, added));
  ASSERT_TRUE(removed) << removed.error().text();
  EXPECT_EQ(pod.directory->state()->find("ally@pod.lab"), nullptr);
  EXPECT_FALSE(pod.addresses().remove_alias(pod.alias_removal(alice, added)));
  EXPECT_TRUE(pod.addresses().add_alias(pod.alias(bob, "ally@pod.lab")));
}

/// Does `change` with power lost at each of its mutating calls; `judge` then sees what the next start made of it, and
/// whether the change was answered.
template <class Prepare, class Change, class Judge>
void crash_at_every_call(const Prepare& prepare, const Change& change, const Judge& judge) {
  bool finished = false;
  for (std::uint64_t call = 1; !finished; ++call) {
    for (std::uint64_t seed = 0; seed < states_a_call; ++seed) {
      Pod pod;
      auto prepared = prepare(pod);
      pod.disk->crash_at_call(pod.disk->calls() + call);
      bool answered = false;
      try {
        answered = change(pod, prepared).has_value();
        finished = answered;
      } catch (const simulation::PowerLoss&) {
      }
      pod.crash(seed);
      judge(pod, prepared, answered);
    }
  }
}

struct Prepared {
  MemberId alice;
  AliasRequest alias;
};
Prepared with_alice(Pod& pod) {
  const auto alice = pod.admit("alice@pod.lab").member;
  return {alice, pod.alias(alice, "ally@pod.lab")};
}

bool is_decided(Pod& pod, const Prepared& prepared) {
  const auto* standing = pod.registry->gate().roster()->find(prepared.alice);
  return standing->aliases.contains(governance::address_commitment(prepared.alias.salt, prepared.alias.address));
}

TEST(CrashWhileAddingAnAlias, LeavesWhatTheRecordSays) {
  crash_at_every_call(
      with_alice, [](Pod& pod, const Prepared& prepared) { return pod.addresses().add_alias(prepared.alias); },
      [](Pod& pod, const Prepared& prepared, bool answered) {
        const bool decided = is_decided(pod, prepared);
        ASSERT_EQ(pod.directory->state()->find("ally@pod.lab") != nullptr, decided);
        if (answered) ASSERT_TRUE(decided);
        if (!decided) EXPECT_TRUE(pod.addresses().add_alias(pod.alias(prepared.alice, "ally@pod.lab"))) << "it is free";
      });
}

TEST(CrashWhileRemovingAnAlias, LeavesWhatTheRecordSays) {
  const auto prepare = [](Pod& pod) {
    auto prepared = with_alice(pod);
    pod.addresses().add_alias(prepared.alias).value();
    return prepared;
  };
  crash_at_every_call(
      prepare,
      [](Pod& pod, const Prepared& prepared) {
        return pod.addresses().remove_alias(pod.alias_removal(prepared.alice, prepared.alias));
      },
      [](Pod& pod, const Prepared& prepared, bool answered) {
        const bool decided = is_decided(pod, prepared);
        ASSERT_EQ(pod.directory->state()->find("ally@pod.lab") != nullptr, decided);
        if (answered) ASSERT_FALSE(decided);
      });
}

TEST(FailureWhileAddingAnAlias, LeavesItToTheNextStartAtTheLatest) {
  bool finished = false;
  for (std::uint64_t call = 1; !finished; ++call) {
    Pod pod;
    const auto prepared = with_alice(pod);
    pod.disk->fail_call(pod.disk->calls() + call, ENOSPC);
    try {
      finished = pod.addresses().add_alias(prepared.alias).has_value();
    } catch (const std::system_error&) {
    }
    pod.disk->heal();
    pod.start();
    ASSERT_EQ(pod.directory->state()->find("ally@pod.lab") != nullptr, is_decided(pod, prepared)) << "call " << call;
  }
}

TEST(Domains, ComeAndGoByAct) {
  Pod pod;
  const auto alice = pod.admit("alice@pod.lab").member;
  EXPECT_FALSE(pod.addresses().add_alias(pod.alias(alice, "alice@second.lab")));
  const auto added = pod.addresses().add_domain(domain_addition(pod, "second.lab"));
  ASSERT_TRUE(added) << added.error().text();
  pod.start();
  EXPECT_TRUE(pod.directory->state()->serves("Second.LAB"));
  EXPECT_EQ(pod.directory->state()->domains().front(), "pod.lab");
  EXPECT_FALSE(pod.addresses().add_domain(domain_addition(pod, "second.lab")));

  const auto alias = pod.alias(alice, "alice@second.lab");
  ASSERT_TRUE(pod.addresses().add_alias(alias));
  const auto removal = [&](const std::string& domain) {
    return pod.addresses().remove_domain(domain_act(pod, governance::Act::Kind::remove_domain, domain));
  };
  EXPECT_FALSE(removal("second.lab")) << "alice has an address there";
  EXPECT_FALSE(removal("pod.lab"));
  EXPECT_FALSE(removal("third.lab"));
  ASSERT_TRUE(pod.addresses().remove_alias(pod.alias_removal(alice, alias)));
  EXPECT_TRUE(removal("second.lab"));
  pod.start();
  EXPECT_FALSE(pod.directory->state()->serves("second.lab"));
  EXPECT_TRUE(pod.addresses().add_domain(domain_addition(pod, "second.lab")));
}

TEST(Domains, TakeAnActOfTheirOwnKind) {
  Pod pod;
  EXPECT_FALSE(pod.addresses().add_domain(pod.admission("x@pod.lab").act));
  EXPECT_FALSE(pod.addresses().remove_domain(domain_addition(pod, "second.lab")));
  auto unsigned_act = domain_addition(pod, "second.lab");
  unsigned_act.minisigs.clear();
  EXPECT_FALSE(pod.addresses().add_domain(unsigned_act));
  EXPECT_EQ(pod.registry->tally().count, 0U);
}

bool stands(Pod& pod) {
  const auto roster = pod.registry->gate().roster();
  const auto found = roster->domains().find("second.lab");
  return found != roster->domains().end() && found->second;
}

TEST(CrashWhileAddingADomain, LeavesWhatTheRecordSays) {
  crash_at_every_call([](Pod& pod) { return domain_addition(pod, "second.lab"); },
                      [](Pod& pod, const governance::SignedFile& act) { return pod.addresses().add_domain(act); },
                      [](Pod& pod, const governance::SignedFile&, bool answered) {
                        ASSERT_EQ(pod.directory->state()->serves("second.lab"), stands(pod));
                        if (answered) ASSERT_TRUE(stands(pod));
                      });
}

TEST(CrashWhileRemovingADomain, LeavesWhatTheRecordSays) {
  crash_at_every_call(
      [](Pod& pod) {
        pod.addresses().add_domain(domain_addition(pod, "second.lab")).value();
        return domain_act(pod, governance::Act::Kind::remove_domain, "second.lab");
      },
      [](Pod& pod, const governance::SignedFile& act) { return pod.addresses().remove_domain(act); },
      [](Pod& pod, const governance::SignedFile&, bool answered) {
        ASSERT_EQ(pod.directory->state()->serves("second.lab"), stands(pod));
        if (answered) ASSERT_FALSE(stands(pod));
      });
}

}  // namespace
}  // namespace mailpod::members
