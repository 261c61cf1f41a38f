#include <algorithm>

#include <mailpod/members/directory.hpp>
#include <mailpod/text/ascii.hpp>

namespace mailpod::members {

std::string DirectoryState::key_for(std::string_view name) const {
  std::string key = text::lower(name);
  if (key.find('@') == std::string::npos && !domains_.empty()) key += "@" + domains_.front();
  return key;
}

const Person* DirectoryState::find(std::string_view address) const {
  const auto found = addresses_.find(key_for(address));
  if (found == addresses_.end() || !found->second.in_force || found->second.kind != Holder::Kind::person)
    return nullptr;
  const Person* person = find(MemberId{found->second.id});
  return person == nullptr || person->progress == Person::Progress::pending ? nullptr : person;
}

const Person* DirectoryState::find_reached(std::string_view address, std::string_view separator) const {
  const Person* exact = find(address);
  if (exact != nullptr || separator.empty()) return exact;
  const auto whole = Address::parse_reached(address);
  if (!whole) return nullptr;
  // From the end: the longest name wins, as the whole address would have won over each of them.
  for (std::string_view local = whole->local_part;;) {
    const auto at = local.rfind(separator);
    if (at == std::string_view::npos || at == 0) return nullptr;
    local = local.substr(0, at);
    const Person* person = find(std::string(local) + "@" + whole->domain);
    if (person != nullptr) return person;
  }
}

const Person* DirectoryState::find(MemberId id) const {
  const auto found = people_.find(id);
  return found == people_.end() ? nullptr : found->second.get();
}

const Group* DirectoryState::find_group(std::string_view address) const {
  const auto found = addresses_.find(key_for(address));
  if (found == addresses_.end() || found->second.kind != Holder::Kind::group) return nullptr;
  return find_group(found->second.id);
}

const Group* DirectoryState::find_group(const GroupId& id) const {
  const auto found = groups_.find(id);
  return found == groups_.end() ? nullptr : found->second.get();
}

bool DirectoryState::is_used(std::string_view domain) const {
  const std::string ending = "@" + text::lower(domain);
  return std::ranges::any_of(addresses_, [&](const auto& entry) { return entry.first.ends_with(ending); });
}

bool DirectoryState::serves(std::string_view domain) const {
  return std::ranges::any_of(domains_, [&](const auto& served) { return text::equal_fold(served, domain); });
}

std::optional<base::Time> DirectoryState::rests_until(const Address& address, base::Time now) const {
  std::optional<base::Time> until;
  for (const auto& [id, departure] : departures_) {
    const auto rested = departure.at + address_rests;
    if (rested > now && departure.had(address)) until = std::max(until.value_or(rested), rested);
  }
  return until;
}

}  // namespace mailpod::members
