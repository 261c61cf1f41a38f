#include "acts.hpp"

#include <nlohmann/json.hpp>

namespace mailpod::daemon {
namespace {

constexpr std::chrono::days validity{1};

}  // namespace

governance::Verdict<governance::Charter> charter_in_force(Office& office) {
  const auto shown = office.ask("charter.show", nlohmann::json::object());
  if (!shown.has_value()) return shown.error();
  return governance::parse_charter(shown->at("text").get<std::string>(), "the charter in force");
}

governance::Act make_act(const OpenPod::Machine& machine, const governance::Charter& charter,
                         governance::Act::Kind kind, MemberId member) {
  governance::Act act;
  act.kind = kind;
  act.pod = charter.pod;
  act.charter = charter.seq;
  act.nonce = machine.entropy.bytes<16>();
  act.issued = base::from_seconds(base::to_seconds(machine.clock.now()));
  act.expires = act.issued + validity;
  act.member = member;
  return act;
}

governance::Verdict<members::Address> full_address(const std::string& given, const governance::Charter& charter) {
  const auto address =
      members::Address::parse(given.find('@') == std::string::npos ? given + "@" + charter.pod : given);
  if (address.has_value()) return *address;
  return governance::Complaint{governance::Errc::bad_value, given, 0, address.error().message(),
                               "write a name such as alice, or alice@" + charter.pod};
}

nlohmann::json file_json(const governance::SignedFile& file) {
  return {{"name", file.name}, {"octets", file.octets}, {"signatures", file.minisigs}};
}

}  // namespace mailpod::daemon
