#include <algorithm>
#include <ranges>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/sasl/scram.hpp>
#include <mailpod/text/unicode.hpp>

#include "app_password.hpp"
#include "key_ring_state.hpp"
#include "member_folder.hpp"
#include "recovery_code.hpp"

namespace mailpod::members {
namespace {

constexpr std::size_t fewest_password_characters = 10;
constexpr std::size_t longest_password = 1024;

/// Whether its member can come back to their mail by this slot whenever they like: no session, no channel's secret,
/// none that ends, none that may only send.
bool leads_back(const Slot& slot) {
  const auto type = slot.label.type;
  const bool is_theirs = type == SlotType::password || type == SlotType::app || type == SlotType::recovery;
  const bool may_read = (slot.label.scopes & static_cast<sasl::Scopes>(sasl::Scope::imap)) != 0;
  return is_theirs && may_read && !slot.label.expires;
}

sasl::Scopes only(sasl::Scope scope) {
  return static_cast<sasl::Scopes>(scope);
}

/// What a new app password may do, by what the secret that makes it may: no more, and for no longer. Errors:
/// not_permitted, bad_expiry.
Result<NewAppPassword> within(const SlotLabel& by, const AppPasswordWish& wish, base::Time now) {
  NewAppPassword out{by.member, wish.name, wish.scopes.value_or(by.scopes), wish.expires, wish.kind};
  if (out.kind == AppPasswordWish::Kind::send_only) out.scopes &= only(sasl::Scope::send);
  if (out.scopes == 0 || (out.scopes & ~by.scopes) != 0) return make_error_code(Errc::not_permitted);
  if (!out.expires) out.expires = by.expires;
  if (!out.expires) return out;
  if (*out.expires <= now || (by.expires && *out.expires > *by.expires)) return make_error_code(Errc::bad_expiry);
  return out;
}

}  // namespace

Result<Slots> present_slots(const Household& house, const SlotLabel& by) {
  const auto directory = house.directory.state();
  const Person* person = directory->find(by.member);
  if (person == nullptr) return make_error_code(Errc::not_a_member);
  auto slots = read_slots(house, *person);
  const bool counts = std::ranges::any_of(slots.live, [&](const Slot& slot) { return slot.label.id == by.id; });
  if (!counts) return make_error_code(Errc::wrong_secret);
  return slots;
}

Result<Opened> open_for_change(const Household& house, Trials& trials, std::string_view address, const Secret& secret,
                               Accepts accepts) {
  if (shape_of(secret.text) == SecretShape::mistyped_app_password) return make_error_code(Errc::mistyped_secret);
  // All is tried before anything is said, for nobody's name against somebody who bears it: many ask at once, one after
  // the other, and what each costs adds up.
  const auto attempt = attempt_by(house, trials.decoy_key, address);
  auto slots = slots_tried(house, attempt);
  auto by_code = try_recovery_code(house, slots.live, secret.text);
  const auto pepper = attempt.tried != nullptr ? attempt.tried->pepper : base::ByteArray<32>{};
  auto opened = by_code ? std::nullopt : try_secret(house, slots.live, secret.text, pepper);
  if (attempt.person == nullptr) return make_error_code(Errc::not_a_member);
  const Person& person = *attempt.person;
  if (const auto may = house.registry.gate().may_log_in(person.id, house.clock.now()); !may) return may.error();
  if (by_code && attempt.is_real()) {
    if (accepts != Accepts::recovery_codes_too) return make_error_code(Errc::for_recovery_only);
    return Opened{person, std::move(slots), std::move(*by_code)};
  }
  if (!opened && is_mistyped_recovery_code(secret.text)) return make_error_code(Errc::mistyped_secret);
  if (!opened || !opened->vault_key || !attempt.is_real()) return make_error_code(Errc::wrong_secret);
  if (opened->second_factor) {
    const CodeClaim claim{person, *opened->second_factor, secret.one_time_code};
    if (const auto proved = check_second_factor(house, trials.guesses, claim); !proved) return proved.error();
  }
  return Opened{person, std::move(slots), std::move(*opened)};
}

bool is_slot_name(std::string_view name) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return !name.empty() && name.size() <= 64 && text::is_utf8(name) && std::ranges::none_of(name, is_control);
}

bool is_good_password(std::string_view password) {
  return password.size() <= longest_password && text::is_utf8(password) &&
         password.find('\0') == std::string_view::npos &&
         text::count_characters(password) >= fewest_password_characters && shape_of(password) == SecretShape::human;
}

