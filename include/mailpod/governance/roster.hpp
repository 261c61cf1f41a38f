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
#include <mailpod/governance/join.hpp>
#include <mailpod/governance/vote_result.hpp>
#include <mailpod/governance/vouch.hpp>

namespace mailpod::governance {

/// What somebody may keep in their vault; 0: as much as there is.
struct Allowance {
  std::uint64_t octets = 0;
  std::uint64_t messages = 0;
  friend bool operator==(const Allowance&, const Allowance&) = default;
};

/// What a newcomer agreed to, by their own signature.
struct Acceptance {
  std::uint64_t charter = 0;
  Hash identity{};  ///< of that charter
  Hash join{};      ///< identity of the file by which they came
  friend bool operator==(const Acceptance&, const Acceptance&) = default;
};

/// What the record says of one member or guest.
struct Standing {
  Principal principal = Principal::member;
  base::Time admitted;
  Hash address_commitment{};
  std::set<Hash> aliases;              ///< commitments to further addresses
  std::optional<base::Time> expelled;  ///< for good: no act is about them any more
  Hash expelled_by{};                  ///< identity of the act
  std::uint32_t quota_mib = 0;         ///< 0: the charter's
  std::uint32_t quota_messages = 0;
  std::optional<crypto::minisign::PublicKey> citizen_key;  ///< by which they vote and vouch; nothing: they cannot
  std::optional<Acceptance> accepted;                      ///< who came by a file of their own
  std::optional<base::Time> suspended_until;
  bool suspended_by_threshold = false;     ///< whether the last suspension had the charter's threshold behind it
  std::optional<base::Time> protected_at;  ///< when fewer than threshold last suspended them
  std::optional<base::Time> reinstated;    ///< when an act last ended a suspension before its time
  bool suspended(base::Time at) const { return suspended_until && at < *suspended_until; }
  /// Of somebody who is not suspended at `at`: since when, and at the earliest since their admission.
  base::Time unsuspended_since(base::Time at) const;
};

/// What the last act about exchanging mail with a domain said. <mailpod/governance/federation.hpp> tells what counts.
struct Federated {
  bool exchanges = true;
  std::uint64_t charter = 0;  ///< under which it was made
  base::Time at;
  Hash act{};          ///< its identity
  std::string reason;  ///< public, as the act is; perhaps empty
};

/// A right to join, once, for whoever holds a secret. The record knows it by invitation_commitment alone.
struct Invitation {
  base::Time made;
  base::Time until;            ///< exclusive
  std::optional<MemberId> by;  ///< who vouches by it; nobody: the maintainers made it
  std::optional<MemberId> used_by;
  bool withdrawn = false;
};

/// Somebody who asked to join where that takes vouches.
struct Candidate {
  base::Time since;
  Hash address_commitment{};
  crypto::minisign::PublicKey citizen_key;
  Acceptance accepted;
  std::map<MemberId, base::Time> vouches;  ///< by whom, and when
  std::map<MemberId, base::Time> objections;
  std::map<MemberId, std::size_t> said;  ///< how often each spoke of them, withdrawing too
};
/// For how long somebody is a candidate: then the address is free again.
inline constexpr std::chrono::days longest_candidacy{180};
/// In which a member's vouches are counted against the charter's voucher_budget.
inline constexpr std::chrono::days budget_period{365};
/// How often one member may speak of one newcomer, but to withdraw what stands: whoever keeps the record pays.
inline constexpr std::size_t most_words_of_a_newcomer = 8;

/// A vote from its opening to its result, as the record tells it.
struct RecordedVote {
  std::shared_ptr<const Poll> poll;
  std::vector<std::shared_ptr<const ValidBallot>> ballots;  ///< as they came; those of a decided vote are in the record
  std::uint64_t cast = 0;                                   ///< how many came
  std::optional<base::Time> decided;                        ///< when its result was entered
  std::optional<VoteResult> result;                         ///< likewise
};

/// A dispute from its opening to its end, as the record tells it: when, and never who or what. docs/care.md.
struct Dispute {
  base::Time opened;
  base::Time until;           ///< answers are taken so long
  bool by_threshold = false;  ///< whether the opening had the charter's threshold behind it
  std::vector<crypto::minisign::KeyId> opened_by;
  std::vector<base::Time> answers;
  std::map<crypto::minisign::KeyId, std::size_t> answers_of;  ///< by who signed them
  std::optional<base::Time> closed;
  std::optional<DisputeOutcome> outcome;
};
/// How many disputes may be open at once that the threshold opened; how many of one maintainer, where it did not; and
/// how many answers one maintainer may record in each: the record is for ever, and nobody keeps others out of it.
inline constexpr std::size_t most_disputes_open = 32;
inline constexpr std::size_t most_disputes_of_one = 4;
inline constexpr std::size_t most_answers_of_one = 16;

/// A text that an act commits to.
struct CommittedText {
  Hash commitment{};
  base::Time at;                     ///< when the act was accepted
  std::optional<DisputeId> dispute;  ///< whom it goes to; nothing: everybody
};

/// The program that the maintainers agreed to run.
struct Upgrade {
  std::string version;
  Hash program{};  ///< SHA-256 of its file
  base::Time at;
};

/// How many votes may be under way at once, and ballots come by one key in one vote: whoever keeps the record pays.
inline constexpr std::size_t most_votes_under_way = 32;
inline constexpr std::size_t most_ballots_of_a_voter = 32;
/// How long after the result of a vote on an expulsion the maintainers may carry it out.
inline constexpr std::chrono::days expulsion_mandate{30};

/// How many entries the record has, and their running hash: SHA-256(previous ‖ leaf), 32 zero octets at first. Whoever
/// keeps one notices if the record loses its last acts.
struct Tally {
  std::uint64_t count = 0;
  Hash running{};
  friend bool operator==(const Tally&, const Tally&) = default;
};

/// Charters, acts and votes folded into who is a member and who decides: one version, a value. Copy, apply, publish.
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
  /// Other pods' domains that acts to federate or defederate were about: what the last one said.
  const std::map<std::string, Federated, std::less<>>& federated() const { return federated_; }
  /// How many such acts there were: whoever remembers it sees that there was another.
  std::size_t federation_acts() const { return federation_acts_; }
  /// The groups that stand, each with the commitment of the act that set it last.
  const std::map<GroupId, Hash>& groups() const { return groups_; }

