#pragma once

#include <chrono>
#include <functional>
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
#include <mailpod/members/secret.hpp>
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
  std::string separator{};    ///< of sub-addresses; empty: there are none
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

/// What a newcomer hands in: their own file, and what only the directory knows. docs/joining.md.
struct JoinRequest {
  governance::SignedFile file;  ///< a governance::Join
  std::string address;
  base::ByteArray<32> salt{};
  base::ByteArray<16> code{};  ///< of their enrolment; they drew it themselves, so that a second try has the same
};
struct Joined {
  MemberId member;
  std::string address;
  enum class As { member, candidate } as = As::member;
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
  /// A newcomer comes in by the charter's rule: a member, who then enrols by their code, or a candidate, whose address
  /// nobody else gets meanwhile; not under an address that is reserved (is_reserved). By the same newcomer once more it
  /// goes on with what was begun. Steps as above, the newcomer's file in the act's place.
  governance::Verdict<Joined> join(const JoinRequest& request);
  /// What a member says of a newcomer.
  governance::Verdict<governance::Vouch> record_vouch(const governance::SignedFile& vouch);
  /// Candidates whose time has come by `time` are members once this returns, and it answers who; so is whom the record
  /// admitted while the directory could not be written. Whoever has asked for too long is forgotten. Under an expired
  /// charter, or while the clock is in doubt, nobody else comes in or goes. I/O failure throws: what is left undone is
  /// done by the next call.
  std::vector<MemberId> settle(base::Time time);
  /// Suspension, reinstatement, quota, citizen key, invitations.
  governance::Verdict<governance::Act> record(const governance::SignedFile& act);
  /// At start, before mail is taken: completes or forgets admissions, remembers the record's
  /// tally.
  void recover();

private:
  governance::Verdict<void> begin(std::span<const Person> people);
  /// Enters it in the record of acts.
  using Enter = std::function<governance::Verdict<void>()>;
  governance::Verdict<void> commit(std::span<const Person> people, const Enter& enter);
  using Code = std::optional<base::ByteArray<16>>;  ///< nothing: one is drawn
  std::vector<Invitation> finish(std::vector<Person> people, const Code& code = {});
  Joined place(const Person& person, const JoinRequest& request);
  void promote(std::span<const MemberId> members);
  /// An invitation, and the slot that its code opens.
  struct Invited {
    Invitation invitation;
    SlotMark code;
  };
  Invited invite(const Person& person, const Code& code);
  Household house_;
};

/// What a newcomer chooses.
struct EnrolmentChoice {
  std::optional<std::string> password;  ///< a human password: command line, web, and IMAP/SMTP where the charter allows
  std::optional<std::string> app_name;  ///< also make an app password of this name
  enum class Recovery { none, code } recovery = Recovery::none;  ///< also make a recovery code
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
  std::optional<std::string> recovery_code;  ///< the caller wipes it
};

/// What a new app password is to be.
struct AppPasswordWish {
  std::string_view name;
  enum class Kind { device, send_only } kind = Kind::device;  ///< send_only: no vault key; submission of mail alone
  std::optional<sasl::Scopes> scopes = {};                    ///< nothing: what the secret that makes it may do
  std::optional<base::Time> expires = {};                     ///< nothing: when that secret does; whole seconds
};

/// A password was changed.
struct PasswordChanged {
  /// By a recovery code, in whose place this one steps (forget_recovery_codes); the caller wipes it.
  std::optional<std::string> recovery_code;
};

/// What one-time codes are to be made from, and a code that is.
struct CodeKey {
  std::string_view key;  ///< 20 octets
  std::string_view code;
};
struct CodesAsked {
  bool asked = false;
  std::size_t backup_codes = 0;  ///< not used yet
};

