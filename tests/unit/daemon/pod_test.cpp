// A pod from nothing, on a simulated disk: founded, opened, administered at its desk.

#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <mailpod/admin/desk.hpp>
#include <simulation/attentive_log.hpp>
#include <simulation/clock.hpp>
#include <simulation/disk.hpp>
#include <simulation/entropy.hpp>

#include "acts.hpp"
#include "charter_templates.hpp"
#include "founding.hpp"

namespace mailpod::daemon {
namespace {

using nlohmann::json;

class Pod : public testing::Test {
protected:
  Pod() {
    disk.make_directory("/home");
    disk.make_directory("/srv");
  }

  OpenPod::Machine machine() { return {disk, clock, entropy, log, arena}; }
  FoundingRequest request() const {
    FoundingRequest request;
    request.folder = "/srv/pod";
    request.domain = "pod.lab";
    request.maintainer_key = "/home/maintainer";
    return request;
  }
  void found() {
    const auto founded = found_pod(machine(), request());
    ASSERT_TRUE(founded.has_value()) << founded.error().text();
  }
  governance::Verdict<std::unique_ptr<OpenPod>> open() {
    auto configuration = read_configuration(disk, "/srv/pod");
    if (!configuration.has_value()) return configuration.error();
    return OpenPod::open(machine(), {"/srv/pod"}, std::move(*configuration));
  }
  /// The pod, which must open.
  std::unique_ptr<OpenPod> pod() {
    auto opened = open();
    if (!opened.has_value()) throw std::runtime_error(opened.error().text());
    return std::move(*opened);
  }

  /// An admission that the maintainer signed.
  json admission(OpenPod& pod, const std::string& address) {
    const auto keys = MaintainerKeys::read(disk, arena, {"/home/maintainer"});
    const auto& charter = pod.registry().gate().roster()->charters().at(clock.now());
    const auto salt = entropy.bytes<32>();
    auto act = make_act(machine(), charter, governance::Act::Kind::admit, MemberId{entropy.bytes<16>()});
    act.principal = governance::Principal::member;
    act.address_commitment = governance::address_commitment(salt, address);
    const auto file = keys->sign(act);
    return {{"act", file_json(*file)}, {"address", address}, {"salt", base::hex(base::octets(salt))}};
  }
  static json ask(admin::Desk& desk, const std::string& operation, json arguments) {
    json request{{"operation", operation}, {"arguments", std::move(arguments)}};
    return desk.serve(request);
  }

  simulation::Disk disk;
  simulation::Clock clock;
  simulation::Entropy entropy{11};
  simulation::AttentiveLog log;
  crypto::KeyArena arena;
};

TEST_F(Pod, FoundedOpensAgainWithoutTheMaintainersKey) {
  found();
  disk.unlink("/home/maintainer");
  const auto opened = open();
  EXPECT_TRUE(opened.has_value()) << opened.error().text();
}

TEST_F(Pod, IsNotFoundedWithTheMaintainersKeyInside) {
  auto inside = request();
  inside.maintainer_key = "/srv/pod/keys/../maintainer";
  EXPECT_FALSE(found_pod(machine(), inside).has_value());
  EXPECT_FALSE(disk.status("/srv/pod").has_value());
}

TEST_F(Pod, IsNotFoundedOverAnything) {
  found();
  const auto again = found_pod(machine(), request());
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().what, "there is something already");
}

TEST_F(Pod, IsNotFoundedByTakingTheServerKeyOfAnother) {
  auto first = request();
  first.server_key = "/home/server.key";
  ASSERT_TRUE(found_pod(machine(), first).has_value());
  const auto key = base::read_file(disk, "/home/server.key", 1024);
  auto second = first;
  second.folder = "/srv/other";
  const auto refused = found_pod(machine(), second);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().file, "/home/server.key");
  EXPECT_EQ(base::read_file(disk, "/home/server.key", 1024), key);
  EXPECT_FALSE(disk.status("/srv/other").has_value());
  EXPECT_TRUE(open().has_value());
}

TEST_F(Pod, IsNotFoundedForADomainThatIsNone) {
  auto wrong = request();
  wrong.domain = "Pod Lab";
  EXPECT_FALSE(found_pod(machine(), wrong).has_value());
  EXPECT_FALSE(disk.status("/srv/pod").has_value());
  EXPECT_FALSE(disk.status("/home/maintainer").has_value());
}

