#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/log.hpp>
#include <mailpod/base/member_id.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/crypto/keys.hpp>
#include <mailpod/crypto/resealing.hpp>
#include <mailpod/governance/act.hpp>
#include <mailpod/governance/roster.hpp>
#include <mailpod/governance/tree_head.hpp>
#include <mailpod/members/address.hpp>
#include <mailpod/members/departure.hpp>
#include <mailpod/members/group.hpp>
#include <mailpod/members/slots.hpp>

namespace mailpod::members {

/// A further address of a person, by an act of the maintainers.
struct Alias {
  enum class Progress : std::uint8_t {
    pending = 1,  ///< in the directory; the act may or may not be in the record yet: nothing is taken for it
    in_force = 2,
  };  // stored: never renumber
  Address address;
  base::ByteArray<32> salt{};  ///< of the address commitment
  Progress progress = Progress::pending;
  friend bool operator==(const Alias&, const Alias&) = default;
};

/// Where a person's mail goes on to, by their own wish.
struct Forward {
  enum class Copy : std::uint8_t { none = 0, kept = 1 };  // stored: never renumber
  Address to;
  Copy copy = Copy::kept;
  friend bool operator==(const Forward&, const Forward&) = default;
};

/// What a member's one-time codes leave behind. What they are made from lies sealed in the password's slot.
struct SecondFactor {
  std::uint64_t last_step = 0;  ///< of 30 seconds since 1970: the newest that a code was taken of; none counts up to it
  std::vector<base::ByteArray<32>> backup_codes;  ///< SHA-256 of those not used yet, ascending
  static constexpr std::size_t most_backup_codes = 16;
  friend bool operator==(const SecondFactor&, const SecondFactor&) = default;
};

/// How a member wants mail met that the pod would take. Never milder than the pod.
enum class Caution : std::uint8_t {
  none = 0,      ///< as the pod does; never stored
  unproved = 1,  ///< what does not show that it comes from the domain in From goes into Junk
};  // stored: never renumber

/// Which charter a person accepted by enrolling, and when.
struct Consent {
  base::Time at;  ///< whole seconds
  std::uint64_t charter = 1;
  governance::Hash identity{};  ///< of that charter
  friend bool operator==(const Consent&, const Consent&) = default;
};

/// How full a person's vault was when they were last told.
struct Fullness {
  std::uint8_t told = 0;            ///< percent of their quota: 80, 95 or 100
  std::optional<base::Time> since;  ///< told is 100: since when it is full, whole seconds
  friend bool operator==(const Fullness&, const Fullness&) = default;
};

/// What the directory knows of one member or guest.
struct Person {
  enum class Progress : std::uint8_t {
    pending = 1,   ///< in the directory; the act may or may not be in the record yet
    admitted = 2,  ///< the act is in the record, but nobody holds a code: an interrupted admission, wait for `reissue`
    invited = 3,   ///< has a card, and an enrolment code was handed out
    enrolled = 4,
  };  // stored: never renumber
  MemberId id;
  governance::Principal principal = governance::Principal::member;
  Progress progress = Progress::pending;
  std::vector<Address> addresses;  ///< the first is the main one
  std::vector<Alias> aliases;      ///< addresses and aliases are at most most_addresses together
  base::ByteArray<32> salt{};      ///< of the main address's commitment
  base::ByteArray<32> pepper{};    ///< of password slots
  std::uint64_t quota = 0;         ///< octets; 0: the charter's
  std::optional<Forward> forward;
  /// Which key slots count; any other file in their folder is worth nothing. Nothing: all do, since nobody has changed
  /// one since rolls are kept.
  std::optional<SlotRoll> slots;
  /// With the roll: when its member last made, changed or revoked a secret, or changed where their mail
  /// goes; 0: never. Whole seconds.
  base::Time slots_changed{};
  std::optional<SecondFactor> second_factor;  ///< where the password's slot asks for one
  std::optional<Fullness> fullness;           ///< nothing: there is nothing to tell
  Caution caution = Caution::none;
  std::optional<Consent> consent;  ///< nothing: they enrolled before it was noted
  static constexpr std::size_t most_addresses = 64;
  /// Mail can be sealed for them.
  bool has_card() const { return progress >= Progress::invited; }
  friend bool operator==(const Person&, const Person&) = default;
};

/// What members were last told of how long the charter keeps mail.
struct RetentionTold {
  std::uint32_t days = 0;  ///< 0: nothing, or that it is kept until they delete it
  base::Time at;           ///< whole seconds
  friend bool operator==(const RetentionTold&, const RetentionTold&) = default;
};

/// One version of the directory: an immutable value. Any thread, no lock.
class DirectoryState {
public:
  /// Whom mail for an address, or a login by that name, means; pending admissions and aliases are not found. A bare
  /// local part means the first domain.
  const Person* find(std::string_view address) const;
  const Person* find(MemberId id) const;
  /// Whom mail for an address reaches: who has it, or else who has the longest address before one of the separators in
  /// its local part, `alice+news` reaching `alice`. RFC 5233 §4. Both are dot-strings; what follows a separator may
  /// have letters beyond ASCII. An empty `separator`: find().
  const Person* find_reached(std::string_view address, std::string_view separator) const;
  /// Whether somebody has the address, or is about to.
  bool is_taken(const Address& address) const { return addresses_.contains(address.key()); }
  /// The one key of all spellings of an address or bare local part: what find() looks for.
  std::string key_for(std::string_view name) const;
  /// The group in force that has an address; nullptr if none has. Valid as long as this state.
  const Group* find_group(std::string_view address) const;
  const Group* find_group(const GroupId& id) const;
  const std::map<GroupId, std::shared_ptr<const Group>>& groups() const { return groups_; }
  /// Groups as an act would make them that may or may not be in the record yet.
  const std::map<GroupId, std::shared_ptr<const Group>>& proposals() const { return proposals_; }
  bool serves(std::string_view domain) const;                           ///< any case
  const std::vector<std::string>& domains() const { return domains_; }  ///< the first is the pod's own
  /// Whether somebody has an address at `domain`, or is about to.
  bool is_used(std::string_view domain) const;
  const std::map<MemberId, std::shared_ptr<const Person>>& people() const { return people_; }
  /// Who left, for as long as their addresses rest.
  const std::map<MemberId, Departure>& departures() const { return departures_; }
  /// Until when nobody may be given an address, because somebody left it; nothing: it does not rest.
  std::optional<base::Time> rests_until(const Address& address, base::Time now) const;
  /// How much of the record of acts is known to be there.
  governance::Tally tally() const { return tally_; }
  /// What the pod's ledger was when it was signed last; of size 0 before there was one.
  governance::TreeHead ledger() const { return ledger_; }
  /// The pod's own time as it was remembered last (PodTime); the epoch: never. Whole seconds.
  base::Time time() const { return time_; }
  /// How long the pod's audit log was, and its last entry, when it was written last; of size 0 before there was one.
  governance::TreeHead audit() const { return audit_; }
  RetentionTold retention() const { return retention_; }

private:
  friend class DirectoryDraft;
  std::vector<std::string> domains_;
  std::map<MemberId, std::shared_ptr<const Person>> people_;
  struct Holder {
    enum class Kind { person, group } kind = Kind::person;
    base::ByteArray<16> id{};
    bool in_force = true;
    bool is(Kind other, const base::ByteArray<16>& of) const { return kind == other && id == of; }
  };
  std::unordered_map<std::string, Holder> addresses_;
  std::map<GroupId, std::shared_ptr<const Group>> groups_, proposals_;
  std::map<MemberId, Departure> departures_;
  governance::Tally tally_;
  governance::TreeHead ledger_;
  base::Time time_{};
  governance::TreeHead audit_;
  RetentionTold retention_;
};

/// The pod's sealed directory: who is behind which address. A journal under the server key. docs/members-format.md,
/// "Directory".
///
/// state() is free for any thread. Changes come one at a time, block on the disk, and are durable and visible once they
/// return. I/O failure throws std::system_error and leaves the state as it was.
class Directory {
public:
  struct Ports {
    base::Disk& disk;
    base::Clock& clock;
    base::Entropy& entropy;
    base::Log& log;
    crypto::KeyArena& arena;
  };
  /// For `init`: an empty directory in `folder` (directory.log/) that serves `domains`, the first of them the pod's
  /// own.
  static Result<std::unique_ptr<Directory>> found(const Ports& ports, const std::string& folder,
                                                  const crypto::Key& server_key,
                                                  const std::vector<std::string>& domains);
  /// Errors: damaged (also: another server key).
  static Result<std::unique_ptr<Directory>> open(const Ports& ports, const std::string& folder,
                                                 const crypto::Key& server_key);
  virtual ~Directory() = default;

