#include <mailpod/admin/audit_trail.hpp>
#include <mailpod/governance/audit_examination.hpp>
#include <mailpod/governance/note.hpp>

#include "audit_keeper.hpp"
#include "audit_to_sign.hpp"
#include "members_desk.hpp"
#include "retention.hpp"

// What is done at the desk stands in the audit log, and tells nobody more than it should.
namespace mailpod::daemon {
namespace {

using governance::AuditEntry;
using governance::AuditEvent;
using Kind = AuditEvent::Kind;

class AuditedDesk : public MembersDesk {
protected:
  std::vector<AuditEntry> entries() { return governance::read_audit(disk, "/srv/pod/audit", 1000); }
  std::size_t count(Kind kind) {
    return static_cast<std::size_t>(
        std::ranges::count(entries(), kind, [](const AuditEntry& one) { return one.event.kind; }));
  }
  AuditEvent last() { return entries().back().event; }
  std::string mark() {
    const auto state = pod->directory().state();
    return admin::audit_mark(*state->find("alice"));
  }
};

TEST_F(AuditedDesk, HasWhoWasAdmittedAndEnrolled) {
  const auto all = entries();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].event.kind, Kind::record);
  EXPECT_EQ(all[0].event.field("type"), "act:admit");
  EXPECT_EQ(all[1].event.field("name"), "member.admit");
  EXPECT_EQ(all[2].event,
            (AuditEvent{Kind::slot, {{"change", "made"}, {"slot", "enrolled"}, {"by", "member"}, {"member", mark()}}}));
  const auto state = pod->directory().state();
  EXPECT_EQ(state->find("alice")->consent->charter, 1U);
}

TEST_F(AuditedDesk, HasEverySlotThatChanges) {
  ask("app-password.add", {{"address", "alice"}, {"secret", secret}, {"name", "laptop"}});
  EXPECT_EQ(last(), (AuditEvent{Kind::slot, {{"change", "made"}, {"slot", "app"}, {"by", "pod"}, {"member", mark()}}}));
  ask("app-password.revoke", {{"address", "alice"}, {"secret", secret}, {"slot", "laptop"}});
  EXPECT_EQ(last().field("change"), "revoked");
}

TEST_F(AuditedDesk, HasNothingOfWhoOnlyLooked) {
  const auto before = entries().size();
  for (const auto* looks : {"status", "member.list", "charter.show", "audit.show", "queue.list"})
    ASSERT_TRUE(ask(looks, json::object()).contains("answer")) << looks;
  ask("app-password.list", {{"address", "alice"}, {"secret", secret}});
  EXPECT_EQ(entries().size(), before);
}

TEST_F(AuditedDesk, HasAnActThatWasRefused) {
  const auto answer =
      ask("member.suspend", {{"act", {{"name", "a"}, {"octets", "nonsense"}, {"signatures", json::array()}}}});
  ASSERT_TRUE(answer.contains("complaint"));
  EXPECT_EQ(last().field("name"), "member.suspend");
  EXPECT_FALSE(last().field("reason").empty());
  EXPECT_EQ(last().field("file"), base::hex(base::octets(governance::identity("nonsense"))));
}

TEST_F(AuditedDesk, IsFilledByNoStrangerWhoIsRefused) {
  const auto before = entries().size();
  json request{{"operation", "app-password.add"},
               {"arguments", {{"address", "alice"}, {"secret", "wrong"}, {"name", "x"}}}};
  ASSERT_TRUE(desk->serve_member(request).contains("complaint"));
  EXPECT_EQ(entries().size(), before);
}