MadeAppPassword make_app_password(const Household& house, const NewAppPassword& wanted, const std::vector<Slot>& slots,
                                  const crypto::Key& vault_key) {
  std::optional<AppParameters> parameters;
  for (const auto& slot : slots) {
    if (!parameters) parameters = app_parameters(slot);
  }
  if (!parameters) parameters = AppParameters{house.entropy.bytes<16>(), sasl::scram::usual_iterations};
  auto label = new_label(house, wanted.member, SlotType::app, wanted.name);
  label.scopes = wanted.scopes;
  label.expires = wanted.expires;
  MadeAppPassword out{{label.id, std::string(wanted.name), generate_app_password(house.entropy)}, {}};
  out.slot = wanted.kind == AppPasswordWish::Kind::send_only
                 ? make_send_only_slot(std::move(label), out.told.password)
                 : make_app_slot(slot_ports(house), std::move(label), out.told.password, *parameters, vault_key);
  return out;
}

std::shared_ptr<void> RevokedSlots::watch(MemberId member, std::function<void()> doubted) {
  auto token = std::make_shared<Watcher>(std::move(doubted));
  const std::scoped_lock lock(mutex_);
  auto& all = watchers_[member];
  std::erase_if(all, [](const std::weak_ptr<Watcher>& one) { return one.expired(); });
  all.push_back(token);
  return token;
}

void RevokedSlots::call_watchers(MemberId member) {
  first_(member);
  std::vector<std::shared_ptr<Watcher>> called;
  {
    const std::scoped_lock lock(mutex_);
    const auto all = watchers_.find(member);
    if (all == watchers_.end()) return;
    for (const auto& one : all->second) {
      if (auto alive = one.lock()) called.push_back(std::move(alive));
    }
  }
  for (const auto& watcher : called) (*watcher)();
}

KeyRing::KeyRing(Household household) : state_(std::make_unique<State>(std::move(household))) {}
KeyRing::~KeyRing() = default;

Result<AppPassword> KeyRing::add_app_password(std::string_view address, const Secret& secret,
                                              const AppPasswordWish& wish) {
  const Household& house = state_->house;
  if (!is_slot_name(wish.name)) return make_error_code(Errc::bad_name);
  const auto opened = open_for_change(house, state_->trials, address, secret);
  if (!opened) return opened.error();
  const auto wanted = within(opened->with.slot.label, wish, house.clock.now());
  if (!wanted) return wanted.error();
  end_enrolment(*state_, wanted->member, opened->slots);
  const std::scoped_lock lock(state_->changing(wanted->member));
  const auto slots = present_slots(house, opened->with.slot.label);
  if (!slots) return slots.error();
  if (slots->live.size() >= most_slots) return make_error_code(Errc::too_many_slots);
  auto made = make_app_password(house, *wanted, slots->live, *opened->with.vault_key);
  const SlotChange change{.come = {std::move(made.slot)}, .told_at = house.clock.now()};
  if (const auto changed = change_slots(house, wanted->member, change); !changed) return changed.error();
  return std::move(made.told);
}

Result<std::vector<SlotLabel>> KeyRing::list(std::string_view address, const Secret& secret) {
  const auto opened = open_for_change(state_->house, state_->trials, address, secret);
  if (!opened) return opened.error();
  end_enrolment(*state_, opened->person.id, opened->slots);
  std::vector<SlotLabel> out;
  for (const auto& slot : opened->slots.live) out.push_back(slot.label);
  return out;
}

void KeyRing::doubt(MemberId member) {
  state_->revoked->call_watchers(member);
}

Result<SlotLabel> KeyRing::revoke(std::string_view address, const Secret& secret, std::string_view slot_or_name) {
  const Household& house = state_->house;
  const auto opened = open_for_change(house, state_->trials, address, secret);
  if (!opened) return opened.error();
  const MemberId id = opened->person.id;
  end_enrolment(*state_, id, opened->slots);
  const std::scoped_lock lock(state_->changing(id));
  const auto slots = present_slots(house, opened->with.slot.label);
  if (!slots) return slots.error();
  const auto is_meant = [&](const Slot& slot) {
    return slot.label.name == slot_or_name || base::hex(base::octets(slot.label.id)) == slot_or_name;
  };
  const auto meant = std::ranges::find_if(slots->live, is_meant);
  if (meant == slots->live.end() || std::ranges::count_if(slots->live, is_meant) != 1)
    return make_error_code(Errc::no_such_slot);
  // What cannot be changed by a secret cannot be removed by it either: once the password is gone, nothing asks for
  // codes any more.
  const bool is_root = meant->label.type == SlotType::password || meant->label.type == SlotType::recovery;
  if (is_root) {
    if (const auto may = may_change(slots->live, opened->with.slot.label); !may) return may.error();
  }
  if (leads_back(*meant) && std::ranges::count_if(slots->live, leads_back) == 1)
    return make_error_code(Errc::last_slot);
  SlotChange change{.go = {meant->label.id}, .told_at = house.clock.now()};
  if (meant->label.type == SlotType::password) change.more = [](Person& person) { person.second_factor.reset(); };
  if (const auto changed = change_slots(house, id, change); !changed) return changed.error();
  state_->revoked->add(meant->label.id);
  state_->revoked->call_watchers(id);
  return meant->label;
}

}  // namespace mailpod::members
