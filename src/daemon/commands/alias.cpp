#include <algorithm>

#include <nlohmann/json.hpp>

#include "../acts.hpp"
#include "../commands.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

namespace mailpod::daemon {
namespace {

using governance::Act;
using nlohmann::json;

/// Who signs, and under which charter.
struct Signing {
  MaintainerKeys keys;
  governance::Charter charter;
};

governance::Verdict<Signing> signing(const OpenPod::Machine& machine, Office& office, const AliasOptions& options) {
  auto keys = MaintainerKeys::read(machine.disk, machine.arena, options.maintainer_keys);
  if (!keys.has_value()) return keys.error();
  auto charter = charter_in_force(office);
  if (!charter.has_value()) return charter.error();
  return Signing{std::move(*keys), std::move(*charter)};
}

governance::Verdict<json> add(const AliasOptions& options) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  Office office(machine, {options.common.pod});
  const auto by = signing(machine, office, options);
  if (!by.has_value()) return by.error();
  const auto shown = office.ask("member.show", {{"who", options.member}});
  if (!shown.has_value()) return shown.error();
  const auto address = full_address(options.address, by->charter);
  if (!address.has_value()) return address.error();

  const auto salt = machine.entropy.bytes<32>();
  const auto member = MemberId::parse(shown->at("member").get<std::string>());
  auto act = make_act(machine, by->charter, Act::Kind::add_alias, member.value());
  act.address_commitment = governance::address_commitment(salt, address->str());
  act.reason = options.reason;
  const auto file = by->keys.sign(act);
  if (!file.has_value()) return file.error();
  return office.ask("alias.add",
                    {{"act", file_json(*file)}, {"address", address->str()}, {"salt", base::hex(base::octets(salt))}});
}

/// The alias of that address, as `alias.list` tells it.
governance::Verdict<json> find_alias(Office& office, const std::string& address) {
  const auto listed = office.ask("alias.list", json::object());
  if (!listed.has_value()) return listed.error();
  const auto wanted = members::Address::parse(address);
  for (const auto& alias : listed->at("aliases")) {
    const auto there = members::Address::parse(alias.at("address").get<std::string>());
    if (wanted && there && there->key() == wanted->key())
      return governance::Verdict<json>(boost::system::in_place_value, alias);
  }
  return governance::Complaint{governance::Errc::not_there, address, 0, "is nobody's alias",
                               "`mailpod alias list` shows them; a main address cannot be removed"};
}

governance::Verdict<json> remove(const AliasOptions& options) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  Office office(machine, {options.common.pod});
  const auto by = signing(machine, office, options);
  if (!by.has_value()) return by.error();
  const auto address = full_address(options.address, by->charter);
  if (!address.has_value()) return address.error();
  const auto alias = find_alias(office, address->str());
  if (!alias.has_value()) return alias.error();

  const auto member = MemberId::parse(alias->at("member").get<std::string>());
  const auto commitment = base::unhex(alias->at("address_commitment").get<std::string>()).value_or("");
  auto act = make_act(machine, by->charter, Act::Kind::remove_alias, member.value());
  act.address_commitment = base::byte_array<32>(commitment);
  act.reason = options.reason;
  const auto file = by->keys.sign(act);
  if (!file.has_value()) return file.error();
  return office.ask("alias.remove", {{"act", file_json(*file)}});
}

/// What is said of a change that was made.
int conclude(const AliasOptions& options, const governance::Verdict<json>& changed, std::string_view done) {
  if (!changed.has_value()) return complain(changed.error());
  if (options.common.output == Output::json) {
    say("{}\n", changed->dump(2));
  } else {
    say("{} {}\n", done, changed->at("address").get<std::string>());
  }
  return 0;
}

}  // namespace

int alias_add(const AliasOptions& options) {
  return conclude(options, add(options), "added");
}

int alias_remove(const AliasOptions& options) {
  return conclude(options, remove(options), "removed");
}

int alias_list(const AliasOptions& options) {
  const Workplace workplace;
  Office office(workplace.machine(), {options.common.pod});
  const auto listed = office.ask("alias.list", {{"who", options.member}});
  if (!listed.has_value()) return complain(listed.error());
  if (options.common.output == Output::json) {
    say("{}\n", listed->dump(2));
    return 0;
  }
  for (const auto& alias : listed->at("aliases"))
    say("{}  {}\n", alias.at("address").get<std::string>(), alias.at("of").get<std::string>());
  return 0;
}

}  // namespace mailpod::daemon
