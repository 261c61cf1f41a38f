#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include <mailpod/members/enrolment.hpp>

#include "recent_logins.hpp"
#include "second_factor.hpp"
#include "secrets.hpp"
#include "slot_changes.hpp"

namespace mailpod::members {

/// The slots that were revoked since this process began (an older login has no session left), and who wants to hear of
/// it. Any thread.
class RevokedSlots {
public:
  /// `first` is told before all others whose logins are in doubt.
  explicit RevokedSlots(std::function<void(MemberId)> first) : first_(std::move(first)) {}

  void add(const SlotId& id) {
    const std::scoped_lock lock(mutex_);
    ++changes_;
    ids_.insert(id);
  }
  /// Logins by this slot that were made before stand no longer; those from now on do.
  void renew(const SlotId& id) {
    const std::scoped_lock lock(mutex_);
    ++changes_;
    ++ages_[id];
  }
  /// Grows with every change: what was read before one may be of the past.
  std::uint64_t changes() const {
    const std::scoped_lock lock(mutex_);
    return changes_;
  }
  std::uint64_t age(const SlotId& id) const {
    const std::scoped_lock lock(mutex_);
    const auto known = ages_.find(id);
    return known == ages_.end() ? 0 : known->second;
  }
  bool contains(const SlotId& id) const {
    const std::scoped_lock lock(mutex_);
    return ids_.contains(id);
  }

  /// sasl::Standing::watch for one member's logins.
  std::shared_ptr<void> watch(MemberId member, std::function<void()> doubted);
  void call_watchers(MemberId member);

private:
  using Watcher = std::function<void()>;
  std::function<void(MemberId)> first_;
  mutable std::mutex mutex_;
  std::uint64_t changes_ = 0;
  std::set<SlotId> ids_;
  std::map<SlotId, std::uint64_t> ages_;
  std::map<MemberId, std::vector<std::weak_ptr<Watcher>>> watchers_;
};

/// What trying somebody's secret needs beside the household.
struct Trials {
  CodeGuesses guesses;
  base::ByteArray<32> decoy_key;  ///< which member's slots are read for a name that does not exist
};

/// What a KeyRing's parts share.
struct KeyRing::State {
  explicit State(Household household)
      : house(std::move(household)),
        trials{{}, house.entropy.bytes<32>()},
        // Of a secret that outlives the process: a salt that changed at a restart would be a made-up one.
        decoy_salts(crypto::hkdf_key(house.arena, house.pod_key.seed().octets(), "", "mailpod/v1/scram-decoy")),
        recent(house.clock, house.entropy, house.arena) {}

  /// One member's slots are changed by one thread at a time.
  std::mutex& changing(MemberId member) { return locks[member.bytes[0] % locks.size()]; }

  Household house;
  Trials trials;
  crypto::Key decoy_salts;  ///< gives a name without app passwords its salt for SCRAM
  RecentLogins recent;
  std::array<std::mutex, 64> locks;
  std::shared_ptr<RevokedSlots> revoked =
      std::make_shared<RevokedSlots>([this](MemberId member) { recent.forget(member); });

  std::mutex alerting;
  std::map<SlotId, base::Time> alerted;  ///< of which change who logs in by a slot has heard

  std::mutex claiming;
  std::set<MemberId> enrolling;  ///< by a call that has not answered yet
};

/// A member, and which of their secrets it was.
struct Opened {
  Person person;
  Slots slots;
  OpenedSlot with;
};
/// A member by one of their own secrets, for changes: a secret that may only send opens nothing here. A recovery code
/// is accepted only where `accepts` says so. A refusal costs the same work whoever is named. Errors: not_a_member,
/// wrong_secret, mistyped_secret, for_recovery_only, code_needed, wrong_code, too_many_codes, and governance::Errc of
/// the gate.
enum class Accepts { everyday_secrets, recovery_codes_too };
Result<Opened> open_for_change(const Household& house, Trials& trials, std::string_view address, const Secret& secret,
                               Accepts accepts = Accepts::everyday_secrets);
/// The slots of whom `by` belongs to, by now that the member's lock is held. Errors: not_a_member (who left since it
/// was tried), wrong_secret (`by` counts no longer: it must not beget another).
Result<Slots> present_slots(const Household& house, const SlotLabel& by);
/// Every scope, and no end.
bool has_no_limits(const SlotLabel& label);
/// Whether who opened the vault `by` a secret may change what everything hangs on: only by one without limits and,
/// where one-time codes are asked for, only by password and code, or by a recovery code: no app password gets around
/// them. Errors: not_permitted.
Status may_change(const std::vector<Slot>& slots, const SlotLabel& by);

/// An enrolment whose slots and card are durable; the directory does not say so yet.
struct Begun {
  Enrolled enrolled;
  SlotRoll roll;
};

/// What a slot that was opened lets its member do. `age`: RevokedSlots::age from before the slot was read.
sasl::Login login_by(const Household& house, std::shared_ptr<RevokedSlots> revoked, const SlotLabel& label,
                     std::optional<crypto::Key> vault_key, std::uint64_t age);

/// Whose slots a name's secret or proof is tried against: its own, or those of somebody who bears the refusal.
struct Attempt {
  std::shared_ptr<const DirectoryState> directory;
  const Person* person;  ///< who has the name; nullptr: nobody
  const Person* tried;   ///< nullptr: nobody has enrolled yet
  bool is_real() const { return person != nullptr && tried == person; }
};
Attempt attempt_by(const Household& house, const base::ByteArray<32>& decoy_key, std::string_view name);
/// Empty where there is nobody to try.
Slots slots_tried(const Household& house, const Attempt& attempt);

/// Keeps others from enrolling the same members until it is gone. Any thread.
class Claims {
public:
  explicit Claims(std::mutex& mutex, std::set<MemberId>& all) : mutex_(mutex), all_(all) {}
  Claims(const Claims&) = delete;
  Claims& operator=(const Claims&) = delete;
  ~Claims() {
    const std::scoped_lock lock(mutex_);
    for (const auto& id : mine_) all_.erase(id);
  }
  /// False if somebody else is at it.
  bool take(MemberId id) {
    const std::scoped_lock lock(mutex_);
    if (!all_.insert(id).second) return false;
    mine_.push_back(id);
    return true;
  }

private:
  std::mutex& mutex_;
  std::set<MemberId>& all_;
  std::vector<MemberId> mine_;
};

/// 1 to 64 octets of UTF-8 without control characters.
bool is_slot_name(std::string_view name);
/// At least ten characters, at most 1 KiB, and not of an app password's shape.
bool is_good_password(std::string_view password);

/// Whose app password it is to be, what for, and what it may do.
struct NewAppPassword {
  MemberId member;
  std::string_view name;
  sasl::Scopes scopes;
  std::optional<base::Time> expires = {};
  AppPasswordWish::Kind kind = AppPasswordWish::Kind::device;
};
struct MadeAppPassword {
  AppPassword told;
  Slot slot;  ///< not written yet
};
/// A new app password for `vault_key`. Salt and iterations are those of the member's other app slots, which are among
/// `slots`.
MadeAppPassword make_app_password(const Household& house, const NewAppPassword& wanted, const std::vector<Slot>& slots,
                                  const crypto::Key& vault_key);

}  // namespace mailpod::members
