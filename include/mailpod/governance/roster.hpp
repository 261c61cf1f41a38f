#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include <mailpod/governance/act.hpp>
#include <mailpod/governance/charter.hpp>

namespace mailpod::governance {

/// What somebody may keep in their vault; 0: as much as there is.
struct Allowance {
  std::uint64_t octets = 0;
  std::uint64_t messages = 0;
  friend bool operator==(const Allowance&, const Allowance&) = default;
};

/// What the acts say of one member or guest.
struct Standing {
  Principal principal = Principal::member;
  base::Time admitted;
  Hash address_commitment{};
  std::set<Hash> aliases;              ///< commitments to further addresses
  std::optional<base::Time> expelled;  ///< for good: no act is about them any more
  Hash expelled_by{};                  ///< identity of the act
  std::uint32_t quota_mib = 0;         ///< 0: the charter's
  std::uint32_t quota_messages = 0;
  std::optional<base::Time> suspended_until;
  std::optional<base::Time> protected_at;  ///< when fewer than threshold last suspended them
  bool suspended(base::Time at) const { return suspended_until && at < *suspended_until; }
};

/// How many entries the record has, and their running hash: SHA-256(previous ‖ leaf), 32 zero octets at first. Whoever
/// keeps one notices if the record loses its last acts.
struct Tally {
  std::uint64_t count = 0;
  Hash running{};
  friend bool operator==(const Tally&, const Tally&) = default;
};

/// Charters and acts folded into who is a member: one version, a value. Copy, apply, publish.
class Roster {
public:
  explicit Roster(CharterChain charters) : charters_(std::move(charters)) {}

  const CharterChain& charters() const { return charters_; }
  /// nullptr: never admitted.
  const Standing* find(MemberId member) const;
  const std::map<MemberId, Standing>& standings() const { return standings_; }
  /// By the acts about them, or else the charter then in force.
  Allowance allowance(MemberId member, base::Time at) const;
  /// Domains that acts were about, the pod's own never among them: whether the last one added it.
  const std::map<std::string, bool, std::less<>>& domains() const { return domains_; }
  /// The groups that stand, each with the commitment of the act that set it last.
  const std::map<GroupId, Hash>& groups() const { return groups_; }

  /// Judges an act at time `at` by the charter then in force, and if it stands, applies it. A refusal changes nothing.
  Verdict<Act> apply(const SignedFile& file, base::Time at, const SignaturesSeen* seen = nullptr);
  /// The same for the next charter.
  Verdict<void> apply_charter(const SignedFile& charter, base::Time at, const SignaturesSeen* seen = nullptr);

private:
  /// One act being judged.
  struct Case;
  Verdict<void> check_frame(const Case& c) const;
  Verdict<void> check_signatures(Case& c) const;
  Verdict<void> check_standing(const Case& c) const;
  Verdict<void> check_suspension(const Case& c) const;
  Verdict<void> check_alias(const Case& c) const;
  Verdict<void> check_domain(const Case& c) const;
  Verdict<void> check_group(const Case& c) const;
  void carry_out(const Case& c);
  void carry_out_on_member(const Case& c);

  CharterChain charters_;
  std::map<MemberId, Standing> standings_;
  std::map<std::string, bool, std::less<>> domains_;
  std::map<GroupId, Hash> groups_;
  std::set<base::ByteArray<16>> nonces_;
};

/// The one place that RCPT, login, submission and the command line ask whether somebody may. Any thread; readers never
/// wait for a change being made. Errors: not_admitted, suspended.
class Gate {
public:
  explicit Gate(std::shared_ptr<const Roster> roster) : roster_(std::move(roster)) {}

  Status may_receive(MemberId member, base::Time at) const;
  Status may_log_in(MemberId member, base::Time at) const;
  Status may_submit(MemberId member, base::Time at) const;
  Status may_be_enrolled(MemberId member, base::Time at) const;

  /// The version in force; its charters, standings and limits stay valid as long as it is held.
  std::shared_ptr<const Roster> roster() const;
  void publish(std::shared_ptr<const Roster> roster);

private:
  mutable std::mutex mutex_;  ///< guards the pointer alone
  std::shared_ptr<const Roster> roster_;
};

}  // namespace mailpod::governance
