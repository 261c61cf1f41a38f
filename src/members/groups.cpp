#include <algorithm>
#include <system_error>

#include <mailpod/base/or_throw.hpp>
#include <mailpod/members/addresses.hpp>

#include "group_records.hpp"
#include "resting.hpp"

namespace mailpod::members {
namespace {

using governance::Act;
using governance::Complaint;
using governance::Verdict;

Complaint refuse(std::string_view subject, std::string what, std::string remedy) {
  return {governance::Errc::bad_value, std::string(subject), 0, std::move(what), std::move(remedy)};
}

/// What of a group its record cannot say is refused here, before anybody signs it into the record of acts for ever.
Verdict<void> check_form(const Group& group) {
  const std::string subject = group.address.str();
  if (group.members.size() > Group::most_members || group.outside.size() > Group::most_outside)
    return refuse(subject, "would have too many members", "at most 500 of the pod and 200 from outside");
  if (!parse_group(write_group(group)))
    return refuse(subject, "cannot be kept as it is", "a name has at most 64 octets, and everybody is named once");
  return {};
}

Verdict<void> check_address(const Household& house, const Group& group) {
  const std::string subject = group.address.str();
  const auto state = house.directory.state();
  if (!state->serves(group.address.domain))
    return refuse(subject, "is of a domain that this pod does not serve", "use one of the pod's own domains");
  const auto now = house.clock.now();
  const auto roster = house.registry.gate().roster();
  if (role_recipients(group.address.local_part, roster->charters().at(now), now))
    return refuse(subject, "is a role's: its mail goes to whom the charter names", "choose another address");
  const Group* before = state->find_group(group.id);
  if (const auto until = state->rests_until(group.address, now)) return resting(group.address, *until);
  if (before != nullptr && before->address != group.address)
    return refuse(subject, "is not the group's address", "remove the group, and add one of the new address");
  if (before == nullptr && state->is_taken(group.address)) return refuse(subject, "is taken", "choose another address");
  return {};
}

Verdict<void> check_members(const Household& house, const Group& group) {
  const auto state = house.directory.state();
  for (const auto& member : group.members) {
    if (state->find(member) == nullptr)
      return refuse(group.address.str(), "names a member the directory does not know", "correct the member id");
  }
  for (const auto& text : group.outside) {
    const auto address = Address::parse(text);
    if (address && state->serves(address->domain))
      return refuse(text, "is an address of this pod", "name its member; a group has no groups");
  }
  return {};
}

}  // namespace

Verdict<void> Addresses::set_group(const GroupRequest& request) {
  const auto examined = house_.registry.examine({&request.act, 1}, house_.clock.now());
  if (!examined) return examined.error();
  const Act& act = examined->front();
  const Group& group = request.group;
  if (act.kind != Act::Kind::set_group)
    return refuse(request.act.name, "sets no group", "an act of set-group is wanted");
  if (*act.group != group.id || *act.group_commitment != group.commitment())
    return refuse(request.act.name, "commits to another group", "sign an act for this one");
  if (auto form = check_form(group); !form) return form;
  if (auto address = check_address(house_, group); !address) return address;
  if (auto members = check_members(house_, group); !members) return members;
  if (const auto put = house_.directory.propose_group(group); !put)
    return refuse(group.address.str(), "cannot be entered: " + put.error().message(), "choose another address");
  if (auto committed = commit_group(request.act, group.id); !committed) return committed;
  try {
    or_throw(house_.directory.enact_group(group.id));
    house_.directory.remember(house_.registry.tally());
  } catch (const std::system_error& failure) {
    house_.log.error("group unfinished until restart reason=\"{}\"", base::printable(failure.what()));
    throw;
  }
  return {};
}

/// The act: from here on the group is as it says, whatever happens. Until then the proposal can be forgotten.
Verdict<void> Addresses::commit_group(const governance::SignedFile& act, const GroupId& id) {
  try {
    const auto recorded = house_.registry.record({&act, 1}, house_.clock.now());
    if (recorded) return {};
    house_.directory.forget_proposal(id);
    return recorded.error();
  } catch (const std::system_error&) {
    try {
      house_.directory.forget_proposal(id);
    } catch (const std::system_error& failure) {
      house_.log.error("group pending until restart reason=\"{}\"", base::printable(failure.what()));
    }
    throw;
  }
}

Verdict<Address> Addresses::remove_group(const governance::SignedFile& file) {
  const auto examined = house_.registry.examine({&file, 1}, house_.clock.now());
  if (!examined) return examined.error();
  const Act& act = examined->front();
  if (act.kind != Act::Kind::remove_group)
    return refuse(file.name, "removes no group", "an act of remove-group is wanted");
  const auto state = house_.directory.state();
  const Group* group = state->find_group(*act.group);
  if (group == nullptr) return refuse(file.name, "names a group the directory does not know", "correct the group's id");
  if (const auto recorded = house_.registry.record({&file, 1}, house_.clock.now()); !recorded) return recorded.error();
  try {
    house_.directory.remove_group(group->id);
    house_.directory.remember(house_.registry.tally());
  } catch (const std::system_error& failure) {
    house_.log.error("group unfinished until restart reason=\"{}\"", base::printable(failure.what()));
    throw;
  }
  return group->address;
}

void Addresses::recover_groups() {
  const auto state = house_.directory.state();
  const auto roster = house_.registry.gate().roster();
  const auto decided = [&](const Group& group) {
    const auto found = roster->groups().find(group.id);
    return found != roster->groups().end() && found->second == group.commitment();
  };
  for (const auto& [id, proposal] : state->proposals()) {
    if (decided(*proposal)) {
      house_.directory.enact_group(id).value();
    } else {
      house_.directory.forget_proposal(id);
    }
  }
  for (const auto& [id, group] : state->groups()) {
    if (!roster->groups().contains(id)) house_.directory.remove_group(id);
  }
}

}  // namespace mailpod::members
