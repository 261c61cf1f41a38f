#include <mailpod/members/departures.hpp>

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/store/destruction.hpp>

#include "member_folder.hpp"
#include "resting.hpp"

namespace mailpod::members {
namespace {

using governance::Act;
using governance::Complaint;
using governance::Verdict;

governance::Hash hash_of(const base::ByteArray<32>& salt, const Address& address) {
  return crypto::sha256(std::string(base::octets(salt)) + address.key());
}

Complaint refuse(std::string_view file, std::string what, std::string remedy) {
  return {governance::Errc::bad_value, std::string(file), 0, std::move(what), std::move(remedy)};
}

}  // namespace

bool Departure::had(const Address& address) const {
  return std::ranges::find(addresses, hash_of(salt, address)) != addresses.end();
}

Departure Departures::departure_of(const Person& person, Departure::Reason reason) const {
  Departure out;
  out.member = person.id;
  out.reason = reason;
  out.at = base::from_seconds(base::to_seconds(house_.clock.now()));
  const auto remains = store::remains_of(house_.disk, folder_of(house_, person.id));
  out.slots = remains.slots;
  out.messages = remains.messages;
  out.octets = remains.octets;
  out.salt = house_.entropy.bytes<32>();
  for (const auto& address : person.addresses) out.addresses.push_back(hash_of(out.salt, address));
  for (const auto& alias : person.aliases) out.addresses.push_back(hash_of(out.salt, alias.address));
  return out;
}

/// Mail to postmaster and to what else the charter promises must not find nobody.
Verdict<void> Departures::check_roles(MemberId member) const {
  const auto now = house_.clock.now();
  const auto roster = house_.registry.gate().roster();
  const auto& charter = roster->charters().at(now);
  const auto directory = house_.directory.state();
  std::vector<std::string> roles{"postmaster", "abuse", "hostmaster"};
  for (const auto& role : charter.addresses.roles) roles.push_back(role.local_part);
  for (const auto& role : roles) {
    const auto readers = role_recipients(role, charter, now);
    if (!readers || std::ranges::find(*readers, member) == readers->end()) continue;
    const auto reads = [&](MemberId id) {
      const Person* person = directory->find(id);
      return id != member && person != nullptr && person->has_card() && house_.registry.gate().may_receive(id, now);
    };
    if (std::ranges::none_of(*readers, reads)) {
      return refuse(member.str(), "is the only one who gets mail for " + role,
                    "have a charter take effect that names somebody else");
    }
  }
  return {};
}

Verdict<MemberId> Departures::expel(const governance::SignedFile& file) {
  const auto examined = house_.registry.examine({&file, 1}, house_.clock.now());
  if (!examined) return examined.error();
  const Act& act = examined->front();
  if (act.kind != Act::Kind::expel) return refuse(file.name, "expels nobody", "an act of expulsion is wanted");
  if (house_.directory.state()->find(act.member) == nullptr)
    return refuse(file.name, "names a member the directory does not know", "correct the member id");
  if (auto roles = check_roles(act.member); !roles) return roles.error();
  if (const auto recorded = house_.registry.record({&file, 1}, house_.clock.now()); !recorded) return recorded.error();
  try {
    depart_as_expelled(act.member);
    house_.directory.remember(house_.registry.tally());
  } catch (const std::system_error& failure) {
    house_.log.error("expulsion unfinished until restart reason=\"{}\"", base::printable(failure.what()));
    throw;
  }
  return act.member;
}

Verdict<void> Departures::leave(MemberId member) {
  const auto directory = house_.directory.state();
  const Person* person = directory->find(member);
  if (person == nullptr) return refuse(member.str(), "is no member", "nothing to do");
  if (auto roles = check_roles(member); !roles) return roles;
  house_.directory.depart(departure_of(*person, Departure::Reason::own_wish));
  return {};
}

void Departures::depart_as_expelled(MemberId member) {
  const auto directory = house_.directory.state();
  const Person* person = directory->find(member);
  const auto roster = house_.registry.gate().roster();
  const auto* standing = roster->find(member);
  if (person == nullptr || standing == nullptr || !standing->expelled) return;
  Departure departure = departure_of(*person, Departure::Reason::act);
  departure.at = *standing->expelled;
  departure.act = standing->expelled_by;
  house_.directory.depart(departure);
}

void Departures::destroy(MemberId member) {
  const auto directory = house_.directory.state();
  const auto found = directory->departures().find(member);
  if (found == directory->departures().end()) return;
  store::destroy_member_folder(house_.disk, house_.members, member, house_.log);
  Departure gone = found->second;
  gone.progress = Departure::Progress::gone;
  house_.directory.depart(gone);
  house_.log.info("member gone member={}", member.str());
}

/// Who cannot be finished with now, say as their folder cannot be removed, is nobody already, and keeps nobody else
/// from their mail.
void Departures::recover(MemberId member, const std::function<void()>& rest_of_it) {
  try {
    rest_of_it();
  } catch (const std::system_error& failure) {
    house_.log.error("departure unfinished member={} reason=\"{}\"", member.str(), base::printable(failure.what()));
  }
}

void Departures::recover() {
  const auto roster = house_.registry.gate().roster();
  for (const auto& [id, standing] : roster->standings()) {
    if (standing.expelled) recover(id, [&] { depart_as_expelled(id); });
  }
  const auto directory = house_.directory.state();
  for (const auto& [id, departure] : directory->departures()) {
    if (departure.progress == Departure::Progress::leaving) {
      recover(id, [&] { destroy(id); });
    } else if (departure.at + address_rests <= house_.clock.now()) {
      recover(id, [&] { house_.directory.forget_departure(id); });
    }
  }
}

Complaint resting(const Address& address, base::Time until) {
  const auto days = std::chrono::ceil<std::chrono::days>(until.time_since_epoch()).count();
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  return refuse(address.str(), "was somebody's who left: mail for them may still come",
                fmt::format("choose another address, or wait until {:04}-{:02}-{:02}", static_cast<int>(date.year()),
                            static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day())));
}

}  // namespace mailpod::members
