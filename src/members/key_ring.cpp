#include <algorithm>
#include <ranges>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/sasl/scram.hpp>
#include <mailpod/text/unicode.hpp>

#include "app_password.hpp"
#include "key_ring_state.hpp"
#include "member_folder.hpp"

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

bool holds(const std::vector<Slot>& slots, const SlotId& id) {
  return std::ranges::any_of(slots, [&](const Slot& slot) { return slot.label.id == id; });
}

}  // namespace

Result<Opened> open_for_change(const Household& house, std::string_view address, std::string_view secret) {
  const auto directory = house.directory.state();
  const Person* person = directory->find(address);
  if (person == nullptr) return make_error_code(Errc::not_a_member);
  if (const auto may = house.registry.gate().may_log_in(person->id, house.clock.now()); !may) return may.error();
  if (shape_of(secret) == SecretShape::mistyped_app_password) return make_error_code(Errc::mistyped_secret);
  auto slots = slots_of(house, person->id).list(person->id).slots;
  auto opened = try_secret(house, slots, secret, person->pepper);
  if (!opened || !opened->vault_key) return make_error_code(Errc::wrong_secret);
  return Opened{*person, std::move(slots), std::move(*opened)};
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

AppPassword make_app_password(const Household& house, const NewAppPassword& wanted, const std::vector<Slot>& slots,
                              const crypto::Key& vault_key) {
  std::optional<AppParameters> parameters;
  for (const auto& slot : slots) {
    if (!parameters) parameters = app_parameters(slot);
  }
  if (!parameters) parameters = AppParameters{house.entropy.bytes<16>(), sasl::scram::usual_iterations};
  AppPassword out;
  out.password = generate_app_password(house.entropy);
  out.name = wanted.name;
  auto label = new_label(house, wanted.member, SlotType::app, wanted.name);
  label.scopes = wanted.scopes;
  out.slot = label.id;
  slots_of(house, wanted.member).write(make_app_slot(slot_ports(house), label, out.password, *parameters, vault_key));
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

Result<AppPassword> KeyRing::add_app_password(std::string_view address, std::string_view secret,
                                              std::string_view name) {
  const Household& house = state_->house;
  if (!is_slot_name(name)) return make_error_code(Errc::bad_name);
  auto opened = open_for_change(house, address, secret);
  if (!opened) return opened.error();
  const MemberId id = opened->person.id;
  end_enrolment(*state_, id, opened->slots);
  const std::scoped_lock lock(state_->changing(id));
  const auto slots = slots_of(house, id).list(id).slots;
  // Revoked since it was tried: it must not beget another.
  const auto& by = opened->with.slot.label;
  if (!holds(slots, by.id)) return make_error_code(Errc::wrong_secret);
  if (slots.size() >= most_slots) return make_error_code(Errc::too_many_slots);
  return make_app_password(house, {id, name, by.scopes}, slots, *opened->with.vault_key);
}

Result<std::vector<SlotLabel>> KeyRing::list(std::string_view address, std::string_view secret) {
  const auto opened = open_for_change(state_->house, address, secret);
  if (!opened) return opened.error();
  end_enrolment(*state_, opened->person.id, opened->slots);
  std::vector<SlotLabel> out;
  for (const auto& slot : opened->slots) out.push_back(slot.label);
  return out;
}

void KeyRing::doubt(MemberId member) {
  state_->revoked->call_watchers(member);
}

Result<SlotLabel> KeyRing::revoke(std::string_view address, std::string_view secret, std::string_view slot_or_name) {
  const Household& house = state_->house;
  const auto opened = open_for_change(house, address, secret);
  if (!opened) return opened.error();
  const MemberId id = opened->person.id;
  end_enrolment(*state_, id, opened->slots);
  const std::scoped_lock lock(state_->changing(id));
  auto folder = slots_of(house, id);
  const auto slots = folder.list(id).slots;
  if (!holds(slots, opened->with.slot.label.id)) return make_error_code(Errc::wrong_secret);
  const auto is_meant = [&](const Slot& slot) {
    return slot.label.name == slot_or_name || base::hex(base::octets(slot.label.id)) == slot_or_name;
  };
  const auto meant = std::ranges::find_if(slots, is_meant);
  if (meant == slots.end() || std::ranges::count_if(slots, is_meant) != 1) return make_error_code(Errc::no_such_slot);
  if (leads_back(*meant) && std::ranges::count_if(slots, leads_back) == 1) return make_error_code(Errc::last_slot);
  folder.remove(meant->label.id);
  state_->revoked->add(meant->label.id);
  state_->revoked->call_watchers(id);
  return meant->label;
}

}  // namespace mailpod::members