TEST_F(Pod, IsFoundedByTheRulesOfATemplate) {
  auto by_template = request();
  by_template.charter_template = "family";
  ASSERT_TRUE(found_pod(machine(), by_template).has_value());
  const auto opened = pod();
  const auto& charter = opened->registry().gate().roster()->charters().latest();
  EXPECT_EQ(charter.pod, "pod.lab");
  EXPECT_EQ(charter.members.suspension_days, 2U);
  ASSERT_EQ(charter.maintainers.size(), 1U) << "the founder, and nobody of the template";
  EXPECT_FALSE(holds_a_place(charter.maintainers.front().key));
}

class PodOfSeveral : public Pod {
protected:
  /// The request for a pod by a charter from a template, of which the last so many keys were left as they are.
  FoundingRequest founders(std::size_t left_as_they_are) {
    auto charter = charter_template(disk, "housing-coop").value();
    charter.pod = "pod.lab";
    charter.issued = charter.effective = base::from_seconds(base::to_seconds(clock.now()));
    charter.expires = charter.issued + std::chrono::days(300);
    std::vector<crypto::minisign::SecretKey> keys;
    for (std::size_t i = 0; i < charter.maintainers.size(); ++i) {
      charter.maintainers[i].from = charter.issued;
      charter.maintainers[i].to = charter.expires;
      if (i + left_as_they_are >= charter.maintainers.size()) continue;
      keys.push_back(crypto::minisign::SecretKey::random(arena, entropy));
      charter.maintainers[i].key = keys.back().public_key();
    }
    const auto octets = governance::write_charter(charter);
    base::replace_file(disk, "/home/first.toml", octets);
    for (const auto& key : keys)
      base::replace_file(disk, "/home/first." + key.public_key().id_text() + ".minisig",
                         governance::sign(key, octets, "first.toml").value());
    auto several = request();
    several.maintainer_key.clear();
    several.charter = "/home/first.toml";
    return several;
  }
};

TEST_F(PodOfSeveral, IsFoundedByTheCharterThatTheySigned) {
  const auto founded = found_pod(machine(), founders(0));
  ASSERT_TRUE(founded.has_value()) << founded.error().text();
  const auto opened = pod();
  const auto roster = opened->registry().gate().roster();
  EXPECT_EQ(roster->charters().latest_identity(), founded->charter);
  EXPECT_EQ(roster->charters().latest().threshold, 2U);
  EXPECT_EQ(opened->ledger().size(), 1U);
}

TEST_F(PodOfSeveral, IsNotFoundedWhereATemplatesKeyWasLeft) {
  const auto refused = found_pod(machine(), founders(1));
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().what.find("has the template's key"), std::string::npos) << refused.error().text();
  EXPECT_FALSE(disk.status("/srv/pod").has_value());
}

TEST_F(PodOfSeveral, IsNotFoundedByACharterAndATemplateAtOnce) {
  auto both = founders(0);
  both.charter_template = "family";
  EXPECT_FALSE(found_pod(machine(), both).has_value());
}

TEST_F(Pod, IsOpenOnlyOnce) {
  found();
  const auto first = pod();
  const auto second = open();
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().file, "/srv/pod/lock");
}

TEST_F(Pod, WhoseCharterExpiredUnnoticedGetsTheNextOne) {
  found();
  clock.advance(std::chrono::days(400));
  const auto opened = pod();
  const auto keys = MaintainerKeys::read(disk, arena, {"/home/maintainer"});
  auto next = opened->registry().gate().roster()->charters().latest();
  next.prev = opened->registry().gate().roster()->charters().latest_identity();
  next.seq = 2;
  next.issued = base::from_seconds(base::to_seconds(clock.now()));
  next.effective = next.issued + std::chrono::days(next.votes.notice_days);
  next.expires = next.effective + std::chrono::days(300);
  next.maintainers.front().to = next.expires;
  const auto file = keys->sign("charter-0002.toml", governance::write_charter(next));
  ASSERT_TRUE(file.has_value()) << file.error().text();
  admin::Desk desk(opened->premises(nullptr));
  const auto answer = ask(desk, "charter.accept", {{"charter", file_json(*file)}});
  EXPECT_TRUE(answer.contains("answer")) << answer.dump();
}

