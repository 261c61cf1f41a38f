#include <algorithm>

#include <nlohmann/json.hpp>

#include "../commands.hpp"
#include "../signing_desk.hpp"
#include "../terminal.hpp"

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

governance::Verdict<json> admission(SigningDesk& desk, const MemberOptions& options, const std::string& name) {
  MemberId member{desk.machine().entropy.bytes<16>()};
  if (name == options.maintainer) {
    const auto kept = kept_for(desk.charter(), desk.keys());
    if (!kept.has_value()) return kept.error();
    member = *kept;
  }
  const auto address = full_address(name, desk.charter());
  if (!address.has_value()) return address.error();
  const auto salt = desk.machine().entropy.bytes<32>();
  auto act = desk.act(governance::Act::Kind::admit, member);
  act.principal = governance::Principal::member;
  act.address_commitment = governance::address_commitment(salt, address->str());
  act.reason = options.reason;
  const auto file = desk.keys().sign(act);
  if (!file.has_value()) return file.error();
  return governance::Verdict<json>(
      boost::system::in_place_value,
      json{{"act", file_json(*file)}, {"address", address->str()}, {"salt", base::hex(base::octets(salt))}});
}

}  // namespace

int member_admit(const MemberOptions& options) {
  SigningDesk desk(options.common);
  if (auto ready = desk.open(options.maintainer_keys); !ready.has_value()) return complain(ready.error());

  json admissions = json::array();
  for (const auto& name : options.names) {
    auto one = admission(desk, options, name);
    if (!one.has_value()) return complain(one.error());
    admissions.push_back(std::move(*one));
  }
  auto answer = desk.ask("member.admit", {{"admissions", std::move(admissions)}});
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
