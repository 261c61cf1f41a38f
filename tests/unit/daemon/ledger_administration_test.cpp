// The ledger of a pod, at its desk.

#include <mailpod/governance/ledger_examination.hpp>

#include "members_desk.hpp"

namespace mailpod::daemon {
namespace {

class LedgerDesk : public MembersDesk {
protected:
  json shown() { return ask("ledger.show", json::object()).at("answer"); }
  void reopen() {
    desk.reset();
    pod.reset();
    pod = OpenPod::open(machine(), {"/srv/pod"}, read_configuration(disk, "/srv/pod").value()).value();
    desk.emplace(pod->premises(nullptr));
  }
  std::string faults() {
    std::string out;
    for (const auto& fault : governance::examine_ledger(disk, "/srv/pod/governance", {}).faults) out += fault.text();
    return out;
  }
};

TEST_F(LedgerDesk, EntersEachActAsItIsAccepted) {
  EXPECT_EQ(shown().at("leaves"), 2) << "the charter, and alice";
  EXPECT_EQ(shown().at("entries"), 2);
  EXPECT_EQ(faults(), "");
  EXPECT_EQ(pod->directory().state()->ledger(), pod->ledger().head());
  reopen();
  EXPECT_EQ(shown().at("leaves"), 2);
  const auto proof = ask("ledger.prove", {{"index", 1U}}).at("answer").at("proof").get<std::string>();
  EXPECT_TRUE(governance::parse_inclusion_proof(proof, "proof"));
  EXPECT_TRUE(ask("ledger.prove", {{"index", 2U}}).contains("complaint"));
  EXPECT_TRUE(ask("ledger.prove", {{"index", "1"}}).contains("complaint"));
}

TEST_F(LedgerDesk, TheDirectoryRemembersWhatWasSigned) {
  // Charter 1 is what no count of acts is about: with another signature it would be another leaf.
  desk.reset();
  pod.reset();
  for (const auto& path : disk.files()) {
    if (path.find("/ledger/") != std::string::npos) disk.unlink(path);
    if (path.find("charter-0001") != std::string::npos && path.ends_with(".minisig")) {
      auto minisig = base::read_file(disk, path, 4096);
      minisig.replace(0, minisig.find('\n'), "untrusted comment: another");
      base::replace_file(disk, path, minisig);
    }
  }
  const auto refused = OpenPod::open(machine(), {"/srv/pod"}, read_configuration(disk, "/srv/pod").value());
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, governance::Errc::record_differs_from_known);
}

TEST_F(LedgerDesk, WitnessesAnotherLedgerAndKeepsWhatIsWrittenUnderItsOwn) {
  const auto checkpoint = shown().at("checkpoint").get<std::string>();
  EXPECT_TRUE(ask("ledger.witness", {{"checkpoint", checkpoint}, {"name", "c"}}).contains("complaint"));
  // It may as well be its own.
  const auto cosigned = ask("ledger.witness", {{"checkpoint", checkpoint}, {"name", "c"}, {"key", shown().at("key")}})
                            .at("answer")
                            .at("checkpoint")
                            .get<std::string>();
  EXPECT_TRUE(ask("ledger.cosign-add", {{"checkpoint", cosigned}, {"name", "c"}, {"witnesses", json::array()}})
                  .contains("complaint"));
  const auto added =
      ask("ledger.cosign-add",
          {{"checkpoint", cosigned}, {"name", "c"}, {"witnesses", json::array({shown().at("witness_key")})}});
  EXPECT_EQ(added.at("answer").at("added"), 1);
  reopen();
  EXPECT_EQ(shown().at("checkpoint"), cosigned);
  EXPECT_EQ(shown().at("witnesses").at(0).at("key"), shown().at("witness_key"));
}

TEST_F(LedgerDesk, AFullDiskKeepsAnActOutOfTheLedgerOnlyForAWhile) {
  const auto keys = MaintainerKeys::read(disk, arena, {"/home/maintainer"});
  const auto& charter = pod->registry().gate().roster()->charters().at(clock.now());
  const auto member = pod->directory().state()->find("alice")->id;
  auto act = make_act(machine(), charter, governance::Act::Kind::suspend, member);
  act.until = act.issued + std::chrono::hours(5);
  const json arguments{{"act", file_json(*keys->sign(act))}};
  // A call that fails before the act is durable refuses it; the first one after is of the ledger.
  json suspended;
  for (std::uint64_t call = 1; call < 30 && !suspended.contains("answer"); ++call) {
    disk.fail_call(disk.calls() + call, ENOSPC);
    suspended = ask("member.suspend", arguments);
    disk.heal();
  }
  EXPECT_EQ(pod->registry().leaves().size(), 3u);
  EXPECT_EQ(pod->ledger().size(), 2u);
  reopen();
  EXPECT_EQ(shown().at("leaves"), 3);
  EXPECT_EQ(faults(), "");
}

}  // namespace
}  // namespace mailpod::daemon