  const std::map<DisputeId, Dispute>& disputes() const { return disputes_; }
  /// By the identity of the act that commits to each.
  const std::map<Hash, CommittedText>& texts() const { return texts_; }
  /// The last one; nothing: none was agreed.
  const std::optional<Upgrade>& upgrade() const { return upgrade_; }

  /// The latest time that somebody set under a signature: the clock of whoever signed agreed with it.
  base::Time confirmed() const { return confirmed_; }
  const std::map<Hash, Invitation>& invitations() const { return invitations_; }
  /// Those who are neither admitted nor past their time when the record last changed.
  const std::map<MemberId, Candidate>& candidates() const { return candidates_; }
  /// nullptr: nobody by that id asked to join, or it was too long before `at`.
  const Candidate* find_candidate(MemberId member, base::Time at) const;
  /// When a candidate has had as many vouches as the charter in force at `at` asks for, and its objection days have
  /// passed; nothing while vouches are missing or an objection stands. The days begin anew when a suspended member's
  /// vouch counts again, if it is needed, and when a charter takes effect.
  std::optional<base::Time> ripe_at(const Candidate& candidate, base::Time at) const;

  /// Judges an act at time `at` by the charter then in force, and if it stands, applies it. A refusal changes nothing.
  Verdict<Act> apply(const SignedFile& file, base::Time at, const SignaturesSeen* seen = nullptr);
  /// The same for a newcomer's own file: a member from now on, or where the charter asks for vouches, a candidate.
  Verdict<Join> apply_join(const SignedFile& file, base::Time at, const SignaturesSeen* seen = nullptr);
  /// The same for what a member says of a newcomer.
  Verdict<Vouch> apply_vouch(const SignedFile& file, base::Time at, const SignaturesSeen* seen = nullptr);
  /// The same for a candidate's admission, which the rules alone decide.
  Verdict<MemberId> apply_confirmation(const SignedFile& file, base::Time at);
  /// The same for the next charter.
  Verdict<void> apply_charter(const SignedFile& charter, base::Time at, const SignaturesSeen* seen = nullptr);