  virtual std::shared_ptr<const DirectoryState> state() const = 0;

  /// Adds or replaces persons, all or none. Whoever is there already keeps what only change() changes: slots, second
  /// factor, and how full they are. Errors: address_taken, domain_not_served.
  virtual Status put(std::span<const Person> people) = 0;
  /// Changes persons as they are now, all or none, while nobody else changes anything; `change` must not block.
  /// Errors: not_a_member, and those of put().
  virtual Status change(std::span<const MemberId> people, const std::function<void(Person&)>& change) = 0;
  /// Forgets admissions that came to nothing.
  virtual void remove(std::span<const MemberId> people) = 0;
  /// The person is nobody here from now on, and cannot be put again; or they are gone, who left before.
  virtual void depart(const Departure& departure) = 0;
  /// Their addresses have rested.
  virtual void forget_departure(MemberId member) = 0;
  virtual void remember(const governance::Tally& tally) = 0;
  virtual void remember_ledger(const governance::TreeHead& head) = 0;
  virtual void remember_time(base::Time time) = 0;
  virtual void remember_audit(const governance::TreeHead& head) = 0;
  virtual void remember_retention(const RetentionTold& told) = 0;
  virtual Status add_domain(std::string_view domain) = 0;
  /// Errors: domain_in_use (somebody has an address there, or it is the pod's own), domain_not_served.
  virtual Status remove_domain(std::string_view domain) = 0;
  /// The group as an act would make it; its address is nobody else's from now on. Errors: address_taken,
  /// domain_not_served, bad_address (not the address it has).
  virtual Status propose_group(const Group& group) = 0;
  /// The proposal comes into force. Errors: not_a_group.
  virtual Status enact_group(const GroupId& id) = 0;
  virtual void forget_proposal(const GroupId& id) = 0;
  virtual void remove_group(const GroupId& id) = 0;
  virtual void close() = 0;

  /// The directory anew under another server key, as one checkpoint beside this one (`folder`.next). Changes wait
  /// meanwhile.
  virtual std::unique_ptr<crypto::Resealing> reseal(const crypto::Key& server_key) = 0;
};

/// What reseal() wrote beside the directory in `folder` takes its place, where the other key counts; or it is
/// forgotten. Before the directory is opened; durable; does nothing where there is nothing.
void settle_resealed_directory(base::Disk& disk, const std::string& folder);
void forget_resealed_directory(base::Disk& disk, const std::string& folder);

/// Who gets mail for a role address: whom the charter's [addresses] names, and for postmaster (also bare), abuse and
/// hostmaster, where it says nothing else, the maintainers in term that name a member. Each once, at most. Nothing if
/// the local part is no role's; empty if nobody fills the role.
std::optional<std::vector<MemberId>> role_recipients(std::string_view local_part, const governance::Charter& charter,
                                                     base::Time at);

}  // namespace mailpod::members
