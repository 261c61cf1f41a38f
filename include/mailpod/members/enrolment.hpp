#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <mailpod/governance/registry.hpp>
#include <mailpod/members/directory.hpp>
#include <mailpod/members/slots.hpp>
#include <mailpod/store/letterbox.hpp>
#include <mailpod/store/vault.hpp>

namespace mailpod::members {

/// What the members of a pod stand on; all outlive their user.
struct Household {
  base::Disk& disk;
  base::Clock& clock;
  base::Entropy& entropy;
  base::Log& log;
  crypto::KeyArena& arena;
  std::string members;                ///< the pod's members/ folder
  const crypto::SigningKey& pod_key;  ///< signs cards
  Directory& directory;
  governance::Registry& registry;
  crypto::Argon2Cost argon2;  ///< of password slots made from now on
};

/// One newcomer, as the command line asks for them: the act is signed by the maintainers, and commits to the address by
/// this salt.
struct Admission {
  governance::SignedFile act;
  std::string address;
  base::ByteArray<32> salt{};
};
/// What a newcomer is given, once; it is kept nowhere.
struct Invitation {
  MemberId member;
  std::string address;
  std::string code;  ///< printable; the caller wipes it
};

/// Admits newcomers and issues enrolment codes. One caller at a time, holding the pod's lock, and no enrolment of the
/// same member meanwhile; blocking.
///
/// Every step is durable before the next: directory (pending) → act (the commit point) → member folder, enrolment slot,
/// card → directory (invited) → code. recover() completes what a crash left.
class Admissions {
public:
  explicit Admissions(Household household) : house_(std::move(household)) {}

  /// All of them or, when an act or an address is refused, none.
  governance::Verdict<std::vector<Invitation>> admit(std::span<const Admission> admissions);
  /// A new code for one not yet enrolled. Mail that came under the earlier code stays sealed to it for ever.
  governance::Verdict<Invitation> reissue(const governance::SignedFile& act);
  /// Suspension or reinstatement.
  governance::Verdict<governance::Act> record(const governance::SignedFile& act);
  /// At start, before mail is taken: completes or forgets admissions, remembers the record's
  /// tally.
  void recover();

private:
  governance::Verdict<void> begin(std::span<const Person> people);
  governance::Verdict<void> commit(std::span<const governance::SignedFile> acts, std::span<const Person> people);
  std::vector<Invitation> finish(std::vector<Person> people);
  Invitation invite(const Person& person);
  Household house_;
};

/// What a newcomer chooses.
struct EnrolmentChoice {
  std::optional<std::string> password;  ///< a human password: command line, web, and IMAP/SMTP where the charter allows
  std::optional<std::string> app_name;  ///< also make an app password of this name
};
/// Given once; kept nowhere.
struct AppPassword {
  SlotId slot{};
  std::string name;
  std::string password;  ///< the caller wipes it
};
struct Enrolled {
  MemberId member;
  std::optional<AppPassword> app;
};

/// One newcomer's answer to an invitation.
struct EnrolmentRequest {
  std::string address;
  std::string code;
  EnrolmentChoice choice;
};

class Claims;
struct OpenedSlot;

/// What members do with their own secrets. Without one of them nothing here succeeds (no escrow). Blocking: pool.
///
/// Calls may come from many threads at once; changes of one member's slots are made one at a time.
class KeyRing {
public:
  explicit KeyRing(Household household);
  ~KeyRing();
  KeyRing(const KeyRing&) = delete;
  KeyRing& operator=(const KeyRing&) = delete;

  /// A code makes a new vault: new keys, the standard mailboxes, the chosen slots. Until its newcomer has been told
  /// their secrets (forget_codes) or uses one, the same code does it anew, in the same vault, with new secrets:
  /// whatever fails or dies meanwhile, somebody can come to that vault. Errors: busy, not_a_member, wrong_secret,
  /// mistyped_secret, already_enrolled, no_card, nothing_chosen, weak_password, bad_name, and governance::Errc of the
  /// gate.
  Result<Enrolled> enrol(const EnrolmentRequest& request);
  /// Many at once, in parallel; the answers stand in the order of the requests.
  std::vector<Result<Enrolled>> enrol_all(std::span<const EnrolmentRequest> requests);
  /// Those who enrolled by these codes have their secrets: the codes are worth nothing from now on. One that nobody
  /// enrolled by is passed over.
  void forget_codes(std::span<const EnrolmentRequest> told);

