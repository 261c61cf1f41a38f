#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>

#include <mailpod/base/or_throw.hpp>
#include <mailpod/crypto/age.hpp>
#include <mailpod/members/enrolment.hpp>
#include <mailpod/store/vaults.hpp>
#include <mailpod/text/base32.hpp>

#include "member_folder.hpp"
#include "parallel.hpp"
#include "progress.hpp"
#include "resting.hpp"

namespace mailpod::members {
namespace {

using governance::Act;
using governance::Complaint;
using governance::Verdict;
using Progress = Person::Progress;

Complaint refuse(std::string_view file, std::string what, std::string remedy) {
  return {governance::Errc::bad_value, std::string(file), 0, std::move(what), std::move(remedy)};
}

std::vector<governance::SignedFile> acts_of(std::span<const Admission> admissions) {
  std::vector<governance::SignedFile> acts;
  for (const auto& admission : admissions) acts.push_back(admission.act);
  return acts;
}

/// The newcomer that act and address together name.
Verdict<Person> newcomer(const Household& house, const Admission& admission, const Act& act) {
  const auto address = Address::parse(admission.address);
  if (!address) return refuse(admission.address, "is no address", "write it as name@domain");
  if (act.kind != Act::Kind::admit) return refuse(admission.act.name, "admits nobody", "an act of admission is wanted");
  if (governance::address_commitment(admission.salt, address->str()) != *act.address_commitment) {
    return refuse(admission.act.name, "commits to another address than " + address->str(),
                  "sign an act for this address and salt");
  }
  Person person;
  person.id = act.member;
  person.principal = *act.principal;
  person.addresses = {*address};
  person.salt = admission.salt;
  person.pepper = house.entropy.bytes<32>();
  return person;
}

std::vector<MemberId> ids_of(std::span<const Person> people) {
  std::vector<MemberId> ids;
  for (const auto& person : people) ids.push_back(person.id);
  return ids;
}

std::vector<Person> with_progress(std::vector<Person> people, Progress progress) {
  for (auto& person : people) person.progress = progress;
  return people;
}

}  // namespace

Progress progress_once_admitted(const Person& pending) {
  return pending.slots ? Progress::invited : Progress::admitted;
}

Verdict<std::vector<Invitation>> Admissions::admit(std::span<const Admission> admissions) {
  const auto acts = acts_of(admissions);
  const auto examined = house_.registry.examine(acts, house_.clock.now());
  if (!examined) return examined.error();
  std::vector<Person> people;
  for (std::size_t i = 0; i < admissions.size(); ++i) {
    auto person = newcomer(house_, admissions[i], (*examined)[i]);
    if (!person) return person.error();
    people.push_back(std::move(*person));
  }
  if (auto v = begin(people); !v) return v.error();
  const auto enter = [&]() -> Verdict<void> {
    const auto recorded = house_.registry.record(acts, house_.clock.now());
    if (!recorded) return recorded.error();
    return {};
  };
  if (auto v = commit(people, enter); !v) return v.error();
  return finish(std::move(people));
}

/// Directory (pending).
Verdict<void> Admissions::begin(std::span<const Person> people) {
  const auto state = house_.directory.state();
  std::set<std::string> wanted;
  for (const auto& person : people) {
    const Address& address = person.addresses.front();
    if (!state->serves(address.domain)) {
      return refuse(address.str(), "is of a domain that this pod does not serve", "use one of the pod's own domains");
    }
    if (const auto until = state->rests_until(address, house_.clock.now())) return resting(address, *until);
    // Pending ones are not found by address, but their address is taken all the same: put() below says so.
    if (state->find(address.str()) != nullptr || !wanted.insert(address.key()).second) {
      return refuse(address.str(), "is taken", "choose another address");
    }
  }
  if (const auto put = house_.directory.put(people); !put) {
    return refuse(people.front().addresses.front().str(), "cannot be entered: " + put.error().message(),
                  "choose another address");
  }
  return {};
}

/// The act: from here on the newcomers are members, whatever happens.
Verdict<void> Admissions::commit(std::span<const Person> people, const Enter& enter) {
  const auto forget = [&] { house_.directory.remove(ids_of(people)); };
  try {
    auto entered = enter();
    if (!entered) forget();
    return entered;
  } catch (const std::system_error&) {
    try {
      forget();
    } catch (const std::system_error& failure) {
      house_.log.error("admission pending until restart reason=\"{}\"", base::printable(failure.what()));
    }
    throw;
  }
}

/// Folders, slots, cards; then the directory says that they are invited, and mail for them is taken.
std::vector<Invitation> Admissions::finish(std::vector<Person> people, const Code& code) {
  std::vector<Invited> invited(people.size());
  std::map<MemberId, SlotRoll> rolls;
  try {
    for_each_in_parallel(people.size(), [&](std::size_t i) { invited[i] = invite(people[i], code); });
    house_.directory.remember(house_.registry.tally());
    for (const auto& one : invited) rolls[one.invitation.member] = {one.code};
    // Last: nothing that may fail stands between the word that they have codes and handing these out.
    const auto invite_them = [&](Person& person) {
      person.progress = Progress::invited;
      person.slots = rolls.at(person.id);
    };
    or_throw(house_.directory.change(ids_of(people), invite_them));
  } catch (const std::system_error&) {
    // Members without a code, then; `reissue` gives them one. If even this cannot be written, recover() will do it.
    try {
      or_throw(house_.directory.put(with_progress(people, Progress::admitted)));
    } catch (const std::system_error& failure) {
      house_.log.error("admission unfinished until restart reason=\"{}\"", base::printable(failure.what()));
    }
    throw;
  }
  std::vector<Invitation> invitations;
  for (auto& one : invited) invitations.push_back(std::move(one.invitation));
  return invitations;
}

Admissions::Invited Admissions::invite(const Person& person, const Code& code) {
  store::make_member_folder(house_.disk, folder_of(house_, person.id));
  auto slots = slots_of(house_, person.id);
  // Of earlier codes, and what an enrolment by one of them left unfinished. Its drop keys were numbers n and n + 1.
  const auto older = slots.list(person.id).slots;
  std::uint32_t number = 1;
  for (const auto& slot : older) {
    if (const auto earlier = enrolment_parameters(slot)) number = std::max(number, earlier->first_drop_key_number + 2);
  }

  const auto drop_key = crypto::AgeIdentity::random(house_.arena, house_.entropy);
  const EnrolmentParameters parameters{number, std::nullopt};
  auto secret = code ? *code : house_.entropy.bytes<16>();
  auto label = new_label(house_, person.id, SlotType::enrolment, "");
  label.scopes = 0;
  const auto made = make_enrolment_slot(slot_ports(house_), std::move(label), base::octets(secret), parameters,
                                        drop_key.secret(), nullptr);
  slots.write(made);
  write_card(house_, {person.id, parameters.first_drop_key_number, drop_key.recipient().point, std::nullopt});
  for (const auto& slot : older) slots.remove(slot.label.id);
  Invited out{{person.id, person.addresses.front().str(), text::write_code(base::octets(secret))}, mark_of(made)};
  crypto::wipe(secret);
  return out;
}

Verdict<Invitation> Admissions::reissue(const governance::SignedFile& act) {
  const auto examined = house_.registry.examine({&act, 1}, house_.clock.now());
  if (!examined) return examined.error();
  if (examined->front().kind != Act::Kind::reissue) {
    return refuse(act.name, "issues no code", "an act of reissue is wanted");
  }
  const auto state = house_.directory.state();
  const Person* person = state->find(examined->front().member);
  if (person == nullptr) return refuse(act.name, "names a member the directory does not know", "correct the member id");
  if (person->progress == Progress::enrolled) {
    return Complaint{governance::Errc::already_enrolled, act.name, 0, "names a member who is enrolled",
                     "they use a key slot of their own; nobody else can make one"};
  }
  if (const auto recorded = house_.registry.record({&act, 1}, house_.clock.now()); !recorded) return recorded.error();
  // Without a card no mail is sealed to a key whose code was never shown, should the machine die now.
  Person changed = *person;
  changed.progress = Progress::admitted;
  or_throw(house_.directory.put({&changed, 1}));
  remove_card(house_, changed.id);
  return std::move(finish({changed}).front());
}

Verdict<Act> Admissions::record(const governance::SignedFile& act) {
  const auto examined = house_.registry.examine({&act, 1}, house_.clock.now());
  if (!examined) return examined.error();
  const auto kind = examined->front().kind;
  constexpr std::array of_the_record_alone{
      Act::Kind::suspend,      Act::Kind::reinstate,           Act::Kind::set_quota,     Act::Kind::set_citizen_key,
      Act::Kind::invite,       Act::Kind::withdraw_invitation, Act::Kind::federate,      Act::Kind::defederate,
      Act::Kind::dispute_open, Act::Kind::dispute_answer,      Act::Kind::dispute_close, Act::Kind::announce,
      Act::Kind::upgrade};
  if (std::ranges::find(of_the_record_alone, kind) == of_the_record_alone.end()) {
    return refuse(act.name,
                  "is no suspension, reinstatement, quota, citizen key, invitation, word about another pod, dispute, "
                  "announcement or upgrade",
                  "the others have commands of their own");
  }
  auto recorded = house_.registry.record({&act, 1}, house_.clock.now());
  if (!recorded) return recorded.error();
  try {
    house_.directory.remember(house_.registry.tally());
  } catch (const std::system_error& failure) {
    // It is in force all the same. The next start remembers it; until then nobody would miss it in the record.
    house_.log.error("directory behind reason=\"{}\"", base::printable(failure.what()));
  }
  return std::move(recorded->front());
}

void Admissions::recover() {
  const auto state = house_.directory.state();
  const auto roster = house_.registry.gate().roster();
  std::vector<MemberId> forgotten;
  std::vector<Person> changed;
  for (const auto& [id, person] : state->people()) {
    remove_leftovers(house_, id);
    if (person->progress == Progress::enrolled || person->progress == Progress::invited) continue;
    Person next = *person;
    if (person->progress == Progress::pending) {
      // By the record's time: at a start the machine's clock may be anything, and who is forgotten does not come back.
      if (roster->candidates().contains(id)) continue;
      if (roster->find(id) == nullptr) {
        forgotten.push_back(id);
        continue;
      }
      next.progress = progress_once_admitted(*person);
    }
    if (next.progress == Progress::invited) {
      changed.push_back(std::move(next));
      continue;
    }
    // A code that was never shown: mail must not be sealed to it.
    remove_card(house_, id);
    if (next.progress != person->progress) changed.push_back(std::move(next));
  }
  if (!forgotten.empty()) house_.directory.remove(forgotten);
  if (!changed.empty()) or_throw(house_.directory.put(changed));
  house_.directory.remember(house_.registry.tally());
}

}  // namespace mailpod::members
