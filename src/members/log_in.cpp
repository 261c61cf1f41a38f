#include "decoy.hpp"
#include "key_ring_state.hpp"
#include "member_folder.hpp"

namespace mailpod::members {
namespace {

boost::system::error_code refused() {
  return make_error_code(sasl::Errc::refused);
}

/// Holds while the slot was not revoked and the gate lets its member in. Household's parts outlive every session.
class SlotStanding final : public sasl::Standing {
public:
  SlotStanding(const Household& house, std::shared_ptr<RevokedSlots> revoked, const SlotLabel& label, std::uint64_t age)
      : gate_(house.registry.gate()),
        clock_(house.clock),
        revoked_(std::move(revoked)),
        slot_(label.id),
        age_(age),
        member_(label.member) {}
  bool holds() const override {
    return !revoked_->contains(slot_) && revoked_->age(slot_) == age_ &&
           gate_.may_log_in(member_, clock_.now()).has_value();
  }
  std::shared_ptr<void> watch(std::function<void()> doubted) const override {
    return revoked_->watch(member_, std::move(doubted));
  }

private:
  const governance::Gate& gate_;
  base::Clock& clock_;
  std::shared_ptr<RevokedSlots> revoked_;
  SlotId slot_;
  std::uint64_t age_;
  MemberId member_;
};

}  // namespace

sasl::Login login_by(const Household& house, std::shared_ptr<RevokedSlots> revoked, OpenedSlot opened,
                     std::uint64_t age) {
  const auto& label = opened.slot.label;
  sasl::Login login;
  login.member = label.member;
  login.scopes = label.scopes;
  login.slot = label.id;
  login.standing = std::make_shared<const SlotStanding>(house, std::move(revoked), label, age);
  if (opened.vault_key) login.vault_key = std::make_shared<const crypto::VaultKey>(std::move(*opened.vault_key));
  return login;
}

bool KeyRing::admits(SecretShape shape) const {
  if (shape != SecretShape::human) return true;
  const auto roster = state_->house.registry.gate().roster();
  const auto& charter = roster->charters().at(state_->house.clock.now());
  return charter.privacy.passwords == governance::Charter::Passwords::any;
}

Result<sasl::Login> KeyRing::log_in(std::string_view name, std::string_view secret, sasl::Scope wanted,
                                    Purpose purpose) {
  const Household& house = state_->house;
  // The same for every name, so that it tells nothing, and no flood of guesses costs an Argon2id each.
  if (purpose == Purpose::session && !admits(shape_of(secret))) return refused();
  const auto directory = house.directory.state();
  const Person* person = directory->find(name);
  const Person* tried = person != nullptr && person->progress == Person::Progress::enrolled
                            ? person
                            : decoy_for(*directory, name, state_->decoy_key);
  std::vector<Slot> slots;
  if (tried != nullptr) slots = slots_of(house, tried->id).list(tried->id).slots;
  auto opened = try_secret(house, slots, secret, tried != nullptr ? tried->pepper : base::ByteArray<32>{});

  // All work is done before the first reason to refuse is looked at.
  if (!opened || person == nullptr || tried != person) return refused();
  const auto& label = opened->slot.label;
  const auto now = house.clock.now();
  if ((label.scopes & static_cast<sasl::Scopes>(wanted)) == 0) return refused();
  const auto& gate = house.registry.gate();
  const auto may = wanted == sasl::Scope::send ? gate.may_submit(person->id, now) : gate.may_log_in(person->id, now);
  if (!may) return refused();
  if (!opened->vault_key && wanted != sasl::Scope::send) return refused();

  note_use(*state_, opened->slot);
  end_enrolment(*state_, person->id, slots);
  const auto age = state_->revoked->age(label.id);
  return login_by(house, state_->revoked, std::move(*opened), age);
}

/// Once a day. Under the member's lock, and only if the slot is still there: a revoked one must not come back.
void KeyRing::note_use(State& state, Slot slot) {
  const auto today = base::to_day(state.house.clock.now());
  if (slot.label.last_used == today) return;
  const std::scoped_lock lock(state.changing(slot.label.member));
  auto folder = slots_of(state.house, slot.label.member);
  try {
    // As it is now: it may lead to another vault key since it was opened.
    for (auto& present : folder.list(slot.label.member).slots) {
      if (present.label.id != slot.label.id) continue;
      present.label.last_used = today;
      folder.write(present);
    }
  } catch (const std::system_error& failure) {
    // A full disk keeps nobody out.
    state.house.log.warning("last use of a slot not noted reason=\"{}\"", base::printable(failure.what()));
  }
}

}  // namespace mailpod::members
