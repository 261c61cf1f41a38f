// A pod's DKIM keys from its founding on, at the desk.

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <mailpod/admin/desk.hpp>
#include <mailpod/net/error.hpp>
#include <simulation/clock.hpp>
#include <simulation/disk.hpp>
#include <simulation/entropy.hpp>

#include "founding.hpp"
#include "published.hpp"

namespace mailpod::daemon {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

class DkimAdministration : public testing::Test {
protected:
  DkimAdministration() {
    disk.make_directory("/home");
    disk.make_directory("/srv");
    FoundingRequest request;
    request.folder = "/srv/pod";
    request.domain = "pod.lab";
    request.maintainer_key = "/home/maintainer";
    found_pod(machine, request).value();
    open();
  }
  void open() {
    desk.reset();
    pod.reset();
    pod = OpenPod::open(machine, {"/srv/pod"}, read_configuration(disk, "/srv/pod").value()).value();
    desk.emplace(pod->premises(nullptr));
  }
  json ask(const std::string& operation, json arguments = json::object()) {
    json request{{"operation", operation}, {"arguments", std::move(arguments)}};
    return desk->serve(request);
  }
  json keys(const std::string& state = "") { return ask("dkim.records", {{"state", state}}).at("answer").at("keys"); }
  json change(const std::string& operation, const json& key, bool now = false) {
    return ask(operation, {{"domain", key.at("domain")}, {"selector", key.at("selector")}, {"now", now}});
  }

  simulation::Disk disk;
  simulation::Clock clock;
  simulation::Entropy entropy{12};
  crypto::KeyArena arena;
  const OpenPod::Machine machine{disk, clock, entropy, base::silent_log(), arena};
  std::unique_ptr<OpenPod> pod;
  std::optional<admin::Desk> desk;
};

TEST_F(DkimAdministration, APodIsFoundedWithAPairOfKeysInUse) {
  const auto all = keys();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(keys("active"), all);
  EXPECT_EQ(all[0].at("selector"), "mp20260101e");
  EXPECT_EQ(all[1].at("selector"), "mp20260101r");
  EXPECT_EQ(all[1].at("algorithm"), "rsa-sha256");
  EXPECT_EQ(all[1].at("name"), "mp20260101r._domainkey.pod.lab");
  const auto zone = all[1].at("zone").get<std::string>();
  EXPECT_TRUE(zone.starts_with("mp20260101r._domainkey.pod.lab. IN TXT ( \"v=DKIM1; k=rsa; p=")) << zone;
  EXPECT_EQ(pod->dkim_keys().signing("pod.lab").size(), 2U);
}

TEST_F(DkimAdministration, KeysAreRotated) {
  const auto old = keys();
  clock.advance(24h);
  const auto made = ask("dkim.new").at("answer").at("keys");
  ASSERT_EQ(made.size(), 2U);
  EXPECT_EQ(keys("prepared").size(), 2U);
  for (const auto& key : old) EXPECT_TRUE(change("dkim.retire", key).contains("complaint")) << "the last of its kind";
  for (const auto& key : made) EXPECT_EQ(change("dkim.activate", key).at("answer").at("state"), "active");
  open();
  for (const auto& key : keys("active")) EXPECT_EQ(key.at("signs"), key.at("made") == made[0].at("made"));
  for (const auto& key : old) {
    EXPECT_TRUE(change("dkim.remove", key).contains("complaint")) << "in use";
    const auto retired = change("dkim.retire", key).at("answer");
    EXPECT_EQ(retired.at("removable"), "2026-01-09T00:00:00Z");
    EXPECT_EQ(retired.at("is_removable"), false);
    EXPECT_TRUE(change("dkim.remove", key).contains("complaint")) << "too early";
  }
  EXPECT_EQ(keys().size(), 4U) << "retired keys stay published";
  clock.advance(7 * 24h);
  for (const auto& key : keys("retired")) {
    EXPECT_EQ(key.at("is_removable"), true);
    EXPECT_TRUE(change("dkim.remove", key).contains("answer"));
  }
  EXPECT_EQ(keys(), keys("active"));
  EXPECT_EQ(keys().size(), 2U);
}

TEST_F(DkimAdministration, RefusalsSayWhatToDo) {
  EXPECT_EQ(ask("dkim.new", {{"domain", "other.lab"}}).at("complaint").at("what"),
            "the pod does not serve this domain");
  const auto complaint = ask("dkim.activate", {{"domain", "pod.lab"}, {"selector", "none"}}).at("complaint");
  EXPECT_EQ(complaint.at("remedy"), "`mailpod dkim list` shows them");
  EXPECT_TRUE(change("dkim.retire", keys()[0], true).contains("answer"));
  EXPECT_EQ(ask("dkim.records", {{"domain", "other.lab"}}).at("answer").at("keys").size(), 0U);
}

TEST_F(DkimAdministration, ADamagedKeyIsListedAndKeepsNobodyOut) {
  const auto path = "/srv/pod/dkim/pod.lab/mp20260101r.key";
  base::replace_file(disk, path, "MDKM\x01 not a key");
  open();
  const auto listed = ask("dkim.list").at("answer");
  EXPECT_EQ(listed.at("keys").size(), 1U);
  ASSERT_EQ(listed.at("damaged").size(), 1U);
  EXPECT_EQ(listed.at("damaged")[0].at("file"), path);
  EXPECT_EQ(pod->dkim_keys().signing("pod.lab").size(), 1U);
}

TEST(DnsAnswers, AreJudged) {
  const WantedRecord wanted{"s._domainkey.pod.lab", "v=DKIM1; k=ed25519; p=AAAA"};
  using Records = net::Answer<std::string>;
  EXPECT_EQ(*judge_answer(wanted, Records{{wanted.text}}), mailauth::Published::present);
  EXPECT_EQ(*judge_answer(wanted, Records{{"v=DKIM1; k=ed25519; p=BBBB"}}), mailauth::Published::different);
  EXPECT_EQ(*judge_answer(wanted, make_error_code(net::Errc::no_such_name)), mailauth::Published::missing);
  EXPECT_EQ(*judge_answer(wanted, make_error_code(net::Errc::no_such_record)), mailauth::Published::missing);
  EXPECT_EQ(judge_answer(wanted, make_error_code(net::Errc::lookup_failed)).error(), net::Errc::lookup_failed);
}

}  // namespace
}  // namespace mailpod::daemon