TEST_F(AuditedDesk, NamesNoAddressAndNoSecret) {
  ask("app-password.add", {{"address", "alice@pod.lab"}, {"secret", secret}, {"name", "laptop"}});
  ask("forward.set", {{"address", "alice"}, {"secret", secret}, {"to", "a@elsewhere.example"}, {"copy", true}});
  ask("queue.suppress", {{"domain", "elsewhere.example"}, {"hours", 1}});
  for (const auto& file : disk.list("/srv/pod/audit")) {
    const auto octets = base::read_file(disk, "/srv/pod/audit/" + file.name, 1 << 24);
    for (const auto& word : {std::string("alice"), secret, std::string("laptop"), std::string("elsewhere"),
                             pod->directory().state()->find("alice")->id.str()})
      EXPECT_EQ(octets.find(word), std::string::npos) << file.name << " says " << word;
  }
}

TEST_F(AuditedDesk, KeepsOnWhereTheDiskIsFull) {
  disk.set_capacity(disk.used());
  ASSERT_TRUE(ask("status", json::object()).contains("answer"));
  pod->audit().write({Kind::stop, {}});
  disk.heal();
  pod->audit().write({Kind::stop, {}});
  EXPECT_EQ(count(Kind::gap), 1U);
}

TEST_F(AuditedDesk, IsSoundAndGoesOnAfterAStart) {
  ask("app-password.add", {{"address", "alice"}, {"secret", secret}, {"name", "laptop"}});
  const auto before = pod->audit().head().size;
  desk.reset();
  pod.reset();
  pod = OpenPod::open(machine(), {"/srv/pod"}, read_configuration(disk, "/srv/pod").value()).value();
  desk.emplace(pod->premises(nullptr));
  ask("app-password.add", {{"address", "alice"}, {"secret", secret}, {"name", "tablet"}});
  const governance::AuditQuestions questions{"pod.lab", {pod->pod_key().public_key()}, {}, {}};
  const auto report = governance::examine_audit(disk, "/srv/pod/audit", questions);
  EXPECT_TRUE(report.faults.empty()) << report.faults.front().text();
  EXPECT_EQ(report.last, before + 1);
}

TEST_F(AuditedDesk, IsCountersignedByAMaintainerAlone) {
  const auto shown = ask("audit.checkpoint", json::object()).at("answer");
  const auto keys = MaintainerKeys::read(disk, arena, {"/home/maintainer"});
  const auto octets = shown.at("octets").get<std::string>();
  const auto comment = shown.at("comment").get<std::string>();
  const auto stranger = crypto::minisign::SecretKey::random(arena, entropy);
  EXPECT_TRUE(ask("audit.countersign", {{"entries", shown.at("entries")},
                                        {"signature", crypto::minisign::sign_file(stranger, octets, comment)}})
                  .contains("complaint"));
  EXPECT_TRUE(
      ask("audit.countersign", {{"entries", shown.at("entries")},
                                {"signature", crypto::minisign::sign_file(keys->keys().front(), octets, comment)}})
          .contains("answer"));
  EXPECT_EQ(last().kind, Kind::countersigned);
}

TEST_F(AuditedDesk, GetsNoSignatureOfAnythingElse) {
  const auto shown = ask("audit.checkpoint", json::object()).at("answer");
  const auto wanted = audit_to_sign(shown);
  ASSERT_TRUE(wanted.has_value());
  EXPECT_EQ(wanted->pod, "pod.lab");
  EXPECT_EQ(wanted->comment, shown.at("comment").get<std::string>());
  auto other = shown;
  other["comment"] = "mailpod act suspend";
  EXPECT_EQ(audit_to_sign(other)->comment, wanted->comment) << "the words are ours";
  other = shown;
  other["octets"] = "[act]\nkind = \"suspend\"\n";
  EXPECT_FALSE(audit_to_sign(other).has_value());
  other = shown;
  other["entries"] = wanted->entries + 1;
  EXPECT_FALSE(audit_to_sign(other).has_value());
  other["entries"] = "1";
  EXPECT_FALSE(audit_to_sign(other).has_value());
  const governance::Checkpoint ledger{governance::ledger_origin("pod.lab"), {wanted->entries, {}}, {}};
  governance::Note note{ledger.text(), {}};
  note.signatures.push_back(governance::sign_note(pod->pod_key(), ledger.origin, note.text));
  other = shown;
  other["octets"] = note.str();
  EXPECT_FALSE(audit_to_sign(other).has_value()) << "a checkpoint of acts";
}