  /// The new password may do no more than `secret` may. Errors: not_a_member, wrong_secret, mistyped_secret,
  /// too_many_slots, bad_name.
  Result<AppPassword> add_app_password(std::string_view address, std::string_view secret, std::string_view name);
  Result<std::vector<SlotLabel>> list(std::string_view address, std::string_view secret);
  /// `slot_or_name`: 32 hexadecimal digits, or a name that only one slot bears. Logins by it stand no longer
  /// (sasl::Login::stands), and who watches them is told; vaults they opened are the caller's to close. Errors also:
  /// no_such_slot, last_slot.
  Result<SlotLabel> revoke(std::string_view address, std::string_view secret, std::string_view slot_or_name);
  /// Where the member's mail goes on to. Errors: as list().
  Result<std::optional<Forward>> forward(std::string_view address, std::string_view secret);
  /// Nothing: it stays. Errors also: stays_here.
  Status set_forward(std::string_view address, std::string_view secret, const std::optional<Forward>& forward);
  /// For what commands do with a member's vault, by a secret that may read mail. Errors: as list().
  Result<sasl::Login> unlock(std::string_view address, std::string_view secret);
  /// After a theft: a new vault key and a new drop key. Only the slot that `secret` opens leads to the new vault key;
  /// all others of the member are revoked, and answered. The logins so far stand no longer. Nobody may have the vault
  /// open (store::Vaults::alone). Whatever ends it early, the vault stays whole and opens by `secret`. Errors: as
  /// list(), and those of store::begin_rekey.
  Result<std::vector<SlotLabel>> rekey(std::string_view address, std::string_view secret);
  /// What rekey() would leave of the slots that `secret` does not open: their labels. Errors: as list().
  Result<std::vector<SlotLabel>> others(std::string_view address, std::string_view secret);
  /// Writes the card anew: this drop key, this archive recipient.
  void write_card(const store::Card& card);
  /// Slots' files that cannot be read. Needs no secret.
  std::vector<store::Fault> damaged_slots(MemberId member) const;
  /// How many slots of each kind a member has. Needs no secret.
  std::map<SlotType, std::size_t> count_slots(MemberId member) const;
  /// Who watches the member's logins asks anew whether they stand: the gate has a new opinion of the member.
  void doubt(MemberId member);

  /// What a login is for: a session of a mail program, where the charter may want no human passwords, or what members
  /// do with their own secrets, where it has no say.
  enum class Purpose { session, own_affairs };
  /// A login by address or bare local part. One error for every reason (sasl::Errc::refused), after the same work. A
  /// human secret costs an Argon2id: call it behind a gate.
  Result<sasl::Login> log_in(std::string_view name, std::string_view secret, sasl::Scope wanted,
                             Purpose purpose = Purpose::session);
  /// The same for a secret that logged in within the last minute, cheaply; refused: log_in() may know better.
  Result<sasl::Login> recall(std::string_view name, std::string_view secret, sasl::Scope wanted,
                             Purpose purpose = Purpose::session);
  /// Overwrites what recall() knows and no longer uses; to be called every `forget_every`, so that nothing of a login
  /// is left a minute after it.
  void forget_stale();
  static constexpr std::chrono::seconds forget_every{15};
  /// SCRAM-SHA-256 by the member's app passwords. RFC 5802 §5.
  sasl::ScramChallenge challenge(std::string_view name);
  /// Refused after the same work, as log_in().
  Result<sasl::ScramLogin> log_in(const sasl::ScramClaim& claim);
  /// Whether secrets of this shape may open a session at all: human ones only where the charter says so.
  bool admits(SecretShape shape) const;

private:
  struct State;
  static Result<Enrolled> enrol_one(State& state, Claims& claims, const EnrolmentRequest& request);
  static Result<sasl::Login> enter(State& state, const std::vector<Slot>& slots, OpenedSlot opened, sasl::Scope wanted);
  static void note_use(State& state, const SlotLabel& used);
  static void remove_enrolment_slots(State& state, MemberId id);
  static void end_enrolment(State& state, MemberId id, const std::vector<Slot>& slots);
  std::unique_ptr<State> state_;
};

}  // namespace mailpod::members
