#include "directory_records.hpp"

#include <algorithm>

#include <mailpod/text/ascii.hpp>

#include "departure_records.hpp"
#include "group_records.hpp"

namespace mailpod::members {
namespace {

constexpr std::uint8_t record_version = 1;
/// Of a person with fields that version 1 did not know. Who has none is written as ever, so that an older Mailpod reads
/// the directory for as long as nobody uses what it cannot do.
constexpr std::uint8_t person_version_2 = 2;
constexpr std::uint8_t address_tag = 1, alias_tag = 2, forward_tag = 3, fullness_tag = 4;  // stored: never renumber
constexpr std::uint8_t slots_tag = 6, second_factor_tag = 7, consent_tag = 9;
constexpr std::uint64_t latest_time = 253'402'300'799;  // the year 9999

bool is_principal(std::uint8_t value) {
  return value == 1 || value == 2;
}
bool is_progress(std::uint8_t value) {
  return value >= 1 && value <= 4;
}

std::string write_alias(const Alias& alias) {
  return base::Encoder()
      .u8(static_cast<std::uint8_t>(alias.progress))
      .fixed(alias.salt)
      .fixed(alias.address.str())
      .take();
}

std::optional<Alias> parse_alias(std::string_view octets) {
  base::Decoder in(octets);
  const auto progress = in.u8();
  Alias out;
  out.salt = in.fixed<32>();
  if (!in.ok() || progress < 1 || progress > 2) return std::nullopt;
  const auto address = Address::parse(in.rest());
  if (!address) return std::nullopt;
  out.progress = static_cast<Alias::Progress>(progress);
  out.address = *address;
  return out;
}

std::string write_forward(const Forward& forward) {
  return base::Encoder().u8(static_cast<std::uint8_t>(forward.copy)).fixed(forward.to.str()).take();
}

std::optional<Forward> parse_forward(std::string_view octets) {
  base::Decoder in(octets);
  const auto copy = in.u8();
  const auto to = Address::parse(in.rest());
  if (!in.ok() || copy > 1 || !to) return std::nullopt;
  return Forward{*to, static_cast<Forward::Copy>(copy)};
}

std::string write_roll(const Person& person) {
  base::Encoder out;
  out.u64(base::to_seconds(person.slots_changed));
  for (const auto& mark : *person.slots) out.fixed(mark.id).fixed(mark.digest);
  return out.take();
}

/// False if it makes no sense.
bool parse_roll(Person& person, std::string_view octets) {
  base::Decoder in(octets);
  const auto changed = in.u64();
  if (!in.ok() || changed > latest_time) return false;
  person.slots_changed = base::from_seconds(changed);
  auto& out = person.slots.emplace();
  while (!in.at_end()) {
    SlotMark mark;
    mark.id = in.fixed<16>();
    mark.digest = in.fixed<16>();
    const bool ascends = out.empty() || out.back() < mark;
    if (!in.ok() || !ascends || out.size() == longest_roll) return false;
    out.push_back(mark);
  }
  return true;
}

std::string write_second_factor(const SecondFactor& factor) {
  base::Encoder out;
  out.u64(factor.last_step);
  for (const auto& code : factor.backup_codes) out.fixed(code);
  return out.take();
}

std::optional<SecondFactor> parse_second_factor(std::string_view octets) {
  base::Decoder in(octets);
  SecondFactor out;
  out.last_step = in.u64();
  while (in.ok() && !in.at_end()) {
    const auto code = in.fixed<32>();
    const bool ascends = out.backup_codes.empty() || out.backup_codes.back() < code;
    if (!in.ok() || !ascends || out.backup_codes.size() == SecondFactor::most_backup_codes) return std::nullopt;
    out.backup_codes.push_back(code);
  }
  if (!in.ok()) return std::nullopt;
  return out;
}

std::string write_fullness(const Fullness& fullness) {
  return base::Encoder().u8(fullness.told).u64(fullness.since ? base::to_seconds(*fullness.since) : 0).take();
}

std::optional<Fullness> parse_fullness(std::string_view octets) {
  base::Decoder in(octets);
  Fullness out;
  out.told = in.u8();
  const auto since = in.u64();
  const bool full = out.told == 100;
  if (!in.ok() || !in.at_end() || out.told == 0 || out.told > 100 || full != (since != 0)) return std::nullopt;
  if (full) out.since = base::from_seconds(since);
  return out;
}

std::string write_consent(const Consent& consent) {
  return base::Encoder().u64(base::to_seconds(consent.at)).u64(consent.charter).fixed(consent.identity).take();
}

std::optional<Consent> parse_consent(std::string_view octets) {
  base::Decoder in(octets);
  const auto at = in.u64();
  Consent out{{}, in.u64(), {}};
  out.identity = in.fixed<32>();
  if (!in.ok() || !in.at_end() || at > latest_time || out.charter == 0) return std::nullopt;
  out.at = base::from_seconds(at);
  return out;
}

/// Whether version 1 can say all of it.
bool is_plain(const Person& person) {
  return person.aliases.empty() && !person.forward && !person.fullness && !person.slots && !person.second_factor &&
         !person.consent;
}

/// False if the field makes no sense in a record of `version`.
bool take_field(Person& person, std::uint8_t version, std::uint8_t tag, std::string_view value) {
  if (tag == forward_tag && version == person_version_2 && !person.forward) {
    person.forward = parse_forward(value);
    return person.forward.has_value();
  }
  if (tag == fullness_tag && version == person_version_2 && !person.fullness) {
    person.fullness = parse_fullness(value);
    return person.fullness.has_value();
  }
  if (tag == slots_tag && version == person_version_2 && !person.slots) {
    return parse_roll(person, value);
  }
  if (tag == second_factor_tag && version == person_version_2 && !person.second_factor) {
    person.second_factor = parse_second_factor(value);
    return person.second_factor.has_value();
  }
  if (tag == consent_tag && version == person_version_2 && !person.consent) {
    person.consent = parse_consent(value);
    return person.consent.has_value();
  }
  if (person.addresses.size() + person.aliases.size() == Person::most_addresses) return false;
  if (tag == address_tag) {
    const auto address = Address::parse(value);
    if (address) person.addresses.push_back(*address);
    return address.has_value();
  }
  if (tag != alias_tag || version != person_version_2) return false;
  auto alias = parse_alias(value);
  if (alias) person.aliases.push_back(std::move(*alias));
  return alias.has_value();
}

}  // namespace

std::string write_person(const Person& person) {
  base::Encoder out;
  out.u8(is_plain(person) ? record_version : person_version_2).fixed(person.id.bytes);
  out.u8(static_cast<std::uint8_t>(person.principal)).u8(static_cast<std::uint8_t>(person.progress));
  out.fixed(person.salt).fixed(person.pepper).u64(person.quota);
  for (const auto& address : person.addresses) out.field(address_tag, address.str());
  for (const auto& alias : person.aliases) out.field(alias_tag, write_alias(alias));
  if (person.forward) out.field(forward_tag, write_forward(*person.forward));
  if (person.fullness) out.field(fullness_tag, write_fullness(*person.fullness));
  if (person.slots) out.field(slots_tag, write_roll(person));
  if (person.second_factor) out.field(second_factor_tag, write_second_factor(*person.second_factor));
  if (person.consent) out.field(consent_tag, write_consent(*person.consent));
  return out.take();
}

std::optional<Person> parse_person(std::string_view octets) {
  base::Decoder in(octets);
  const auto version = in.u8();
  if (version != record_version && version != person_version_2) return std::nullopt;
  Person out;
  out.id.bytes = in.fixed<16>();
  const auto principal = in.u8();
  const auto progress = in.u8();
  if (!is_principal(principal) || !is_progress(progress)) return std::nullopt;
  out.principal = static_cast<governance::Principal>(principal);
  out.progress = static_cast<Person::Progress>(progress);
  out.salt = in.fixed<32>();
  out.pepper = in.fixed<32>();
  out.quota = in.u64();
  while (const auto field = in.field()) {
    if (!take_field(out, version, field->tag, field->value)) return std::nullopt;
  }
  if (!in.ok() || !in.at_end()) return std::nullopt;
  // One value, one writing.
  if ((version == person_version_2) == is_plain(out)) return std::nullopt;
  return out;
}

std::string write_tally(const governance::Tally& tally) {
  return base::Encoder().u8(record_version).u64(tally.count).fixed(tally.running).take();
}

std::string write_ledger(const governance::TreeHead& head) {
  return base::Encoder().u8(record_version).u64(head.size).fixed(head.root).take();
}

std::string write_time(base::Time time) {
  return base::Encoder().u8(record_version).u64(base::to_seconds(time)).take();
}

std::string write_retention(const RetentionTold& told) {
  return base::Encoder().u8(record_version).u32(told.days).u64(base::to_seconds(told.at)).take();
}

bool DirectoryDraft::apply_to_group(DirectoryRecord type, std::string_view payload) {
  const auto id = base::byte_array<16>(payload);
  if (!id) return false;
  if (type == DirectoryRecord::enact_group) return enact_group(*id).has_value();
  if (type == DirectoryRecord::forget_proposal) {
    forget_proposal(*id);
  } else {
    remove_group(*id);
  }
  return true;
}

bool DirectoryDraft::apply(DirectoryRecord type, std::string_view payload) {
  base::Decoder in(payload);
  switch (type) {
    case DirectoryRecord::domain: {
      const auto address = Address::parse("a@" + std::string(payload));
      if (!address || address->domain != payload) return false;
      add_domain(payload);
      return true;
    }
    case DirectoryRecord::remove_domain:
      return text::lower(payload) == payload && remove_domain(payload).has_value();
    case DirectoryRecord::propose_group: {
      const auto group = parse_group(payload);
      return group && propose_group(*group).has_value();
    }
    case DirectoryRecord::enact_group:
    case DirectoryRecord::forget_proposal:
    case DirectoryRecord::remove_group:
      return apply_to_group(type, payload);
    case DirectoryRecord::person: {
      const auto person = parse_person(payload);
      return person && put(*person).has_value();
    }
    case DirectoryRecord::remove: {
      const MemberId id{in.fixed<16>()};
      if (!in.ok() || !in.at_end()) return false;
      remove(id);
      return true;
    }
    case DirectoryRecord::departure: {
      const auto departure = parse_departure(payload);
      if (departure) depart(*departure);
      return departure.has_value();
    }
    case DirectoryRecord::forget_departure: {
      const auto id = base::byte_array<16>(payload);
      if (id) forget_departure(MemberId{*id});
      return id.has_value();
    }
    case DirectoryRecord::tally: {
      if (in.u8() != record_version) return false;
      governance::Tally tally;
      tally.count = in.u64();
      tally.running = in.fixed<32>();
      if (!in.ok() || !in.at_end()) return false;
      remember(tally);
      return true;
    }
    case DirectoryRecord::ledger: {
      if (in.u8() != record_version) return false;
      governance::TreeHead head;
      head.size = in.u64();
      head.root = in.fixed<32>();
      if (!in.ok() || !in.at_end()) return false;
      remember_ledger(head);
      return true;
    }
    case DirectoryRecord::audit: {
      if (in.u8() != record_version) return false;
      governance::TreeHead head;
      head.size = in.u64();
      head.root = in.fixed<32>();
      if (!in.ok() || !in.at_end()) return false;
      remember_audit(head);
      return true;
    }
    case DirectoryRecord::retention: {
      if (in.u8() != record_version) return false;
      const auto days = in.u32();
      const auto at = in.u64();
      if (!in.ok() || !in.at_end() || at > latest_time) return false;
      remember_retention({days, base::from_seconds(at)});
      return true;
    }
    case DirectoryRecord::time: {
      if (in.u8() != record_version) return false;
      const auto seconds = in.u64();
      if (!in.ok() || !in.at_end() || seconds > latest_time) return false;
      remember_time(base::from_seconds(seconds));
      return true;
    }
  }
  return false;
}

void DirectoryDraft::add_domain(std::string_view domain) {
  if (!state_.serves(domain)) state_.domains_.push_back(text::lower(domain));
}

Status DirectoryDraft::remove_domain(std::string_view domain) {
  const auto found = std::ranges::find(state_.domains_, text::lower(domain));
  if (found == state_.domains_.end()) return make_error_code(Errc::domain_not_served);
  if (found == state_.domains_.begin() || state_.is_used(domain)) return make_error_code(Errc::domain_in_use);
  state_.domains_.erase(found);
  return {};
}

Status DirectoryDraft::may_have(const Holder& holder, const Address& address) const {
  if (!state_.serves(address.domain)) return make_error_code(Errc::domain_not_served);
  const auto taken = state_.addresses_.find(address.key());
  if (taken != state_.addresses_.end() && !taken->second.is(holder.kind, holder.id))
    return make_error_code(Errc::address_taken);
  return {};
}

void DirectoryDraft::depart(const Departure& departure) {
  remove(departure.member);
  state_.departures_[departure.member] = departure;
}

Status DirectoryDraft::put(const Person& person) {
  if (state_.departures_.contains(person.id)) return make_error_code(Errc::not_a_member);
  Holder holder{Holder::Kind::person, person.id.bytes, true};
  for (const auto& address : person.addresses) {
    if (auto may = may_have(holder, address); !may) return may;
  }
  for (const auto& alias : person.aliases) {
    if (auto may = may_have(holder, alias.address); !may) return may;
  }
  remove(person.id);
  for (const auto& alias : person.aliases) {
    holder.in_force = alias.progress == Alias::Progress::in_force;
    state_.addresses_[alias.address.key()] = holder;
  }
  holder.in_force = true;
  for (const auto& address : person.addresses) state_.addresses_[address.key()] = holder;
  state_.people_[person.id] = std::make_shared<const Person>(person);
  return {};
}

void DirectoryDraft::remove(MemberId id) {
  const auto found = state_.people_.find(id);
  if (found == state_.people_.end()) return;
  for (const auto& address : found->second->addresses) state_.addresses_.erase(address.key());
  for (const auto& alias : found->second->aliases) state_.addresses_.erase(alias.address.key());
  state_.people_.erase(found);
}

Status DirectoryDraft::propose_group(const Group& group) {
  if (auto may = may_have({Holder::Kind::group, group.id, false}, group.address); !may) return may;
  const Group* before = state_.find_group(group.id);
  if (before != nullptr && before->address != group.address) return make_error_code(Errc::bad_address);
  forget_proposal(group.id);
  state_.addresses_[group.address.key()] = {Holder::Kind::group, group.id, before != nullptr};
  state_.proposals_[group.id] = std::make_shared<const Group>(group);
  return {};
}

Status DirectoryDraft::enact_group(const GroupId& id) {
  const auto found = state_.proposals_.find(id);
  if (found == state_.proposals_.end()) return make_error_code(Errc::not_a_group);
  state_.addresses_[found->second->address.key()].in_force = true;
  state_.groups_[id] = found->second;
  state_.proposals_.erase(found);
  return {};
}

void DirectoryDraft::forget_proposal(const GroupId& id) {
  const auto found = state_.proposals_.find(id);
  if (found == state_.proposals_.end()) return;
  if (!state_.groups_.contains(id)) state_.addresses_.erase(found->second->address.key());
  state_.proposals_.erase(found);
}

void DirectoryDraft::remove_group(const GroupId& id) {
  forget_proposal(id);
  const auto found = state_.groups_.find(id);
  if (found == state_.groups_.end()) return;
  state_.addresses_.erase(found->second->address.key());
  state_.groups_.erase(found);
}

std::vector<std::string> checkpoint_parts(const DirectoryState& state) {
  std::vector<std::string> parts(1);
  const auto add = [&](DirectoryRecord type, std::string_view payload) {
    if (parts.back().size() + payload.size() + 5 > journal::max_payload) parts.emplace_back();
    parts.back() += base::Encoder().field(static_cast<std::uint8_t>(type), payload).take();
  };
  for (const auto& domain : state.domains()) add(DirectoryRecord::domain, domain);
  for (const auto& [id, person] : state.people()) add(DirectoryRecord::person, write_person(*person));
  for (const auto& [id, group] : state.groups()) {
    add(DirectoryRecord::propose_group, write_group(*group));
    add(DirectoryRecord::enact_group, base::octets(id));
  }
  for (const auto& [id, group] : state.proposals()) add(DirectoryRecord::propose_group, write_group(*group));
  for (const auto& [id, departure] : state.departures()) add(DirectoryRecord::departure, write_departure(departure));
  add(DirectoryRecord::tally, write_tally(state.tally()));
  if (state.ledger().size != 0) add(DirectoryRecord::ledger, write_ledger(state.ledger()));
  if (state.time() != base::Time{}) add(DirectoryRecord::time, write_time(state.time()));
  if (state.audit().size != 0) add(DirectoryRecord::audit, write_ledger(state.audit()));
  if (state.retention() != RetentionTold{}) add(DirectoryRecord::retention, write_retention(state.retention()));
  return parts;
}

bool apply_checkpoint_part(DirectoryDraft& draft, std::string_view part) {
  base::Decoder in(part);
  while (const auto field = in.field()) {
    if (!draft.apply(static_cast<DirectoryRecord>(field->tag), field->value)) return false;
  }
  return in.ok();
}

}  // namespace mailpod::members
