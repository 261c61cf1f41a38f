#include <mailpod/members/departures.hpp>

#include <cerrno>
#include <system_error>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mailpod/message/scanner.hpp>
#include <mailpod/store/letterbox.hpp>

#include "household.hpp"
#include "member_folder.hpp"

/// Members who go, and what stays behind.
namespace mailpod::members {
namespace {

using governance::Act;
using testing::HasSubstr;
using testing::IsEmpty;

void deliver(Pod& pod, MemberId member) {
  const auto house = pod.household();
  const std::string mail = "From: a@other.example\r\n\r\nhello\r\n";
  const base::MemorySource octets(mail);
  const auto structure = message::scan(mail);
  store::Delivery delivery({house.disk, house.clock, house.entropy, house.pod_key});
  const store::Draft draft{octets, structure, "", "alice@pod.lab", house.clock.now(), "", 0, {}};
  delivery.prepare(folder_of(house, member), *find_card(house, member), draft).value();
  delivery.commit();
}

std::vector<std::string> files_of(const Pod& pod, MemberId member) {
  auto files = pod.disk->files();
  std::erase_if(files, [&](const std::string& path) { return path.find(member.str()) == std::string::npos; });
  return files;
}

struct Alice {
  explicit Alice(Pod& pod) : invitation(pod.admit("alice@pod.lab")), phone(pod.enrol(invitation).app->password) {
    deliver(pod, member());
  }
  MemberId member() const { return invitation.member; }
  Invitation invitation;
  std::string phone;
};

void leave(Pod& pod, MemberId member) {
  Departures departures(pod.household());
  ASSERT_TRUE(departures.leave(member));
  departures.destroy(member);
}

TEST(Departures, LeaveNothingButHashesThatNameNobody) {
  Pod pod;
  const Alice alice(pod);
  const auto login = pod.keys->log_in("alice", alice.phone, sasl::Scope::imap).value();
  leave(pod, alice.member());

  EXPECT_FALSE(login.stands());
  EXPECT_FALSE(pod.logs_in("alice", alice.phone));
  EXPECT_THAT(files_of(pod, alice.member()), IsEmpty());
  EXPECT_FALSE(pod.disk->status("pod/members/" + alice.member().str()));
  const auto directory = pod.directory->state();
  EXPECT_EQ(directory->find("alice"), nullptr);
  const Departure& departure = directory->departures().at(alice.member());
  EXPECT_EQ(departure.progress, Departure::Progress::gone);
  EXPECT_EQ(departure.reason, Departure::Reason::own_wish);
  EXPECT_EQ(departure.slots, 1U);
  EXPECT_EQ(departure.messages, 1U);
  EXPECT_GT(departure.octets, 0U);
  EXPECT_TRUE(departure.had(Address{"ALICE", "pod.lab"}));
  EXPECT_FALSE(departure.had(Address{"bob", "pod.lab"}));
}

/// What ends everything takes what everything hangs on.
TEST(Departures, AreNotForASecretWithLimits) {
  Pod pod;
  const auto phone = pod.enrol(pod.admit("alice@pod.lab"), {"correct horse battery", "phone"}).app->password;
  const auto now = std::chrono::floor<std::chrono::seconds>(pod.community.clock.now());
  const AppPasswordWish ending{.name = "ending", .expires = now + std::chrono::days(30)};
  const AppPasswordWish reading{.name = "reading", .scopes = static_cast<sasl::Scopes>(sasl::Scope::imap)};
  const auto outcome = [&](const std::string& secret) {
    const auto login = pod.keys->unlock("alice", secret, KeyRing::Demand::everything);
    return login ? boost::system::error_code() : login.error();
  };
  for (const auto& wish : {ending, reading}) {
    const auto limited = pod.keys->add_app_password("alice", phone, wish).value().password;
    EXPECT_EQ(outcome(limited), Errc::not_permitted) << wish.name;
    EXPECT_TRUE(pod.keys->unlock("alice", limited)) << "it reads";
  }
  EXPECT_EQ(outcome(phone), boost::system::error_code());
  EXPECT_EQ(outcome("correct horse battery"), boost::system::error_code());
}

TEST(Departures, CannotBeUndoneByWhoStillHasTheOldEntry) {
  Pod pod;
  const Alice alice(pod);
  const Person before = *pod.directory->state()->find("alice");
  leave(pod, alice.member());
  EXPECT_EQ(pod.directory->put({&before, 1}).error(), Errc::not_a_member);
  EXPECT_EQ(pod.keys->enrol({"alice@pod.lab", alice.invitation.code, {std::nullopt, "phone"}}).error(),
            Errc::not_a_member);
}

TEST(Departures, LetTheAddressesRest) {
  Pod pod;
  const Alice alice(pod);
  pod.addresses().add_alias(pod.alias(alice.member(), "ally@pod.lab")).value();
  leave(pod, alice.member());
  const auto bob = pod.admit("bob@pod.lab");
  const auto refusal = [&](const std::string& address) {
    const auto admission = pod.admission(address);
    const auto admitted = pod.admissions().admit({&admission, 1});
    return admitted ? std::string() : admitted.error().text();
  };
  EXPECT_THAT(refusal("Alice@pod.lab"), HasSubstr("was somebody's who left"));
  EXPECT_THAT(refusal("ally@pod.lab"), HasSubstr("wait until"));
  EXPECT_FALSE(pod.addresses().add_alias(pod.alias(bob.member, "alice@pod.lab")));
  pod.community.clock.advance(address_rests);
  EXPECT_EQ(refusal("alice@pod.lab"), "");
  pod.directory->close();
  pod.start();
  EXPECT_THAT(pod.directory->state()->departures(), IsEmpty()) << "nothing is kept longer";
}

TEST(Departures, LeaveNoRoleWithoutAReader) {
  Pod pod;
  const auto admission = pod.admission("alice@pod.lab");
  const auto id = governance::parse_act(admission.act.octets, "act")->member;
  pod.community.charter.addresses.roles = {{"info", false, {id}}};
  pod.found_again();
  const auto invitation = pod.admissions().admit({&admission, 1}).value().front();
  pod.enrol(invitation);
  Departures departures(pod.household());
  const auto left = departures.leave(id);
  ASSERT_FALSE(left);
  EXPECT_THAT(left.error().text(), HasSubstr("only one who gets mail for info"));
  EXPECT_NE(pod.directory->state()->find("alice"), nullptr);
}

TEST(Expulsion, IsAnActOfTheThresholdAndForGood) {
  Pod pod;
  const Alice alice(pod);
  Departures departures(pod.household());
  const auto act = pod.community.sign(pod.community.act(Act::Kind::expel, alice.member()));
  EXPECT_EQ(departures.expel(act).value(), alice.member());
  EXPECT_FALSE(pod.logs_in("alice", alice.phone));
  EXPECT_FALSE(pod.registry->gate().may_receive(alice.member(), pod.community.clock.now()));
  departures.destroy(alice.member());
  EXPECT_THAT(files_of(pod, alice.member()), IsEmpty());
  const auto& departure = pod.directory->state()->departures().at(alice.member());
  EXPECT_EQ(departure.act, governance::identity(act.octets));
  const auto back = pod.community.sign(pod.community.act(Act::Kind::reissue, alice.member()));
  EXPECT_FALSE(pod.admissions().reissue(back));
}

constexpr std::uint64_t states_a_call = 8;

/// Power is lost at every mutating call of `go`; after a restart somebody is a member with all that is theirs, or
/// nobody.
template <class Go>
void lose_power_at_every_call(Go go) {
  std::uint64_t members = 0;
  std::uint64_t gone = 0;
  bool finished = false;
  for (std::uint64_t call = 1; !finished; ++call) {
    ASSERT_LT(call, 200U);
    for (std::uint64_t seed = 0; seed < states_a_call; ++seed) {
      Pod pod;
      const Alice alice(pod);
      for (const auto* folder : {"/Maildir/new", "/Maildir/tmp", "/slots", ""})
        pod.disk->sync_directory("pod/members/" + alice.member().str() + folder);
      const auto before = files_of(pod, alice.member());
      pod.disk->crash_at_call(pod.disk->calls() + call);
      bool went = false;
      try {
        go(pod, alice.member());
        went = finished = true;
      } catch (const simulation::PowerLoss&) {
      }
      pod.crash(seed);
      const bool is_member = pod.directory->state()->find("alice") != nullptr;
      ASSERT_EQ(pod.logs_in("alice", alice.phone), is_member) << call << " " << seed;
      if (is_member) {
        ++members;
        ASSERT_FALSE(went) << "it was said to be done";
        // Its last use is noted by logging in.
        EXPECT_EQ(files_of(pod, alice.member()).size(), before.size());
        deliver(pod, alice.member());
        continue;
      }
      ++gone;
      ASSERT_THAT(files_of(pod, alice.member()), IsEmpty()) << call << " " << seed;
      ASSERT_FALSE(pod.disk->status("pod/members/" + alice.member().str()));
      EXPECT_EQ(pod.directory->state()->departures().at(alice.member()).progress, Departure::Progress::gone);
    }
  }
  EXPECT_GT(members, 0U);
  EXPECT_GT(gone, 50U);
}

TEST(CrashWhileLeaving, LeavesAMemberOrNobody) {
  lose_power_at_every_call(leave);
}

TEST(CrashDuringExpulsion, LeavesAMemberOrNobody) {
  lose_power_at_every_call([](Pod& pod, MemberId member) {
    Departures departures(pod.household());
    const auto act = pod.community.sign(pod.community.act(Act::Kind::expel, member));
    const auto expelled = departures.expel(act);
    ASSERT_TRUE(expelled) << expelled.error().text();
    departures.destroy(member);
  });
}

TEST(FailureWhileLeaving, OfOneKeepsNobodyElseOut) {
  bool finished = false;
  for (std::uint64_t call = 1; !finished; ++call) {
    ASSERT_LT(call, 200U);
    Pod pod;
    const Alice alice(pod);
    Departures departures(pod.household());
    ASSERT_TRUE(departures.leave(alice.member()));
    const auto failing = pod.disk->calls() + call;
    pod.disk->fail_call(failing, EPERM);
    Departures(pod.household()).recover();
    finished = pod.disk->calls() < failing;
    pod.disk->heal();
    EXPECT_FALSE(pod.logs_in("alice", alice.phone)) << call;
    Departures(pod.household()).recover();
    EXPECT_TRUE(files_of(pod, alice.member()).empty()) << call;
  }
}

TEST(FailureWhileLeaving, IsMadeUpForAtTheNextStart) {
  bool finished = false;
  for (std::uint64_t call = 1; !finished; ++call) {
    ASSERT_LT(call, 200U);
    Pod pod;
    const Alice alice(pod);
    const auto failing = pod.disk->calls() + call;
    pod.disk->fail_call(failing, EIO);
    try {
      leave(pod, alice.member());
    } catch (const std::system_error&) {
    }
    finished = pod.disk->calls() < failing;
    pod.disk->heal();
    pod.directory->close();
    pod.start();
    const bool is_member = pod.directory->state()->find("alice") != nullptr;
    EXPECT_EQ(pod.logs_in("alice", alice.phone), is_member) << call;
    EXPECT_EQ(files_of(pod, alice.member()).empty(), !is_member) << call;
  }
}

}  // namespace
}  // namespace mailpod::members
