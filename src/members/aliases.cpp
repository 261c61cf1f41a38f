#include <algorithm>
#include <system_error>

#include <mailpod/base/or_throw.hpp>
#include <mailpod/members/addresses.hpp>

#include "resting.hpp"

namespace mailpod::members {
namespace {

using governance::Act;
using governance::Complaint;
using governance::Verdict;

Complaint refuse(std::string_view subject, std::string what, std::string remedy) {
  return {governance::Errc::bad_value, std::string(subject), 0, std::move(what), std::move(remedy)};
}

/// Whether the act that added an alias stands.
bool is_decided(const governance::Standing* standing, const Alias& alias) {
  if (standing == nullptr) return false;
  return standing->aliases.contains(governance::address_commitment(alias.salt, alias.address.str()));
}

Verdict<Person> person_of(const Household& house, const governance::SignedFile& file, const Act& act) {
  const auto state = house.directory.state();
  const Person* person = state->find(act.member);
  if (person == nullptr)
    return refuse(file.name, "names a member the directory does not know", "correct the member id");
  return *person;
}

/// The address that request and act together name, if it can be had.
Verdict<Address> address_of(const Household& house, const AliasRequest& request, const Act& act) {
  const auto address = Address::parse(request.address);
  if (!address) return refuse(request.address, "is no address", "write it as name@domain");
  if (governance::address_commitment(request.salt, address->str()) != *act.address_commitment) {
    return refuse(request.act.name, "commits to another address than " + address->str(),
                  "sign an act for this address and salt");
  }
  const auto state = house.directory.state();
  if (!state->serves(address->domain)) {
    return refuse(address->str(), "is of a domain that this pod does not serve", "use one of the pod's own domains");
  }
  if (state->is_taken(*address)) return refuse(address->str(), "is taken", "choose another address");
  const auto now = house.clock.now();
  if (const auto until = state->rests_until(*address, now)) return resting(*address, *until);
  const auto roster = house.registry.gate().roster();
  if (role_recipients(address->local_part, roster->charters().at(now), now)) {
    return refuse(address->str(), "is a role's: its mail goes to whom the charter names", "choose another address");
  }
  return *address;
}

}  // namespace

Verdict<AliasChange> Addresses::add_alias(const AliasRequest& request) {
  const auto examined = house_.registry.examine({&request.act, 1}, house_.clock.now());
  if (!examined) return examined.error();
  const Act& act = examined->front();
  if (act.kind != Act::Kind::add_alias)
    return refuse(request.act.name, "adds no alias", "an act of add-alias is wanted");
  auto person = person_of(house_, request.act, act);
  if (!person) return person.error();
  auto address = address_of(house_, request, act);
  if (!address) return address.error();
  if (person->addresses.size() + person->aliases.size() >= Person::most_addresses) {
    return refuse(address->str(), "is one address too many", "remove another first; 64 are allowed");
  }
  const Person before = *person;
  person->aliases.push_back({*address, request.salt, Alias::Progress::pending});
  if (const auto put = house_.directory.put({&*person, 1}); !put) {
    return refuse(address->str(), "cannot be entered: " + put.error().message(), "choose another address");
  }
  if (auto committed = commit(request.act, before); !committed) return committed.error();
  person->aliases.back().progress = Alias::Progress::in_force;
  finish(*person);
  return AliasChange{person->id, *address};
}

Verdict<AliasChange> Addresses::remove_alias(const governance::SignedFile& file) {
  const auto examined = house_.registry.examine({&file, 1}, house_.clock.now());
  if (!examined) return examined.error();
  const Act& act = examined->front();
  if (act.kind != Act::Kind::remove_alias)
    return refuse(file.name, "removes no alias", "an act of remove-alias is wanted");
  auto person = person_of(house_, file, act);
  if (!person) return person.error();
  const auto is_meant = [&](const Alias& alias) {
    return governance::address_commitment(alias.salt, alias.address.str()) == *act.address_commitment;
  };
  const auto meant = std::ranges::find_if(person->aliases, is_meant);
  if (meant == person->aliases.end()) {
    return refuse(file.name, "commits to an address that the directory does not know", "restore the directory");
  }
  AliasChange change{person->id, meant->address};
  if (const auto recorded = house_.registry.record({&file, 1}, house_.clock.now()); !recorded) return recorded.error();
  person->aliases.erase(meant);
  finish(*person);
  return change;
}

/// The act: from here on the alias is theirs, whatever happens. Until then it can be taken back.
Verdict<void> Addresses::commit(const governance::SignedFile& act, const Person& before) {
  try {
    const auto recorded = house_.registry.record({&act, 1}, house_.clock.now());
    if (recorded) return {};
    or_throw(house_.directory.put({&before, 1}));
    return recorded.error();
  } catch (const std::system_error&) {
    try {
      or_throw(house_.directory.put({&before, 1}));
    } catch (const std::system_error& failure) {
      house_.log.error("alias pending until restart reason=\"{}\"", base::printable(failure.what()));
    }
    throw;
  }
}

void Addresses::finish(const Person& person) {
  try {
    or_throw(house_.directory.put({&person, 1}));
    house_.directory.remember(house_.registry.tally());
  } catch (const std::system_error& failure) {
    house_.log.error("alias unfinished until restart reason=\"{}\"", base::printable(failure.what()));
    throw;
  }
}

void Addresses::recover_aliases() {
  const auto state = house_.directory.state();
  const auto roster = house_.registry.gate().roster();
  std::vector<Person> changed;
  for (const auto& [id, person] : state->people()) {
    Person next = *person;
    const auto* standing = roster->find(id);
    std::erase_if(next.aliases, [&](const Alias& alias) { return !is_decided(standing, alias); });
    for (auto& alias : next.aliases) alias.progress = Alias::Progress::in_force;
    if (next != *person) changed.push_back(std::move(next));
  }
  if (!changed.empty()) house_.directory.put(changed).value();
}

}  // namespace mailpod::members