class PodOfAnotherKey : public Pod {
protected:
  /// The charter after the one of `pod`, in force a week later.
  governance::SignedFile next_charter(OpenPod& pod, const crypto::PublicKey& pod_key) {
    const auto roster = pod.registry().gate().roster();
    auto next = roster->charters().latest();
    next.prev = roster->charters().latest_identity();
    ++next.seq;
    next.issued = base::from_seconds(base::to_seconds(clock.now()));
    next.effective = next.issued + std::chrono::days(next.votes.notice_days);
    next.federation.pod_key = pod_key;
    const auto keys = MaintainerKeys::read(disk, arena, {"/home/maintainer"});
    return keys->sign("charter.toml", governance::write_charter(next)).value();
  }
};

TEST_F(PodOfAnotherKey, RefusesACharterThatNamesIt) {
  found();
  const auto opened = pod();
  auto other = opened->pod_key().public_key();
  other[0] ^= 1;
  admin::Desk desk(opened->premises(nullptr));
  const auto refused = ask(desk, "charter.accept", {{"charter", file_json(next_charter(*opened, other))}});
  EXPECT_FALSE(refused.contains("answer")) << refused.dump();
  const auto ours = next_charter(*opened, opened->pod_key().public_key());
  EXPECT_TRUE(ask(desk, "charter.accept", {{"charter", file_json(ours)}}).contains("answer"));
}

TEST_F(PodOfAnotherKey, OpensAndTakesTheCharterThatMendsIt) {
  found();
  auto opened = pod();
  const auto right = opened->pod_key().public_key();
  auto other = right;
  other[0] ^= 1;
  ASSERT_TRUE(opened->registry().record_charter(next_charter(*opened, other), clock.now()));
  opened->directory().remember(opened->registry().tally());
  opened.reset();
  clock.advance(std::chrono::days(20));
  opened = pod();
  admin::Desk desk(opened->premises(nullptr));
  const auto answer = ask(desk, "charter.accept", {{"charter", file_json(next_charter(*opened, right))}});
  EXPECT_TRUE(answer.contains("answer")) << answer.dump();
}

TEST_F(Pod, OfAnotherUserIsNotTouched) {
  found();
  disk.belong_to(::geteuid() + 1);
  const auto calls = disk.calls();
  const auto opened = open();
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().file, "/srv/pod");
  EXPECT_EQ(disk.calls(), calls);
}

TEST_F(Pod, IsLeftInPeaceOnAFullDisk) {
  found();
  auto opened = pod();
  admin::Desk desk(opened->premises(nullptr));
  ask(desk, "member.admit", {{"admissions", {admission(*opened, "alice@pod.lab")}}});
  disk.fail_from_call(disk.calls() + 1, ENOSPC);
  opened.reset();
  disk.heal();
  EXPECT_NE(pod()->directory().state()->find("alice"), nullptr);
}

/// Somebody's admission, cut off by a full disk at each of its calls; then the pod starts on that disk.
TEST_F(Pod, StartsOnAFullDiskWhateverWasLeftHalfDone) {
  found();
  bool finished = false;
  unsigned half_done = 0;
  for (std::uint64_t call = 1; !finished; ++call) {
    const auto address = fmt::format("newcomer{}@pod.lab", call);
    {
      const auto opened = pod();
      admin::Desk desk(opened->premises(nullptr));
      const auto asked = admission(*opened, address);
      disk.fail_from_call(disk.calls() + call, ENOSPC);
      finished = ask(desk, "member.admit", {{"admissions", {asked}}}).contains("answer");
    }
    disk.heal();
    disk.set_capacity(1);
    const auto opened = open();
    ASSERT_TRUE(opened.has_value()) << call << ": " << opened.error().text();
    half_done += static_cast<unsigned int>(
        (*opened)->directory().state()->find(address.substr(0, address.find('@'))) != nullptr && !finished);
    disk.heal();
    admin::Desk((*opened)->premises(nullptr)).tend();
    for (const auto& [id, person] : (*opened)->directory().state()->people()) {
      EXPECT_NE((*opened)->registry().gate().roster()->find(id), nullptr) << call;
      EXPECT_NE(person->progress, members::Person::Progress::pending) << call;
    }
  }
  EXPECT_GT(half_done, 0U);
}

TEST_F(Pod, WithAnOctetOfItsCharterChangedDoesNotOpen) {
  found();
  std::string charter = base::read_file(disk, "/srv/pod/governance/charter-0001.toml", 65536);
  charter.back() = ' ';
  base::replace_file(disk, "/srv/pod/governance/charter-0001.toml", charter);
  EXPECT_FALSE(open().has_value());
}