TEST_F(AuditedDesk, SaysWhatADaemonDidByItself) {
  clock.advance(std::chrono::hours(12));
  OverheardLog log(base::silent_log());
  auto configuration = read_configuration(disk, "/srv/pod").value();
  {
    AuditKeeper keeper(*pod);
    keeper.listen_to(log);
    keeper.began(configuration);
    EXPECT_EQ(last().field("after"), "first");
    const auto member = pod->directory().state()->find("alice")->id;
    for (int i = 0; i < 3; ++i) keeper.logins().logged_in(member, "imaps");
    keeper.logins().refused("imaps");
    log.write(base::Log::Level::warning, "arrival quarantined member=1 file=2");
    keeper.tend();
    EXPECT_EQ(last(), (AuditEvent{Kind::sealed, {{"what", "arrival-quarantined"}, {"times", "1"}}}));
    EXPECT_EQ(count(Kind::logins), 0U);
    clock.set(clock.now() - std::chrono::hours(2));
    keeper.tend();
    EXPECT_EQ(last(), (AuditEvent{Kind::clock, {{"behind", "7200"}}}));
    keeper.ended();
  }
  const auto all = entries();
  EXPECT_EQ(all.back().event.kind, Kind::stop);
  EXPECT_EQ(all[all.size() - 3].event.field("count"), "imaps:3");
  EXPECT_EQ(all[all.size() - 3].event.field("member"), mark());
  EXPECT_EQ(all[all.size() - 2].event.kind, Kind::refused_logins);
  configuration.hops += 1;
  AuditKeeper next(*pod);
  next.began(configuration);
  EXPECT_EQ(last().field("after"), "stop");
  EXPECT_EQ(last().field("changed"), "messages.hops");
}

TEST_F(AuditedDesk, TellsAMemberAllThatIsStoredOfThem) {
  ask("forward.set", {{"address", "alice"}, {"secret", secret}, {"to", "a@elsewhere.example"}, {"copy", true}});
  const auto answer = ask("member.data-report", {{"address", "alice"}, {"secret", secret}});
  ASSERT_TRUE(answer.contains("answer")) << answer.dump(2);
  const auto& report = answer.at("answer");
  EXPECT_EQ(report.at("for"), "member");
  EXPECT_EQ(report.at("forward").at("to"), "a@elsewhere.example");
  EXPECT_GE(report.at("secrets").size(), 1U);
  EXPECT_EQ(report.at("record").size(), 1U);
  EXPECT_EQ(report.at("consent").at(0).at("charter"), 1);
  EXPECT_EQ(report.at("audit_mark"), mark());
  EXPECT_GE(report.at("audit").size(), 2U);
  // By what it says the member can prove that the act is about them.
  const auto& one = report.at("commitments").at(0);
  const auto text = report.at("record").at(0).at("text").get<std::string>();
  EXPECT_NE(text.find(one.at("commitment").get<std::string>()), std::string::npos);
  const auto others = ask("member.data-report", {{"address", "alice"}}).at("answer");
  EXPECT_EQ(others.at("for"), "administrator");
  for (const auto* hidden : {"forward", "secrets", "commitments"}) EXPECT_FALSE(others.contains(hidden)) << hidden;
}

TEST_F(AuditedDesk, GivesNobodyElseAReport) {
  EXPECT_TRUE(ask("member.data-report", {{"address", "alice"}, {"secret", "wrong"}}).contains("complaint"));
  json request{{"operation", "member.data-report"}, {"arguments", {{"address", "alice"}}}};
  EXPECT_TRUE(desk->serve_member(request).contains("complaint"));
}

}  // namespace
}  // namespace mailpod::daemon
