#include <algorithm>

#include <nlohmann/json.hpp>

#include "../answers.hpp"
#include "../commands.hpp"
#include "../signing_desk.hpp"
#include "../terminal.hpp"

namespace mailpod::daemon {
namespace {

using governance::Act;
using nlohmann::json;

governance::Verdict<json> add(const AliasOptions& options) {
  SigningDesk desk(options.common);
  if (auto ready = desk.open(options.maintainer_keys); !ready.has_value()) return ready.error();
  const auto member = desk.member(options.member);
  if (!member.has_value()) return member.error();
  const auto address = full_address(options.address, desk.charter());
  if (!address.has_value()) return address.error();

  const auto salt = desk.machine().entropy.bytes<32>();
  auto act = desk.act(Act::Kind::add_alias, *member);
  act.address_commitment = governance::address_commitment(salt, address->str());
  act.reason = options.reason;
  return desk.carry_out(act, "alias.add", {{"address", address->str()}, {"salt", base::hex(base::octets(salt))}});
}

/// The alias of that address, as `alias.list` tells it.
governance::Verdict<json> find_alias(SigningDesk& desk, const std::string& address) {
  const auto listed = desk.ask("alias.list", json::object());
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
  SigningDesk desk(options.common);
  if (auto ready = desk.open(options.maintainer_keys); !ready.has_value()) return ready.error();
  const auto address = full_address(options.address, desk.charter());
  if (!address.has_value()) return address.error();
  const auto alias = find_alias(desk, address->str());
  if (!alias.has_value()) return alias.error();

  const auto member = MemberId::parse(alias->at("member").get<std::string>());
  const auto commitment = base::unhex(alias->at("address_commitment").get<std::string>()).value_or("");
  auto act = desk.act(Act::Kind::remove_alias, member.value());
  act.address_commitment = base::byte_array<32>(commitment);
  act.reason = options.reason;
  return desk.carry_out(act, "alias.remove");
}

}  // namespace

int alias_add(const AliasOptions& options) {
  return say_done(options.common, add(options), "added", "address");
}

int alias_remove(const AliasOptions& options) {
  return say_done(options.common, remove(options), "removed", "address");
}

int alias_list(const AliasOptions& options) {
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
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