TEST_F(Pod, WithAnotherPinDoesNotOpen) {
  found();
  auto configuration = read_configuration(disk, "/srv/pod");
  configuration->charter[0] ^= 1U;
  EXPECT_FALSE(OpenPod::open(machine(), {"/srv/pod"}, *configuration).has_value());
}

TEST_F(Pod, WithAnotherServerKeyDoesNotOpen) {
  found();
  const auto other = crypto::Key::random(arena, entropy);
  base::replace_file(disk, "/srv/pod/server.key", "mailpod server key 1\nnonsense\n");
  EXPECT_EQ(open().error().file, "/srv/pod/server.key");
}

TEST_F(Pod, AdmitsWhomTheMaintainerSignedForAndNobodyElse) {
  found();
  const auto opened = pod();
  admin::Desk desk(opened->premises(nullptr));
  auto forged = admission(*opened, "eve@pod.lab");
  forged["act"]["signatures"] = json::array();
  EXPECT_TRUE(ask(desk, "member.admit", {{"admissions", {forged}}}).contains("complaint"));
  EXPECT_EQ(ask(desk, "member.list", json::object())["answer"]["members"].size(), 0U);

  const auto answer = ask(desk, "member.admit", {{"admissions", {admission(*opened, "alice@pod.lab")}}});
  ASSERT_TRUE(answer.contains("answer")) << answer.dump();
  EXPECT_EQ(answer["answer"]["invitations"].size(), 1U);
}

TEST_F(Pod, GivesAnAppPasswordOnlyForASecretOfTheMembers) {
  found();
  const auto opened = pod();
  admin::Desk desk(opened->premises(nullptr));
  const auto admitted = ask(desk, "member.admit", {{"admissions", {admission(*opened, "alice@pod.lab")}}});
  const std::string code = admitted.at("answer").at("invitations").at(0).at("code");
  const auto enrolled =
      ask(desk, "enrol", {{"enrolments", {{{"address", "alice@pod.lab"}, {"code", code}, {"app", "phone"}}}}});
  const std::string password = enrolled.at("answer").at("enrolled").at(0).at("password");

  for (const std::string& secret : {std::string(), code, std::string("guess"), std::string(password.size(), 'x')}) {
    const auto refused =
        ask(desk, "app-password.add", {{"address", "alice@pod.lab"}, {"secret", secret}, {"name", "mallory"}});
    EXPECT_TRUE(refused.contains("complaint")) << secret;
  }
  const auto given =
      ask(desk, "app-password.add", {{"address", "alice@pod.lab"}, {"secret", password}, {"name", "laptop"}});
  ASSERT_TRUE(given.contains("answer")) << given.dump();
  EXPECT_NE(given["answer"]["password"], password);
}

TEST_F(Pod, LetsAMemberBackInByTheirRecoveryCodeAndMailsThemOfIt) {
  found();
  const auto opened = pod();
  admin::Desk desk(opened->premises(nullptr));
  const auto admitted = ask(desk, "member.admit", {{"admissions", {admission(*opened, "alice@pod.lab")}}});
  const std::string code = admitted.at("answer").at("invitations").at(0).at("code");
  const json newcomer{{"address", "alice@pod.lab"}, {"code", code}, {"app", "phone"}, {"recovery", true}};
  const auto enrolled = ask(desk, "enrol", {{"enrolments", {newcomer}}}).at("answer").at("enrolled").at(0);
  const std::string member = enrolled.at("member");
  const auto mails = [&] { return disk.list("/srv/pod/members/" + member + "/Maildir/new").size(); };
  EXPECT_EQ(mails(), 0U);

  json change{{"address", "alice@pod.lab"},
              {"secret", enrolled.at("recovery_code")},
              {"new_password", "staple of another kind"}};
  const auto changed = ask(desk, "password.change", change);
  ASSERT_TRUE(changed.contains("answer")) << changed.dump();
  EXPECT_EQ(mails(), 1U);
  const auto again = changed.at("answer").at("recovery_code");
  ASSERT_TRUE(
      ask(desk, "recovery-code.told", {{"address", "alice@pod.lab"}, {"recovery_code", again}}).contains("answer"));
  EXPECT_TRUE(ask(desk, "password.change", change).contains("complaint")) << "a code is good for one password";

  const auto printer = ask(desk, "app-password.add",
                           {{"address", "alice@pod.lab"},
                            {"secret", "staple of another kind"},
                            {"name", "printer"},
                            {"send_only", true},
                            {"days", 30}});
  ASSERT_TRUE(printer.contains("answer")) << printer.dump();
  EXPECT_EQ(mails(), 2U);
  const auto slots =
      ask(desk, "app-password.list", {{"address", "alice@pod.lab"}, {"secret", "staple of another kind"}});
  for (const auto& slot : slots.at("answer").at("slots")) {
    if (slot.at("name") != "printer") continue;
    EXPECT_EQ(slot.at("type"), "send-only");
    EXPECT_EQ(slot.at("scopes"), json::array({"send"}));
    EXPECT_TRUE(slot.contains("expires"));
  }
  const auto nonsense = ask(desk, "app-password.add",
                            {{"address", "alice@pod.lab"}, {"secret", "x"}, {"name", "y"}, {"scopes", {"mail"}}});
  EXPECT_TRUE(nonsense.contains("complaint"));
}

