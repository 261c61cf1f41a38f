#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/disk.hpp>
#include <mailpod/governance/roster.hpp>

namespace mailpod::governance {

/// One entry of the record of acts: a signed act, charter, vote, ballot, join or vouch, a vote's result or a
/// candidate's admission, and when it was accepted. docs/charter-format.md, "The record".
struct Entry {
  base::Time accepted_at;  ///< whole seconds
  std::string octets;
  std::vector<std::string> minisigs;  ///< ordered by key id
  friend bool operator==(const Entry&, const Entry&) = default;
};
/// parse_entry(write_entry(e)) == e once its signatures are in order; other octets are refused.
std::string write_entry(const Entry& entry);
Verdict<Entry> parse_entry(std::string_view octets, std::string_view file_name);
/// RFC 6962 §2.1: SHA-256(0x00 ‖ entry).
Hash leaf_hash(std::string_view entry);
/// Charter 1 in the form of an entry: accepted when it was issued. Errors: those of parse_charter.
Verdict<std::string> write_first_entry(const SignedFile& charter);
/// What entry `number` is called, counted from 1: `000001.entry`.
std::string entry_name(std::uint64_t number);
/// Judges one entry as it was when it was accepted, and if it stands, applies it: what reading the record does.
Verdict<void> replay_entry(Roster& roster, const SignedFile& file, base::Time at, const SignaturesSeen* seen = nullptr);

/// A pod's governance folder: charter-NNNN.toml with charter-NNNN.<key id>.minisig, acts/NNNNNN.entry; and the gate
/// they add up to.
///
/// Reading through gate() is free for any thread. Changes (record…) come one at a time, from whoever holds the pod's
/// lock; they block on the disk. I/O failure throws std::system_error; the change is then not in force, and what lies
/// half-written is withdrawn.
class Registry {
public:
  struct Source {
    base::Disk& disk;
    std::string folder;            ///< governance/
    Hash pinned;                   ///< identity of charter 1, from the configuration
    std::optional<Tally> known;    ///< what the directory remembers; acts missing from it refuse
    base::Clock* clock = nullptr;  ///< whose jumps while the registry is open must not become the record's time
  };
  /// Verifies everything: charter 1 against the pin, then each entry at the time it was accepted.
  static Verdict<std::unique_ptr<Registry>> open(Source source);
  /// For `init`: writes charter 1 with its signatures durably. The folder is made if it is missing.
  static Verdict<void> found(base::Disk& disk, const std::string& folder, const SignedFile& charter);

  Gate& gate() { return gate_; }
  const Gate& gate() const { return gate_; }
  Tally tally() const { return tally_; }
  /// The tally as it was after `count` entries, count <= tally().count.
  Tally tally_at(std::uint64_t count) const;

  /// Whether these acts, in this order, would be accepted now. Changes nothing.
  Verdict<std::vector<Act>> examine(std::span<const SignedFile> acts, base::Time now) const;
  /// Accepts all of them or none; durable, and in force at the gate, once this returns. (After a crash in between, a
  /// leading part of a group may stand.)
  Verdict<std::vector<Act>> record(std::span<const SignedFile> acts, base::Time now);
  /// Whether this join, vouch or admission would be accepted now. Changes nothing.
  Verdict<void> examine_word(const SignedFile& file, base::Time now) const;
  /// Accepts it; durable, and in force at the gate, once this returns. Errors: clock_jumped, too, as record_ballot.
  Verdict<void> record_word(const SignedFile& file, base::Time now);
  /// The time by which an entry of now would be judged. Errors: clock_jumped.
  Verdict<base::Time> acceptance_time(base::Time now) const;
  /// Charter `seq` as it was signed, 1 ≤ seq ≤ accepted ones.
  SignedFile charter_file(std::uint64_t seq) const;
  /// Accepts the next charter.
  Verdict<void> record_charter(const SignedFile& charter, base::Time now);
  /// Opens a vote. Its identity.
  Verdict<Hash> record_vote(const SignedFile& vote, base::Time now);
  /// Takes a ballot. The vote that it is cast in. Errors: clock_jumped, too, where a vote is over by a clock that did
  /// not prove itself yet (settle_unasked).
  Verdict<Hash> record_ballot(const SignedFile& ballot, base::Time now);
  /// Enters the results of the votes that are over; how many. Everything else that is recorded does so first.
  Verdict<std::size_t> settle_votes(base::Time now);
  /// As settle_votes, where nobody who answers for the machine asked for it: a result cannot be taken back, so none is
  /// entered before the clock kept step with the monotonic one for ten minutes. 0 until then.
  Verdict<std::size_t> settle_unasked(base::Time now);

  /// Of charter 1 and then of each entry: the leaves of the ledger. Borrowed until the next change.
  std::span<const Hash> leaves() const { return leaves_; }
  /// The octets behind leaf `number`: 0 is charter 1 as an entry, accepted when it was issued.
  std::string entry(std::uint64_t number) const;
  /// Is told of entries once they are in force, by whoever made the change; must not throw.
  using Follower = std::function<void(std::span<const std::string> entries)>;
  void follow_with(Follower follower) { follower_ = std::move(follower); }

  /// The pod's time: never after the wall clock, and behind it where that is not believed. Asked on the thread of
  /// whoever changes the record; must not throw.
  using PodTime = std::function<base::Time()>;
  /// From now on record_word and record_ballot, which take what anybody may send, refuse (clock_jumped) while the wall
  /// clock is more than a day ahead of it, where one joins by vouches: elsewhere it is not remembered from one run to
  /// the next. docs/joining.md, "Time".
  void doubt_clock_by(PodTime pod_time) { pod_time_ = std::move(pod_time); }

  /// Compares with what somebody remembers. Errors: record_shorter_than_known, record_differs_from_known.
  Verdict<void> agrees_with(const Tally& known) const;

private:
  Registry(Source source, Roster roster);
  Verdict<std::vector<std::string>> read_entries();
  Verdict<void> replay();
  Verdict<void> check_charter_copies(const CharterChain& chain) const;
  Verdict<base::Time> acceptance_time_for_anybody(base::Time now);
  Verdict<base::Time> believed_acceptance_time(base::Time now) const;
  bool clock_kept_step(base::Time now);
  Complaint clock_unproven(base::Time now) const;
  Complaint with_the_clocks_part(Complaint refusal, base::Time now) const;
  Verdict<std::vector<Act>> judge(Roster& roster, std::span<const SignedFile> acts, base::Time now,
                                  base::Time at) const;
  /// One way to apply a file to a roster.
  using Application = Verdict<Hash> (Roster::*)(const SignedFile&, base::Time, const SignaturesSeen*);
  Verdict<Hash> record_one(const SignedFile& file, base::Time now, Application apply);
  std::size_t settle(base::Time at);
  void refuse_if_in_doubt() const;
  void append(std::span<const std::string> entries, base::Time at);
  void withdraw(std::span<const std::string> paths) noexcept;
  void count_in(std::string_view entry, base::Time accepted_at);

  Source source_;
  Gate gate_;
  Tally tally_;
  std::vector<Hash> running_;  // after each entry
  std::vector<Hash> leaves_;
  Follower follower_;
  PodTime pod_time_;
  base::Time last_accepted_{};
  base::Time opened_at_{};  // by the wall clock
  std::chrono::microseconds opened_monotonic_{};
  bool clock_watched_ = false;
  base::Time in_step_since_{};  // since when nobody set the wall clock
  std::chrono::microseconds in_step_monotonic_{};
  bool in_doubt_ = false;  // entries may lie there that were refused
};

}  // namespace mailpod::governance
