#include "person_json.hpp"

#include <ctime>

namespace mailpod::admin {
namespace {

std::string_view name_of(members::Person::Progress progress) {
  switch (progress) {
    case members::Person::Progress::pending:
      return "pending";
    case members::Person::Progress::admitted:
      return "admitted";
    case members::Person::Progress::invited:
      return "invited";
    case members::Person::Progress::enrolled:
      return "enrolled";
  }
  return "unknown";
}

}  // namespace

std::string time_text(base::Time time) {
  const auto seconds = static_cast<std::time_t>(base::to_seconds(time));
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

json person_json(const Premises& premises, const members::Person& person) {
  json out{{"member", person.id.str()},
           {"kind", person.principal == governance::Principal::guest ? "guest" : "member"},
           {"progress", name_of(person.progress)},
           {"addresses", json::array()}};
  for (const auto& address : person.addresses) out["addresses"].push_back(address.str());
  for (const auto& alias : person.aliases) {
    if (alias.progress == members::Alias::Progress::in_force) out["addresses"].push_back(alias.address.str());
  }
  const auto roster = premises.registry.gate().roster();
  const auto allowance = roster->allowance(person.id, premises.clock.now());
  out["quota_octets"] = allowance.octets;
  out["quota_messages"] = allowance.messages;
  const auto* standing = roster->find(person.id);
  if (standing == nullptr) return out;
  out["admitted"] = time_text(standing->admitted);
  if (standing->citizen_key) out["citizen_key"] = standing->citizen_key->str();
  if (standing->suspended(premises.clock.now())) out["suspended_until"] = time_text(*standing->suspended_until);
  return out;
}

const members::Person* find_person(const members::DirectoryState& state, std::string_view who) {
  if (const auto id = MemberId::parse(who)) {
    if (const auto* person = state.find(*id)) return person;
  }
  return state.find(who);
}

}  // namespace mailpod::admin