TEST_F(Pod, EnrolsTheOthersWhenOneCodeIsWrong) {
  found();
  const auto opened = pod();
  admin::Desk desk(opened->premises(nullptr));
  const auto admitted =
      ask(desk, "member.admit", {{"admissions", {admission(*opened, "a@pod.lab"), admission(*opened, "b@pod.lab")}}});
  const auto& invitations = admitted.at("answer").at("invitations");
  const auto answer = ask(desk, "enrol",
                          {{"enrolments",
                            {{{"address", "a@pod.lab"}, {"code", "wrong"}, {"app", "x"}},
                             {{"address", "b@pod.lab"}, {"code", invitations.at(1).at("code")}, {"app", "x"}}}}});
  const auto& enrolled = answer.at("answer").at("enrolled");
  EXPECT_TRUE(enrolled.at(0).contains("remedy"));
  EXPECT_TRUE(enrolled.at(1).contains("password"));
}

TEST_F(Pod, ForgetsACodeOnceItsNewcomerWasTold) {
  found();
  const auto opened = pod();
  admin::Desk desk(opened->premises(nullptr));
  const auto admitted = ask(desk, "member.admit", {{"admissions", {admission(*opened, "alice@pod.lab")}}});
  const std::string code = admitted.at("answer").at("invitations").at(0).at("code");
  const json arguments{{"enrolments", {{{"address", "alice@pod.lab"}, {"code", code}, {"app", "phone"}}}}};
  for (int i = 0; i < 2; ++i) {
    const auto enrolled = ask(desk, "enrol", arguments);
    EXPECT_TRUE(enrolled.at("answer").at("enrolled").at(0).contains("password")) << enrolled.dump();
  }
  const json told{{"enrolments", {{{"address", "alice@pod.lab"}, {"code", code}}}}};
  EXPECT_TRUE(ask(desk, "enrol.told", told).contains("answer"));
  const auto late = ask(desk, "enrol", arguments).at("answer").at("enrolled").at(0);
  EXPECT_TRUE(late.contains("remedy")) << late.dump();
}

TEST_F(Pod, SaysOfAnotherCodeThatItIsNone) {
  found();
  const auto opened = pod();
  admin::Desk desk(opened->premises(nullptr));
  const auto admitted =
      ask(desk, "member.admit", {{"admissions", {admission(*opened, "a@pod.lab"), admission(*opened, "b@pod.lab")}}});
  const std::string code = admitted.at("answer").at("invitations").at(0).at("code");
  const auto answer = ask(desk, "enrol", {{"enrolments", {{{"address", "b@pod.lab"}, {"code", code}, {"app", "x"}}}}});
  const auto& refused = answer.at("answer").at("enrolled").at(0);
  EXPECT_EQ(refused.at("what"), "this is not, or no longer, their enrolment code");
  EXPECT_NE(refused.at("remedy").get<std::string>().find("member reissue"), std::string::npos);
}

TEST_F(Pod, AnswersNonsenseWithAComplaint) {
  found();
  const auto opened = pod();
  admin::Desk desk(opened->premises(nullptr));
  for (json request :
       {json(), json(3), json::array(), json::object(), json{{"operation", 3}}, json{{"operation", "member.rob"}},
        json{{"operation", "member.show"}}, json{{"operation", "member.show"}, {"arguments", 3}},
        json{{"operation", "member.admit"}, {"arguments", {{"admissions", {3}}}}},
        json{{"operation", "enrol"}, {"arguments", {{"enrolments", {nullptr}}}}},
        json{{"operation", "queue.drop"}, {"arguments", {{"entry", "../../lock"}}}}})
    EXPECT_TRUE(desk.serve(request).contains("complaint")) << request.dump();
}

}  // namespace
}  // namespace mailpod::daemon
