#include <mailpod/members/enrolment.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include <mailpod/store/letterbox.hpp>

#include "household.hpp"
#include "member_folder.hpp"

namespace mailpod::members {
namespace {

using Progress = Person::Progress;

TEST(Admission, MakesAMemberWhoCanGetMailAndACodeForThem) {
  Pod pod;
  const auto invitation = pod.admit("alice@pod.lab");
  const auto* alice = pod.directory->state()->find("alice");
  ASSERT_NE(alice, nullptr);
  EXPECT_EQ(alice->id, invitation.member);
  EXPECT_EQ(alice->progress, Progress::invited);
  EXPECT_TRUE(pod.registry->gate().may_receive(alice->id, pod.community.clock.now()));
  EXPECT_TRUE(find_card(pod.household(), alice->id));
  EXPECT_EQ(pod.directory->state()->tally(), pod.registry->tally());
}

TEST(Admission, RefusesAnActForAnotherAddress) {
  Pod pod;
  auto admission = pod.admission("alice@pod.lab");
  admission.address = "mallory@pod.lab";
  EXPECT_FALSE(pod.admissions().admit({&admission, 1}));
  EXPECT_TRUE(pod.directory->state()->people().empty());
  EXPECT_EQ(pod.registry->tally().count, 0u);
}

TEST(Admission, GivesAnAddressOnce) {
  Pod pod;
  pod.admit("alice@pod.lab");
  const auto again = pod.admission("ALICE@pod.lab");
  EXPECT_FALSE(pod.admissions().admit({&again, 1}));
  const std::vector twins = {pod.admission("bob@pod.lab"), pod.admission("Bob@pod.lab")};
  EXPECT_FALSE(pod.admissions().admit(twins));
  const auto foreign = pod.admission("carol@elsewhere.lab");
  EXPECT_FALSE(pod.admissions().admit({&foreign, 1}));
  EXPECT_EQ(pod.registry->tally().count, 1u);
}

TEST(Admission, TakesManyAtOnce) {
  Pod pod;
  std::vector<Admission> admissions;
  for (int i = 0; i < 40; ++i) admissions.push_back(pod.admission("u" + std::to_string(i) + "@pod.lab"));
  const auto invitations = pod.admissions().admit(admissions).value();
  ASSERT_EQ(invitations.size(), 40u);
  std::vector<EnrolmentRequest> requests;
  for (const auto& invitation : invitations) {
    requests.push_back({invitation.address, invitation.code, {std::nullopt, "load test"}});
  }
  const auto enrolled = pod.keys->enrol_all(requests);
  for (std::size_t i = 0; i < 40; ++i) {
    ASSERT_TRUE(enrolled[i]);
    EXPECT_TRUE(pod.logs_in(invitations[i].address, enrolled[i]->app->password));
  }
}

TEST(Enrolment, MakesKeysThatOpenAndTheCodeWorthNothing) {
  Pod pod;
  const auto invitation = pod.admit("alice@pod.lab");
  const auto before = find_card(pod.household(), invitation.member);
  const auto enrolled = pod.enrol(invitation, {"a long password", "phone"});
  EXPECT_TRUE(pod.logs_in("alice", enrolled.app->password));
  EXPECT_TRUE(pod.logs_in("Alice@POD.lab", "a long password"));
  EXPECT_FALSE(pod.logs_in("alice", "another password"));
  EXPECT_NE(find_card(pod.household(), invitation.member)->drop_recipient, before->drop_recipient);
  EXPECT_EQ(pod.directory->state()->find("alice")->progress, Progress::enrolled);
  EXPECT_EQ(pod.keys->enrol({invitation.address, invitation.code, {std::nullopt, "x"}}).error(),
            Errc::already_enrolled);
  for (const auto& slot : slots_of(pod.household(), invitation.member).list(invitation.member).slots) {
    EXPECT_NE(slot.label.type, SlotType::enrolment);
  }
}

TEST(Enrolment, IsDoneAnewByTheSameCodeUntilTheNewcomerWasTold) {
  Pod pod;
  const auto alice = pod.admit("alice@pod.lab");
  const auto bob = pod.admit("bob@pod.lab");
  const EnrolmentRequest request{alice.address, alice.code, {std::nullopt, "phone"}};
  const auto untold = pod.keys->enrol(request).value();
  const auto drop_recipient = find_card(pod.household(), alice.member)->drop_recipient;
  // The answer never arrived.
  const std::vector<EnrolmentRequest> others = {
      {alice.address, bob.code, {}}, {bob.address, bob.code, {}}, {"carol@pod.lab", alice.code, {}}};
  pod.keys->forget_codes(others);
  const auto told = pod.keys->enrol(request).value();
  EXPECT_EQ(find_card(pod.household(), alice.member)->drop_recipient, drop_recipient) << "mail may be sealed to it";
  pod.keys->forget_codes({&request, 1});
  EXPECT_EQ(pod.keys->enrol(request).error(), Errc::already_enrolled);
  EXPECT_FALSE(pod.logs_in("alice", untold.app->password));
  EXPECT_TRUE(pod.logs_in("alice", told.app->password));
  EXPECT_TRUE(pod.logs_in("bob", pod.enrol(bob).app->password)) << "who had not enrolled";
}

TEST(Enrolment, RefusesWhatIsNotTheCode) {
  Pod pod;
  const auto alice = pod.admit("alice@pod.lab");
  const auto bob = pod.admit("bob@pod.lab");
  const EnrolmentChoice choice{std::nullopt, "phone"};
  EXPECT_EQ(pod.keys->enrol({"alice@pod.lab", bob.code, choice}).error(), Errc::wrong_secret);
  EXPECT_EQ(pod.keys->enrol({"carol@pod.lab", alice.code, choice}).error(), Errc::not_a_member);
  std::string mistyped = alice.code;
  mistyped[0] = mistyped[0] == 'A' ? 'B' : 'A';
  EXPECT_EQ(pod.keys->enrol({"alice@pod.lab", mistyped, choice}).error(), Errc::mistyped_secret);
  EXPECT_EQ(pod.keys->enrol({"alice@pod.lab", alice.code, {}}).error(), Errc::nothing_chosen);
  EXPECT_EQ(pod.keys->enrol({"alice@pod.lab", alice.code, {"short", {}}}).error(), Errc::weak_password);
  EXPECT_EQ(pod.keys->enrol({"alice@pod.lab", alice.code, {{}, "two\nlines"}}).error(), Errc::bad_name);
  EXPECT_TRUE(pod.keys->enrol({"alice@pod.lab", alice.code, choice}));
}

TEST(Enrolment, TwiceByOneCodeAtTheSameTimeAnswersOnce) {
  Pod pod;
  const auto alice = pod.admit("alice@pod.lab");
  const EnrolmentRequest request{alice.address, alice.code, {std::nullopt, "phone"}};
  const std::vector<EnrolmentRequest> requests(20, request);
  const auto answers = pod.keys->enrol_all(requests);
  EXPECT_EQ(std::ranges::count_if(answers, [](const auto& answer) { return answer.has_value(); }), 1);
  for (const auto& answer : answers) {
    if (answer) {
      EXPECT_TRUE(pod.logs_in("alice", answer->app->password));
    } else {
      EXPECT_EQ(answer.error(), Errc::busy);
    }
  }
}

TEST(Enrolment, ALostCodeIsIssuedAnewUntilThenOnly) {
  Pod pod;
  const auto lost = pod.admit("alice@pod.lab");
  const auto act = pod.community.sign(pod.community.act(governance::Act::Kind::reissue, lost.member));
  const auto again = pod.admissions().reissue(act).value();
  EXPECT_EQ(pod.keys->enrol({lost.address, lost.code, {{}, "phone"}}).error(), Errc::wrong_secret);
  pod.enrol(again);
  const auto late = pod.community.sign(pod.community.act(governance::Act::Kind::reissue, lost.member));
  EXPECT_EQ(pod.admissions().reissue(late).error().code, governance::Errc::already_enrolled);
}

TEST(AppPasswords, AreMadeAndRevokedByTheirMemberOnly) {
  Pod pod;
  const auto phone = *pod.enrol(pod.admit("alice@pod.lab")).app;
  const auto mallory = *pod.enrol(pod.admit("mallory@pod.lab")).app;
  EXPECT_EQ(pod.keys->add_app_password("alice", mallory.password, "spy").error(), Errc::wrong_secret);
  EXPECT_EQ(pod.keys->add_app_password("nobody", mallory.password, "spy").error(), Errc::not_a_member);
  const auto laptop = pod.keys->add_app_password("alice", phone.password, "laptop").value();
  EXPECT_TRUE(pod.logs_in("alice", laptop.password));
  EXPECT_EQ(pod.keys->list("alice", laptop.password)->size(), 2u);
  EXPECT_EQ(pod.keys->revoke("alice", mallory.password, "phone").error(), Errc::wrong_secret);
  EXPECT_EQ(pod.keys->revoke("alice", laptop.password, "tablet").error(), Errc::no_such_slot);
  EXPECT_TRUE(pod.keys->revoke("alice", laptop.password, "phone"));
  EXPECT_FALSE(pod.logs_in("alice", phone.password));
  EXPECT_TRUE(pod.logs_in("alice", laptop.password));
  EXPECT_EQ(pod.keys->revoke("alice", laptop.password, "laptop").error(), Errc::last_slot);
}

/// Another thread's doing, at the moment when a secret is tried.
class InterruptingClock final : public base::Clock {
public:
  explicit InterruptingClock(base::Clock& clock) : clock_(clock) {}
  /// Before the `call`-th question from now on is answered.
  void interrupt(int call, std::function<void()> with) {
    call_ = call;
    with_ = std::move(with);
  }
  base::Time now() override {
    if (--call_ == 0) with_();
    return clock_.now();
  }
  std::chrono::microseconds monotonic() override { return clock_.monotonic(); }

private:
  base::Clock& clock_;
  int call_ = 0;
  std::function<void()> with_;
};

TEST(AppPasswords, ThatAreBeingRevokedChangeNothingAnyMore) {
  Pod pod;
  const auto phone = *pod.enrol(pod.admit("alice@pod.lab")).app;
  const auto laptop = pod.keys->add_app_password("alice", phone.password, "laptop").value();
  InterruptingClock clock(pod.community.clock);
  auto house = pod.household();
  KeyRing keys({house.disk, clock, house.entropy, house.log, house.arena, house.members, house.pod_key, house.directory,
                house.registry, house.argon2});
  const auto revoke = [&] { keys.revoke("alice", laptop.password, "phone").value(); };
  // First the gate asks for the time, then every slot that is tried.
  clock.interrupt(2, revoke);
  EXPECT_EQ(keys.add_app_password("alice", phone.password, "spy").error(), Errc::wrong_secret);
  const auto tablet = pod.keys->add_app_password("alice", laptop.password, "tablet").value();
  const auto revoke_tablet = [&] { keys.revoke("alice", laptop.password, "tablet").value(); };
  clock.interrupt(2, revoke_tablet);
  EXPECT_EQ(keys.revoke("alice", tablet.password, "laptop").error(), Errc::wrong_secret);
  EXPECT_TRUE(pod.logs_in("alice", laptop.password));
}

TEST(AppPasswords, TheLastThatLeadsBackIsKeptWhateverElseOpensTheVault) {
  Pod pod;
  const auto id = pod.admit("alice@pod.lab");
  const auto phone = *pod.enrol(id).app;
  const auto house = pod.household();
  const auto login = pod.keys->log_in("alice", phone.password, sasl::Scope::imap).value();
  pod.adopt(make_token_slot(slot_ports(house), new_label(house, id.member, SlotType::session, "web"),
                            std::string(32, 't'), login.vault_key->secret()));
  auto expiring = new_label(house, id.member, SlotType::app, "for a week");
  expiring.expires = base::from_seconds(base::to_seconds(pod.community.clock.now()) + 60);
  pod.adopt(make_app_slot(slot_ports(house), expiring, "mp-x", {{}, 4096}, login.vault_key->secret()));
  pod.community.clock.advance(std::chrono::seconds(61));
  EXPECT_EQ(pod.keys->revoke("alice", phone.password, "phone").error(), Errc::last_slot);
  EXPECT_TRUE(pod.keys->revoke("alice", phone.password, "web"));
  EXPECT_TRUE(pod.logs_in("alice", phone.password));
}

TEST(AppPasswords, OfOneMemberShareTheirScramSalt) {
  Pod pod;
  const auto invitation = pod.admit("alice@pod.lab");
  const auto phone = *pod.enrol(invitation).app;
  ASSERT_TRUE(pod.keys->add_app_password("alice", phone.password, "laptop"));
  const auto slots = slots_of(pod.household(), invitation.member).list(invitation.member).slots;
  ASSERT_EQ(slots.size(), 2u);
  EXPECT_EQ(app_parameters(slots[0])->salt, app_parameters(slots[1])->salt);
  EXPECT_EQ(app_parameters(slots[0])->iterations, app_parameters(slots[1])->iterations);
}

TEST(AppPasswords, AreLimitedInNumber) {
  Pod pod;
  const auto phone = *pod.enrol(pod.admit("alice@pod.lab")).app;
  for (std::size_t i = 1; i < most_slots; ++i) ASSERT_TRUE(pod.keys->add_app_password("alice", phone.password, "more"));
  EXPECT_EQ(pod.keys->add_app_password("alice", phone.password, "more").error(), Errc::too_many_slots);
}

TEST(NoEscrow, EveryServerSideFileAndTheServerKeyOpenNothing) {
  Pod pod;
  const auto invitation = pod.admit("alice@pod.lab");
  pod.enrol(invitation, {"a long password", "phone"});
  const auto house = pod.household();
  const auto* alice = pod.directory->state()->find("alice");
  // Everything that lies on the disk or in the sealed directory, and every key the server has.
  std::vector<std::string> secrets = {std::string(pod.server_key.octets()),
                                      std::string(pod.pod_key.seed().octets()),
                                      std::string(base::octets(alice->pepper)),
                                      std::string(base::octets(alice->salt)),
                                      invitation.code,
                                      alice->id.str(),
                                      ""};
  for (const auto& path : pod.disk->files()) {
    const auto octets = base::read_file(*pod.disk, path, 1 << 24);
    secrets.push_back(octets);
    for (std::size_t i = 0; i + 32 <= octets.size() && octets.size() < 4096; ++i)
      secrets.push_back(octets.substr(i, 32));
  }
  const auto slots = slots_of(house, alice->id).list(alice->id).slots;
  ASSERT_EQ(slots.size(), 2u);
  for (const auto& slot : slots) {
    for (const auto& secret : secrets) {
      if (slot.label.type == SlotType::app) {
        EXPECT_FALSE(open_app_slot(house.arena, slot, app_kek(house.arena, secret, app_parameters(slot)->salt)));
        if (secret.size() != 32) continue;
        const auto key = crypto::Key::copy_of(house.arena, secret);
        EXPECT_FALSE(open_app_slot(house.arena, slot, key));
        EXPECT_FALSE(open_app_slot_by_client_key(house.arena, slot, key));
      } else if (secret.size() < 4096 && secret.size() != 32) {
        EXPECT_FALSE(open_password_slot(house.arena, slot, secret, alice->pepper));
      }
    }
  }
  // Nor does admission's power: an act cannot make a slot for somebody who has enrolled.
  const auto act = pod.community.sign(pod.community.act(governance::Act::Kind::reissue, alice->id));
  EXPECT_FALSE(pod.admissions().reissue(act));
}

TEST(Canary, NoNameNoPasswordAndNoCodeLiesReadableOnTheDisk) {
  Pod pod;
  const auto invitation = pod.admit("canarybird@pod.lab");
  const auto enrolled = pod.enrol(invitation, {"canary password", "phone"});
  for (const auto& path : pod.disk->files()) {
    const auto octets = base::read_file(*pod.disk, path, 1 << 24);
    for (const std::string& word : {std::string("canary"), invitation.code, enrolled.app->password}) {
      EXPECT_EQ(octets.find(word), std::string::npos) << path;
    }
    EXPECT_EQ(path.find("canary"), std::string::npos);
  }
}

}  // namespace
}  // namespace mailpod::members
