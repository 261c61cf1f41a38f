#include <algorithm>

#include <nlohmann/json.hpp>

#include "../acts.hpp"
#include "../commands.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

namespace mailpod::daemon {
namespace {

using nlohmann::json;

/// The member id that the charter keeps for the maintainer who signs with one of `keys`.
governance::Verdict<MemberId> kept_for(const governance::Charter& charter, const MaintainerKeys& keys) {
  for (const auto& maintainer : charter.maintainers) {
    const bool signs =
        std::ranges::any_of(keys.keys(), [&](const auto& key) { return key.public_key() == maintainer.key; });
    if (signs && maintainer.member) return *maintainer.member;
  }
  return governance::Complaint{governance::Errc::missing_key, "the charter in force", 0,
                               "it names no member id for this maintainer",
                               "leave --maintainer out, and name the member in the next charter"};
}

governance::Verdict<json> admission(const OpenPod::Machine& machine, const governance::Charter& charter,
                                    const MaintainerKeys& keys, const MemberOptions& options, const std::string& name) {
  MemberId member{machine.entropy.bytes<16>()};
  if (name == options.maintainer) {
    const auto kept = kept_for(charter, keys);
    if (!kept.has_value()) return kept.error();
    member = *kept;
  }
  const auto address = full_address(name, charter);
  if (!address.has_value()) return address.error();
  const auto salt = machine.entropy.bytes<32>();
  auto act = make_act(machine, charter, governance::Act::Kind::admit, member);
  act.principal = governance::Principal::member;
  act.address_commitment = governance::address_commitment(salt, address->str());
  act.reason = options.reason;
  const auto file = keys.sign(act);
  if (!file.has_value()) return file.error();
  return governance::Verdict<json>(
      boost::system::in_place_value,
      json{{"act", file_json(*file)}, {"address", address->str()}, {"salt", base::hex(base::octets(salt))}});
}

}  // namespace

int member_admit(const MemberOptions& options) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  const auto keys = MaintainerKeys::read(machine.disk, machine.arena, options.maintainer_keys);
  if (!keys.has_value()) return complain(keys.error());
  Office office(machine, {options.common.pod});
  const auto charter = charter_in_force(office);
  if (!charter.has_value()) return complain(charter.error());

  json admissions = json::array();
  for (const auto& name : options.names) {
    auto one = admission(machine, *charter, *keys, options, name);
    if (!one.has_value()) return complain(one.error());
    admissions.push_back(std::move(*one));
  }
  auto answer = office.ask("member.admit", {{"admissions", std::move(admissions)}});
  if (!answer.has_value()) return complain(answer.error());
  if (options.common.output == Output::json) {
    say("{}\n", answer->dump(2));
    return 0;
  }
  for (auto& invitation : answer->at("invitations")) {
    auto& code = invitation.at("code").get_ref<std::string&>();
    say("{}\t{}\n", invitation.at("address").get<std::string>(), code);
    crypto::wipe(code);
  }
  remark("Hand each newcomer their code; it is shown once. With it they run: mailpod enrol NAME\n");
  return 0;
}

}  // namespace mailpod::daemon