  /// By the identity of the file that opened each.
  const std::map<Hash, RecordedVote>& votes() const { return votes_; }
  /// The charter files, by identity, that the members accepted by vote.
  const Mandate& mandate() const { return mandate_; }
  /// The same as apply() for the opening of a vote. Its identity.
  Verdict<Hash> open_vote(const SignedFile& file, base::Time at, const SignaturesSeen* seen = nullptr);
  /// The same for a ballot. The vote that it is cast in.
  Verdict<Hash> cast(const SignedFile& file, base::Time at, const SignaturesSeen* seen = nullptr);
  /// The results that are due: of votes that are over at `at` and have none, in the order in which they closed. Until
  /// they are applied, no act, charter or opening is: who decides may have changed.
  std::vector<SignedFile> results_due(base::Time at) const;
  /// The same as apply() for a result, which then has its effect. docs/votes.md, "What a result does". The vote.
  Verdict<Hash> decide(const SignedFile& file, base::Time at);

private:
  /// One act being judged.
  struct Case;
  Verdict<void> check_frame(const Case& c) const;
  Verdict<void> check_signatures(Case& c) const;
  Verdict<void> check_standing(const Case& c) const;
  Verdict<void> check_suspension(const Case& c) const;
  Verdict<void> check_alias(const Case& c) const;
  Verdict<void> check_domain(const Case& c) const;
  Verdict<void> check_federation(const Case& c) const;
  Verdict<void> check_group(const Case& c) const;
  Verdict<void> check_invitation(const Case& c) const;
  Verdict<void> check_citizen_key(const Case& c) const;
  Verdict<void> check_care(const Case& c) const;
  Verdict<void> check_dispute(const Case& c) const;
  Verdict<void> check_room_for_dispute(const Case& c) const;
  Verdict<void> check_decided(const SignedFile& file, base::Time at) const;
  Verdict<void> check_opening(const SignedFile& file, const Vote& vote, base::Time at) const;
  Verdict<void> check_question(const SignedFile& file, const Vote& vote, base::Time at) const;
  Verdict<void> check_under_way(const SignedFile& file, const Vote& vote) const;
  static Verdict<void> check_cast(const SignedFile& file, const RecordedVote& vote, const ValidBallot& ballot);
  Poll poll_of(const Vote& vote, const Hash& identity, base::Time at) const;
  void take_effect(const RecordedVote& vote, base::Time at);
  void carry_out(const Case& c);
  void carry_out_on_member(const Case& c);
  bool carry_out_care(const Case& c);

  /// A newcomer's file or a vouch being judged.
  struct Word;
  Verdict<void> check_frame(const Word& word) const;
  Verdict<void> check_way_in(const Join& join, const Word& word) const;
  Verdict<void> check_newcomer(const Join& join, const Word& word) const;
  Verdict<void> check_speaker(const Vouch& vouch, const Word& word, const SignaturesSeen* seen) const;
  Verdict<void> check_voucher(const Vouch& vouch, const Word& word) const;
  Verdict<void> check_said(const Vouch& vouch, const Word& word) const;
  bool is_key_taken(const crypto::minisign::PublicKey& key, MemberId by) const;
  bool is_member(MemberId member, base::Time at) const;
  bool holds_objections(MemberId member, base::Time at) const;
  void forget_old_candidates(base::Time at);

  CharterChain charters_;
  std::map<MemberId, Standing> standings_;
  std::map<std::string, bool, std::less<>> domains_;
  std::map<std::string, Federated, std::less<>> federated_;
  std::size_t federation_acts_ = 0;
  std::map<GroupId, Hash> groups_;
  std::map<Hash, Invitation> invitations_;
  std::map<MemberId, Candidate> candidates_;
  std::map<MemberId, std::vector<base::Time>> vouched_;  // when, by each member
  std::set<base::ByteArray<16>> nonces_;
  std::map<Hash, RecordedVote> votes_;
  Mandate mandate_;
  std::map<MemberId, base::Time> expulsions_;  // decided by vote: until when an act may carry each out
  base::Time confirmed_{};
  std::map<DisputeId, Dispute> disputes_;
  std::map<Hash, CommittedText> texts_;  // by the act's identity
  std::optional<Upgrade> upgrade_;
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
