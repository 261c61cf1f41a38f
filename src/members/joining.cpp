#include <algorithm>
#include <system_error>

#include <mailpod/base/or_throw.hpp>
#include <mailpod/members/enrolment.hpp>
#include <mailpod/members/reserved.hpp>

#include "member_folder.hpp"
#include "progress.hpp"

// Newcomers who come in by files of their own, as candidates or at once. docs/joining.md.
namespace mailpod::members {
namespace {

using governance::Complaint;
using governance::Verdict;
using Progress = Person::Progress;

Complaint refuse(std::string_view file, std::string what, std::string remedy) {
  return {governance::Errc::bad_value, std::string(file), 0, std::move(what), std::move(remedy)};
}

Verdict<Person> newcomer(const Household& house, const JoinRequest& request, const governance::Join& join) {
  const auto address = Address::parse(request.address);
  if (!address) return refuse(request.address, "is no address", "write it as name@domain");
  if (governance::address_commitment(request.salt, address->str()) != join.address_commitment)
    return refuse(request.file.name, "commits to another address than " + address->str(),
                  "have it made for this address and salt");
  Person person;
  person.id = join.member;
  person.addresses = {*address};
  person.salt = request.salt;
  person.pepper = house.entropy.bytes<32>();
  return person;
}

/// No maintainer looks at an address that somebody chooses for themselves.
Verdict<void> check_chosen(const Household& house, const Address& address) {
  const auto roster = house.registry.gate().roster();
  if (!is_reserved(address.local_part, house.separator, roster->charters().at(house.clock.now()))) return {};
  return refuse(address.str(), "is not to be chosen: it is a member's, a group's, or speaks for the pod",
                "choose another address, or ask the maintainers to admit you under it");
}

/// Joined and not enrolled yet. What they cost stays: an address, a folder, entries that are read at each start.
constexpr std::ptrdiff_t most_not_enrolled = 100;

/// Where nobody is asked, whoever wants to fill the record need not even read mail.
Verdict<void> check_room(const Household& house, const DirectoryState& state, const JoinRequest& request) {
  const auto roster = house.registry.gate().roster();
  if (roster->charters().at(house.clock.now()).members.join != governance::Charter::Join::open) return {};
  const auto never_enrolled = [&](const auto& entry) {
    if (entry.second->progress == Progress::enrolled) return false;
    const auto* standing = roster->find(entry.first);
    return standing != nullptr && standing->accepted;
  };
  if (std::ranges::count_if(state.people(), never_enrolled) < most_not_enrolled) return {};
  return Complaint{governance::Errc::not_admitted, request.file.name, 0,
                   "finds no room: too many have joined and not enrolled",
                   "come again later, or ask the maintainers to admit you"};
}

/// Who tries again: what they began; nullptr for anybody else. Their key says that it is they.
const Person* find_begun(const Household& house, const DirectoryState& state, const governance::Join& join) {
  const auto roster = house.registry.gate().roster();
  const auto is_theirs = [&](const auto& known) {
    return known.citizen_key == join.citizen_key && known.address_commitment == join.address_commitment;
  };
  const auto* standing = roster->find(join.member);
  const auto* candidate = roster->find_candidate(join.member, house.clock.now());
  const bool known = (standing != nullptr && !standing->expelled && is_theirs(*standing)) ||
                     (candidate != nullptr && is_theirs(*candidate));
  return known ? state.find(join.member) : nullptr;
}

}  // namespace

Verdict<Joined> Admissions::join(const JoinRequest& request) {
  const auto join = governance::read_join(request.file);
  if (!join) return join.error();
  const auto state = house_.directory.state();
  if (const Person* begun = find_begun(house_, *state, *join)) {
    // Their file lies in the public ledger. Only they know the salt.
    if (const auto again = newcomer(house_, request, *join); !again) return again.error();
    return place(*begun, request);
  }
  // The record's rules first: who holds no invitation learns nothing of addresses here.
  if (auto v = house_.registry.examine_word(request.file, house_.clock.now()); !v) return v.error();
  if (auto v = check_room(house_, *state, request); !v) return v.error();
  const auto person = newcomer(house_, request, *join);
  if (!person) return person.error();
  if (auto v = check_chosen(house_, person->addresses.front()); !v) return v.error();
  if (auto v = begin({&*person, 1}); !v) return v.error();
  const auto enter = [&] { return house_.registry.record_word(request.file, house_.clock.now()); };
  if (auto v = commit({&*person, 1}, enter); !v) return v.error();
  return place(*person, request);
}

/// After the commit point: whatever the newcomer's standing still lacks.
Joined Admissions::place(const Person& person, const JoinRequest& request) {
  Joined out{person.id, person.addresses.front().str(), Joined::As::member};
  const bool is_member = house_.registry.gate().roster()->find(person.id) != nullptr;
  if (!is_member) {
    out.as = Joined::As::candidate;
    if (person.slots) return out;
    // Made now, used once they are admitted: nobody need come back before mail can be sealed for them.
    const auto invited = invite(person, request.code);
    house_.directory.remember(house_.registry.tally());
    or_throw(
        house_.directory.change({&person.id, 1}, [&](Person& changed) { changed.slots = SlotRoll{invited.code}; }));
    return out;
  }
  if (!person.has_card()) finish({person}, request.code);
  return out;
}

Verdict<governance::Vouch> Admissions::record_vouch(const governance::SignedFile& vouch) {
  const auto parsed = governance::parse_vouch(vouch.octets, vouch.name);
  if (!parsed) return parsed;
  // Who left by their own wish stands in the record for ever.
  const Person* by = house_.directory.state()->find(parsed->by);
  if (by == nullptr || !by->has_card())
    return Complaint{governance::Errc::not_admitted, vouch.name, 0,
                     "is of somebody who is no member any more, or not yet", "only members speak of newcomers"};
  if (auto v = house_.registry.record_word(vouch, house_.clock.now()); !v) return v.error();
  house_.directory.remember(house_.registry.tally());
  return parsed;
}

/// Members by the record, pending in the directory.
void Admissions::promote(std::span<const MemberId> members) {
  if (members.empty()) return;
  const auto state = house_.directory.state();
  for (const auto& id : members) {
    // A code that was never shown: mail must not be sealed to it.
    if (!state->find(id)->slots) remove_card(house_, id);
  }
  house_.directory.remember(house_.registry.tally());
  or_throw(house_.directory.change(members, [](Person& person) { person.progress = progress_once_admitted(person); }));
}

std::vector<MemberId> Admissions::settle(base::Time time) {
  const auto roster = house_.registry.gate().roster();
  std::vector<MemberId> admitted;
  std::vector<MemberId> forgotten;
  std::vector<MemberId> waiting;
  for (const auto& [id, person] : house_.directory.state()->people()) {
    if (person->progress != Progress::pending) continue;
    const auto* standing = roster->find(id);
    if (standing == nullptr) (roster->find_candidate(id, time) == nullptr ? forgotten : waiting).push_back(id);
    // Since a time when the directory could not be written.
    if (standing != nullptr && !standing->expelled) admitted.push_back(id);
  }
  promote(admitted);
  const auto at = house_.registry.acceptance_time(time);
  const auto& charter = roster->charters().at(time);
  if (!at || charter.expired(*at)) return admitted;
  if (!forgotten.empty()) house_.directory.remove(forgotten);
  // Those alone whom the directory knows: nobody is made a member who could have no mail.
  for (const auto& id : waiting) {
    const auto ripe = roster->ripe_at(*roster->find_candidate(id, time), time);
    if (!ripe || time < *ripe) continue;
    const governance::SignedFile word{"admission", governance::write_confirmation({charter.pod, charter.seq, id}), {}};
    // Refused: the pod's time runs behind the record's, or this one waited too long.
    if (!house_.registry.record_word(word, time)) continue;
    // Each by itself: what keeps out the next keeps back nobody.
    promote({&id, 1});
    admitted.push_back(id);
  }
  return admitted;
}

}  // namespace mailpod::members