/// What a program that a member let in is given: a web client, an OAuth client.
struct SessionWish {
  std::string_view name;
  sasl::Scopes scopes = 0;
  base::Time expires;  ///< whole seconds
};
struct SessionToken {
  SlotId slot{};
  std::string token;  ///< of URL characters; names its member and slot. The caller wipes it
};
/// The key that a session's or guest's token leads to, with what may be done by it.
struct GuestPass {
  SlotLabel label;
  std::shared_ptr<const crypto::VaultKey> vault_key;
};

/// One newcomer's answer to an invitation.
struct EnrolmentRequest {
  std::string address;
  std::string code;
  EnrolmentChoice choice;
};

class Claims;
struct Attempt;
struct Begun;
struct OpenedSlot;
struct Slots;

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

  /// The new password may do no more than `secret` may, and for no longer. Errors: not_a_member, wrong_secret,
  /// mistyped_secret, for_recovery_only, code_needed, wrong_code, too_many_codes, too_many_slots, bad_name, bad_expiry,
  /// not_permitted (more than `secret` may, or nothing at all).
  Result<AppPassword> add_app_password(std::string_view address, const Secret& secret, const AppPasswordWish& wish);
  Result<AppPassword> add_app_password(std::string_view address, const Secret& secret, std::string_view name) {
    return add_app_password(address, secret, AppPasswordWish{name});
  }
  Result<std::vector<SlotLabel>> list(std::string_view address, const Secret& secret);
  /// A new human password in the place of the old one, if there is one, by any secret of the member's that has no
  /// limits; where a second factor is asked for, by the old password or a recovery code. A recovery code's use calls
  /// for a new one, and ends the second factor. Logins by the old password stand no longer. Errors: as list(), but
  /// for_recovery_only; and weak_password, not_permitted.
  Result<PasswordChanged> change_password(std::string_view address, const Secret& secret, std::string_view password);
  /// A new recovery code, by whatever changes the password. The earlier ones work until forget_recovery_codes. Errors:
  /// as change_password(). The caller wipes it.
  Result<std::string> new_recovery_code(std::string_view address, const Secret& secret);
  /// The member has this recovery code: all others are worth nothing from now on. Errors: not_a_member, wrong_secret.
  Status forget_recovery_codes(std::string_view address, std::string_view code);
  /// `slot_or_name`: 32 hexadecimal digits, or a name that only one slot bears. Logins by it stand no longer
  /// (sasl::Login::stands), and who watches them is told; vaults they opened are the caller's to close. The password
  /// and recovery codes go only by what may change them. Errors also: no_such_slot, last_slot, not_permitted.
  Result<SlotLabel> revoke(std::string_view address, const Secret& secret, std::string_view slot_or_name);
  /// Where the member's mail goes on to. Errors: as list().
  Result<std::optional<Forward>> forward(std::string_view address, const Secret& secret);
  /// Nothing: it stays. What is set outlives the secret that set it, so none with limits will do. The member's other
  /// devices hear of it at their next login. Errors also: stays_here, not_permitted.
  Status set_forward(std::string_view address, const Secret& secret, const std::optional<Forward>& forward);
  /// How the member wants mail met that the pod would take. Errors: as list(); to set it, as set_forward() but
  /// stays_here.
  Result<Caution> caution(std::string_view address, const Secret& secret);
  Status set_caution(std::string_view address, const Secret& secret, Caution caution);
  /// What a secret must be good for beside reading mail: nothing; what outlives it, so that it may have no limits; or
  /// what everything hangs on, so that it is one that may change the password.
  enum class Demand { reading, what_outlives_it, everything };
  /// For what commands do with a member's vault, by a secret that may read mail. Errors: as list(), and not_permitted.
  Result<sasl::Login> unlock(std::string_view address, const Secret& secret, Demand demand = Demand::reading);
  /// The member changed something that is theirs: each of their other devices hears of it at its next login. That it
  /// cannot be noted goes to the log, and nowhere else: the change is made by now.
  void note_change(MemberId member);
  /// After a theft: a new vault key and a new drop key. Only the slot that `secret` opens leads to the new vault key;
  /// all others of the member are revoked, and answered; so it takes what may change the password. The logins so far
  /// stand no longer. Nobody may have the vault open (store::Vaults::alone). Whatever ends it early, the vault stays
  /// whole and opens by `secret`. Errors: as list(), not_permitted, and those of store::begin_rekey.
  Result<std::vector<SlotLabel>> rekey(std::string_view address, const Secret& secret);
  /// Which slots rekey() would revoke: their labels. Errors: as list(), and not_permitted.
  Result<std::vector<SlotLabel>> others(std::string_view address, const Secret& secret);
  /// One-time codes beside the human password. RFC 6238. Where they are asked for, the password alone logs in nowhere.
  /// From now on codes of `wanted.key` are asked for; `wanted.code` shows that the member has it. The answer are the
  /// back-up codes, each good for once; the caller wipes them. Only by the password. Errors: as list(), and
  /// password_needed.
  Result<std::vector<std::string>> ask_for_codes(std::string_view address, const Secret& secret, const CodeKey& wanted);
  /// No more. Only by password and code. Errors: as ask_for_codes().
  Status ask_for_no_codes(std::string_view address, const Secret& secret);
  /// By any secret. Errors: as list().
  Result<CodesAsked> codes_asked(std::string_view address, const Secret& secret);

  /// A token for a program that `by` lets in: it may do no more than `by`, and not after `expires`. What has expired
  /// makes room. Errors: not_permitted (no vault key, wider scopes, or it stands no longer), bad_name, bad_expiry,
  /// too_many_slots.
  Result<SessionToken> issue_session(const sasl::Login& by, const SessionWish& wish);
  /// The login of one request; the key is unwrapped for it. One error for every reason (sasl::Errc::refused).
  Result<sasl::Login> open_session(std::string_view token, sasl::Scope wanted);
  /// A token for a channel, of 1 to 64 octets, that guests come by. Nobody logs in by it. Errors: as issue_session().
  Result<SessionToken> issue_guest(const sasl::Login& by, std::string_view channel, const SessionWish& wish);
  /// Errors: sasl::Errc::refused.
  Result<GuestPass> open_guest(std::string_view token, std::string_view channel);

  /// Writes the card anew: this drop key, this archive recipient.
  void write_card(const store::Card& card);
  /// Slots' files that cannot be read. Needs no secret.
  std::vector<store::Fault> damaged_slots(MemberId member) const;
  /// How many slots of each kind a member has. Needs no secret.
  std::map<SlotType, std::size_t> count_slots(MemberId member) const;
  /// Who watches the member's logins asks anew whether they stand: the gate has a new opinion of the member.
  void doubt(MemberId member);

  /// What a login is for: a session of a mail program, where the charter may want no human passwords and nobody can be
  /// asked for a one-time code; or what members do with their own secrets, where the charter has no say, and a password
  /// that asks for codes makes a login without a key: what is done then asks for secret and code itself.
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
  static Result<Begun> enrol_one(State& state, Claims& claims, const EnrolmentRequest& request);
  static Result<sasl::Login> let_in(State& state, const Attempt& attempt, const Slots& slots, OpenedSlot opened,
                                    sasl::Scope wanted);
  static void note_use(State& state, const SlotLabel& used);
  static std::string alert_for(State& state, const Person& person, const SlotLabel& label);
  static void end_enrolment(State& state, MemberId id, const Slots& slots);
  struct Asking {
    const crypto::Key* key;  ///< nullptr: no codes
    std::optional<SecondFactor> kept;
  };
  static Status replace_password(State& state, std::string_view address, const Secret& secret, const Asking& asking);
  static Result<SessionToken> issue(State& state, const sasl::Login& by, SlotLabel label);
  std::unique_ptr<State> state_;
};

}  // namespace mailpod::members
