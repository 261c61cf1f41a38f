#pragma once

#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <mailpod/admin/desk.hpp>
#include <simulation/clock.hpp>
#include <simulation/disk.hpp>
#include <simulation/entropy.hpp>

#include "acts.hpp"
#include "founding.hpp"

namespace mailpod::daemon {

using nlohmann::json;

/// A pod on a simulated disk where no daemon runs, its desk, and alice, who has enrolled.
class MembersDesk : public testing::Test {
protected:
  /// `rules`: the text of a charter to start from; empty: the usual one.
  explicit MembersDesk(const std::string& rules = {}) {
    disk.make_directory("/home");
    disk.make_directory("/srv");
    FoundingRequest request;
    if (!rules.empty()) {
      request.charter_template = "/home/rules.toml";
      base::replace_file(disk, request.charter_template, rules);
    }
    request.folder = "/srv/pod";
    request.domain = "pod.lab";
    request.maintainer_key = "/home/maintainer";
    found_pod(machine(), request).value();
    pod = OpenPod::open(machine(), {"/srv/pod"}, read_configuration(disk, "/srv/pod").value()).value();
    desk.emplace(pod->premises(nullptr));
    const auto keys = MaintainerKeys::read(disk, arena, {"/home/maintainer"});
    const auto& charter = pod->registry().gate().roster()->charters().at(clock.now());
    const auto salt = entropy.bytes<32>();
    auto act = make_act(machine(), charter, governance::Act::Kind::admit, MemberId{entropy.bytes<16>()});
    act.principal = governance::Principal::member;
    act.address_commitment = governance::address_commitment(salt, "alice@pod.lab");
    const json admission{
        {"act", file_json(*keys->sign(act))}, {"address", "alice@pod.lab"}, {"salt", base::hex(base::octets(salt))}};
    const auto admitted = ask("member.admit", {{"admissions", json::array({admission})}});
    const auto code = admitted.at("answer").at("invitations").at(0).at("code").get<std::string>();
    const auto enrolled =
        ask("enrol", {{"enrolments", json::array({{{"address", "alice@pod.lab"}, {"code", code}, {"app", "phone"}}})}});
    secret = enrolled.at("answer").at("enrolled").at(0).at("password").get<std::string>();
  }

  OpenPod::Machine machine() { return {disk, clock, entropy, base::silent_log(), arena}; }
  json ask(const std::string& operation, json arguments) {
    json request{{"operation", operation}, {"arguments", std::move(arguments)}};
    return desk->serve(request);
  }
  /// What the errand answers in the end.
  json done(const std::string& what, json arguments) {
    arguments["what"] = what;
    arguments["member"] = "alice";
    const auto begun = ask("vault.begin", std::move(arguments));
    if (begun.contains("complaint")) return begun;
    for (;;) {
      const auto look = ask("vault.look", {{"errand", begun.at("answer").at("errand")}});
      if (look.contains("complaint")) return look;
      if (!look.at("answer").at("reply").is_null()) return look.at("answer").at("reply");
    }
  }

  simulation::Disk disk;
  simulation::Clock clock;
  simulation::Entropy entropy{11};
  crypto::KeyArena arena;
  std::unique_ptr<OpenPod> pod;
  std::optional<admin::Desk> desk;
  std::string secret;
};

}  // namespace mailpod::daemon
