#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/sasl/scram.hpp>
#include <mailpod/text/base64.hpp>

#include "decoy.hpp"
#include "key_ring_state.hpp"
#include "member_folder.hpp"

namespace mailpod::members {
namespace {

boost::system::error_code refused() {
  return make_error_code(sasl::Errc::refused);
}

/// Holds while the slot was not revoked and has not expired, its member has not left, and the gate lets them in.
/// Household's parts outlive every session.
class SlotStanding final : public sasl::Standing {
public:
  SlotStanding(const Household& house, std::shared_ptr<RevokedSlots> revoked, const SlotLabel& label, std::uint64_t age)
      : gate_(house.registry.gate()),
        directory_(house.directory),
        clock_(house.clock),
        revoked_(std::move(revoked)),
        slot_(label.id),
        age_(age),
        member_(label.member),
        expires_(label.expires) {}
  bool holds() const override {
    const auto now = clock_.now();
    return !revoked_->contains(slot_) && revoked_->age(slot_) == age_ && (!expires_ || now < *expires_) &&
           gate_.may_log_in(member_, now).has_value() && directory_.state()->find(member_) != nullptr;
  }
  std::shared_ptr<void> watch(std::function<void()> doubted) const override {
    return revoked_->watch(member_, std::move(doubted));
  }

private:
  const governance::Gate& gate_;
  const Directory& directory_;
  base::Clock& clock_;
  std::shared_ptr<RevokedSlots> revoked_;
  SlotId slot_;
  std::uint64_t age_;
  MemberId member_;
  std::optional<base::Time> expires_;
};

/// What a slot that was opened is good for, now.
bool may_enter(const Household& house, const SlotLabel& label, bool opens_vault, sasl::Scope wanted) {
  if ((label.scopes & static_cast<sasl::Scopes>(wanted)) == 0) return false;
  if (!opens_vault && wanted != sasl::Scope::send) return false;
  const auto& gate = house.registry.gate();
  const auto now = house.clock.now();
  const auto may =
      wanted == sasl::Scope::send ? gate.may_submit(label.member, now) : gate.may_log_in(label.member, now);
  return may.has_value();
}

}  // namespace

sasl::Login login_by(const Household& house, std::shared_ptr<RevokedSlots> revoked, const SlotLabel& label,
                     std::optional<crypto::Key> vault_key, std::uint64_t age) {
  sasl::Login login;
  login.member = label.member;
  login.scopes = label.scopes;
  login.slot = label.id;
  login.standing = std::make_shared<const SlotStanding>(house, std::move(revoked), label, age);
  if (vault_key) login.vault_key = std::make_shared<const crypto::VaultKey>(std::move(*vault_key));
  return login;
}

Attempt attempt_by(const Household& house, const base::ByteArray<32>& decoy_key, std::string_view name) {
  Attempt out{house.directory.state(), nullptr, nullptr};
  out.person = out.directory->find(name);
  const bool enrolled = out.person != nullptr && out.person->progress == Person::Progress::enrolled;
  out.tried = enrolled ? out.person : decoy_for(*out.directory, name, decoy_key);
  return out;
}

Slots slots_tried(const Household& house, const Attempt& attempt) {
  if (attempt.tried == nullptr) return {};
  return read_slots(house, *attempt.tried);
}

bool KeyRing::admits(SecretShape shape) const {
  if (shape != SecretShape::human) return true;
  const auto roster = state_->house.registry.gate().roster();
  const auto& charter = roster->charters().at(state_->house.clock.now());
  return charter.privacy.passwords == governance::Charter::Passwords::any;
}

/// All that a right secret still needs, looked at after all the work is done.
Result<sasl::Login> KeyRing::let_in(State& state, const Attempt& attempt, const Slots& slots, OpenedSlot opened,
                                    sasl::Scope wanted) {
  // A mail program has no place to ask for a one-time code.
  if (opened.second_factor) return refused();
  const auto& label = opened.slot.label;
  if (!may_enter(state.house, label, opened.vault_key.has_value(), wanted)) return refused();
  auto alert = alert_for(state, *attempt.person, label);
  note_use(state, label);
  end_enrolment(state, label.member, slots);
  const auto age = state.revoked->age(label.id);
  auto login = login_by(state.house, state.revoked, label, std::move(opened.vault_key), age);
  login.alert = std::move(alert);
  return login;
}

Result<sasl::Login> KeyRing::log_in(std::string_view name, std::string_view secret, sasl::Scope wanted,
                                    Purpose purpose) {
  const Household& house = state_->house;
  // The same for every name, so that it tells nothing, and no flood of guesses costs an Argon2id each.
  if (purpose == Purpose::session && !admits(shape_of(secret))) return refused();
  const auto changes = state_->revoked->changes();
  const auto attempt = attempt_by(house, state_->trials.decoy_key, name);
  const auto slots = slots_tried(house, attempt);
  auto opened =
      try_secret(house, slots.live, secret, attempt.tried != nullptr ? attempt.tried->pepper : base::ByteArray<32>{});
  if (!opened || !attempt.is_real()) return refused();
  auto label = opened->slot.label;
  if (opened->second_factor && purpose == Purpose::own_affairs) {
    // Half a proof: whatever is asked for tries the code as well. It opens nothing, and is not remembered.
    if (!may_enter(house, label, opened->vault_key.has_value(), wanted)) return refused();
    return login_by(house, state_->revoked, label, std::nullopt, state_->revoked->age(label.id));
  }
  auto login = let_in(*state_, attempt, slots, std::move(*opened), wanted);
  if (login && state_->revoked->changes() == changes) {
    label.last_used = base::to_day(house.clock.now());
    const auto* key = login->vault_key ? &login->vault_key->secret() : nullptr;
    state_->recent.remember(secret, label, key, state_->revoked->age(label.id));
  }
  return login;
}

Result<sasl::Login> KeyRing::recall(std::string_view name, std::string_view secret, sasl::Scope wanted,
                                    Purpose purpose) {
  const Household& house = state_->house;
  if (purpose == Purpose::session && !admits(shape_of(secret))) return refused();
  const auto attempt = attempt_by(house, state_->trials.decoy_key, name);
  auto found = state_->recent.find(attempt.tried != nullptr ? attempt.tried->id : MemberId{}, secret);
  if (!found || !attempt.is_real()) return refused();
  const auto& label = found->label;
  const auto now = house.clock.now();
  // A new day is to be noted in the slot, and a slot's file may have gone without us.
  const bool is_as_it_was = label.last_used == base::to_day(now) && !label.expired(now) &&
                            !state_->revoked->contains(label.id) && state_->revoked->age(label.id) == found->age &&
                            slots_of(house, label.member).holds(label.id);
  if (!is_as_it_was || !may_enter(house, label, found->vault_key.has_value(), wanted)) return refused();
  return login_by(house, state_->revoked, label, std::move(found->vault_key), found->age);
}

void KeyRing::forget_stale() {
  state_->recent.forget_stale();
}

sasl::ScramChallenge KeyRing::challenge(std::string_view name) {
  const Household& house = state_->house;
  const auto attempt = attempt_by(house, state_->trials.decoy_key, name);
  const auto shared = shared_parameters(house, slots_tried(house, attempt).live);
  const auto made_up = crypto::hmac_sha256(state_->decoy_salts.octets(), attempt.directory->key_for(name));
  AppParameters given{{}, sasl::scram::usual_iterations};
  std::copy_n(made_up.begin(), given.salt.size(), given.salt.begin());
  if (shared && attempt.is_real()) given = *shared;
  return {std::string(base::octets(given.salt)), given.iterations,
          text::write_base64(base::octets(house.entropy.bytes<18>()))};
}

Result<sasl::ScramLogin> KeyRing::log_in(const sasl::ScramClaim& claim) {
  const Household& house = state_->house;
  const auto attempt = attempt_by(house, state_->trials.decoy_key, claim.authentication_id);
  const auto slots = slots_tried(house, attempt);
  auto proven = try_proof(house, slots.live, claim.auth_message, claim.proof);
  if (!proven || !attempt.is_real()) return refused();
  auto login = let_in(*state_, attempt, slots, std::move(proven->opened), claim.wanted);
  if (!login) return login.error();
  return sasl::ScramLogin{std::move(*login), proven->server_signature};
}

/// Of a change that this device has not been at hand for since: its last use was no later than that day. Once for each
/// device and change; a restart may say it again the same day.
std::string KeyRing::alert_for(State& state, const Person& person, const SlotLabel& label) {
  if (person.slots_changed == base::Time{} || label.last_used == 0) return {};
  if (label.last_used > base::to_day(person.slots_changed)) return {};
  {
    const std::scoped_lock lock(state.alerting);
    auto& told = state.alerted[label.id];
    if (told == person.slots_changed) return {};
    told = person.slots_changed;
  }
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(person.slots_changed));
  return fmt::format(
      "Your passwords, or where your mail goes, changed on {:04}-{:02}-{:02}; see the message in your INBOX. Was it "
      "not you?",
      static_cast<int>(day.year()), static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
}

/// Once a day. Under the member's lock, and only if the slot is still there: a revoked one must not come back.
void KeyRing::note_use(State& state, const SlotLabel& used) {
  const auto today = base::to_day(state.house.clock.now());
  if (used.last_used == today) return;
  const std::scoped_lock lock(state.changing(used.member));
  auto folder = slots_of(state.house, used.member);
  try {
    // As it is now: it may lead to another vault key since it was opened.
    for (auto& present : folder.list(used.member).slots) {
      if (present.label.id != used.id) continue;
      present.label.last_used = today;
      folder.write(present);
    }
  } catch (const std::system_error& failure) {
    // A full disk keeps nobody out.
    state.house.log.warning("last use of a slot not noted reason=\"{}\"", base::printable(failure.what()));
  }
}

}  // namespace mailpod::members
