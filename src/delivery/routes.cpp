#include "routes.hpp"

#include <algorithm>

#include <mailpod/governance/error.hpp>
#include <mailpod/message/header_values.hpp>
#include <mailpod/text/unicode.hpp>

#include "groups.hpp"

namespace mailpod::delivery {

namespace {

std::string default_domain(const members::DirectoryState& directory) {
  return directory.domains().empty() ? std::string() : directory.domains().front();
}

// Without a card there is no key to seal mail with.
bool has_card(const members::DirectoryState& directory, MemberId member) {
  const members::Person* person = directory.find(member);
  return person != nullptr && person->progress >= members::Person::Progress::invited;
}

Result<std::vector<MemberId>> officers_for(const Routes& routes, const members::DirectoryState& directory,
                                           const std::vector<MemberId>& officers) {
  std::vector<MemberId> reached;
  for (const MemberId& member : officers) {
    if (routes.gate.may_receive(member, routes.clock.now()) && has_card(directory, member)) reached.push_back(member);
  }
  if (reached.empty()) return smtp::Errc::mailbox_unavailable;
  return reached;
}

/// `fallback`: who gets what nobody has.
Result<std::vector<MemberId>> member_for(const Routes& routes, const members::DirectoryState& directory,
                                         const std::string& address, const std::optional<MemberId>& fallback) {
  const members::Person* person = directory.find_reached(address, routes.separator);
  if (person == nullptr && fallback) person = directory.find(*fallback);
  if (person == nullptr) return smtp::Errc::no_such_mailbox;
  const Status may = routes.gate.may_receive(person->id, routes.clock.now());
  if (!may) {
    const bool suspended = may.error() == governance::Errc::suspended;
    return suspended ? smtp::Errc::mailbox_suspended : smtp::Errc::no_such_mailbox;
  }
  if (!has_card(directory, person->id)) return smtp::Errc::mailbox_unavailable;
  return std::vector<MemberId>{person->id};
}

}  // namespace

bool is_local(const Routes& routes, const smtp::Mailbox& forward_path) {
  return forward_path.domain.empty() || routes.directory.state()->serves(forward_path.domain);
}

Result<std::vector<MemberId>> members_for(const Routes& routes, const smtp::Mailbox& forward_path) {
  const auto directory = routes.directory.state();
  const std::string domain = forward_path.domain.empty() ? default_domain(*directory) : forward_path.domain;
  if (!directory->serves(domain)) return smtp::Errc::not_local;

  const auto roster = routes.gate.roster();
  const auto now = routes.clock.now();
  const auto& charter = roster->charters().at(now);
  const auto officers = members::role_recipients(forward_path.local_part, charter, now);
  if (officers) return officers_for(routes, *directory, *officers);
  // RFC 6531 §3.3 leaves the comparison to us: the same characters are the same address, however they are composed.
  const std::string local_part = text::to_nfc(forward_path.local_part).value_or("");
  if (directory->find(local_part + "@" + domain) == nullptr && is_beside_a_group(*directory, local_part, domain)) {
    return officers_for(routes, *directory, *members::role_recipients("postmaster", charter, now));
  }
  return member_for(routes, *directory, local_part + "@" + domain, charter.addresses.fallback);
}

Result<Destinations> destinations_for(const Routes& routes, const std::vector<smtp::Addressee>& recipients,
                                      bool from_outside) {
  const std::string domain = default_domain(*routes.directory.state());
  Destinations destinations;
  auto& local = destinations.local;
  auto& remote = destinations.remote;
  auto& reported = destinations.reported;
  for (const auto& [recipient, parameters] : recipients) {
    const std::string address = address_text(recipient, domain);
    if (!is_local(routes, recipient)) {
      const bool known = std::ranges::find(remote, address, &Destinations::Remote::address) != remote.end();
      if (!known) remote.push_back({address, parameters});
      continue;
    }
    if (auto group = group_for(routes, recipient)) {
      auto& groups = destinations.groups;
      if (std::ranges::find(groups, group->id, &members::Group::id) == groups.end()) groups.push_back(std::move(group));
      // What reached the group has arrived: the message ends there, and another begins. RFC 3461 §5.2.7.1.
      if (parameters.notify.success) reported.push_back({address, parameters});
      continue;
    }
    const auto members = members_for(routes, recipient);
    if (!members) return members.error();
    for (const MemberId& member : *members) {
      const bool known = std::ranges::find(local, member, &Destination::member) != local.end();
      if (!known) local.push_back({member, address});
    }
    if (parameters.notify.success) reported.push_back({address, parameters});
  }
  // Who is named, or is in an earlier group, has their copy.
  auto served = local;
  for (const auto& group : destinations.groups) {
    for (auto& onward : onward_for(routes, group, served, from_outside)) {
      served.insert(served.end(), onward.local.begin(), onward.local.end());
      destinations.onward.push_back(std::move(onward));
    }
  }
  return destinations;
}

std::string address_text(const smtp::Mailbox& mailbox, std::string_view default_domain) {
  if (mailbox.empty()) return {};
  const std::string domain = mailbox.domain.empty() ? std::string(default_domain) : mailbox.domain;
  return message::Address{"", mailbox.local_part, domain}.address();
}

}  // namespace mailpod::delivery
