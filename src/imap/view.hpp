#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <mailpod/base/result.hpp>
#include <mailpod/store/mailbox.hpp>
#include <mailpod/store/vault.hpp>

#include "dialect.hpp"
#include "ghosts.hpp"
#include "sequence_set.hpp"

namespace mailpod::imap {

/// Whether EXPUNGE responses may be sent: not while FETCH, STORE and SEARCH are answered, because the client counts
/// messages by numbers that an EXPUNGE shifts. RFC 3501 §7.4.1, RFC 9051 §7.5.1.
enum class Expunges { announced, held_back };

/// Whether FETCH responses name the UID too: those caused by a UID command do. RFC 3501 §6.4.8.
enum class Shown { flags, uid_and_flags };

/// What a client is told at one time, and in which of its dialects.
struct Telling {
  Expunges expunges;
  Shown shown;
  const Enabled& enabled;
  /// What of the news, beside expunges: not all of whoever gave NOTIFY. A set of these bits.
  enum News : unsigned { arrivals = 1, changes = 2 };
  unsigned news = arrivals | changes;
};

/// A mailbox as one client knows it: the numbering rules of IMAP, once.
///
/// It is the newest version of the mailbox that was looked at, plus the *ghosts*: messages that are expunged already
/// but that the client still counts. advance() looks at a newer version and keeps what the client must be told;
/// announce() tells it. Sequence numbers count live messages and ghosts together, by UID. Loop; read-only use from the
/// pool while the session waits.
class View {
public:
  /// `state` is what SELECT tells of.
  explicit View(std::shared_ptr<const store::MailboxState> state);

  const store::MailboxState& mailbox() const { return *state_; }
  const std::shared_ptr<const store::MailboxState>& version() const { return state_; }

  /// EXISTS as the client knows it: the highest sequence number.
  std::uint32_t count() const { return told_count_; }
  /// 1…count().
  const store::MessageState& at(store::SeqNum number) const;
  bool is_ghost(store::SeqNum number) const { return ghosts_.find(number) != nullptr; }
  /// Of a message that is there or a ghost; nothing if there is none with this UID.
  std::optional<store::SeqNum> find(store::Uid uid) const;
  /// What `*` means: the highest UID, or UIDNEXT of an empty mailbox.
  store::Uid highest_uid() const;

  /// What `$` stands for from now on, as UIDs: messages that are expunged fall out of it by themselves. RFC 5182 §2.1.
  void save(NumberRanges uids) { saved_ = std::move(uids); }
  const NumberRanges& saved() const { return saved_; }

  /// The UIDs that a UID set names, whether or not such messages exist.
  NumberRanges uids_in(const SequenceSet& set) const;
  /// The sequence numbers that a set names; nothing if it names a number beyond count(). UIDs that do not exist are
  /// passed over, and ghosts' are such; so are those of `$`.
  std::optional<NumberRanges> numbers_in(const SequenceSet& set, Numbers by) const;
  /// The numbers of the UIDs that exist.
  NumberRanges numbers_of(const NumberRanges& uids) const;
  /// The UIDs at these numbers, ghosts left out.
  std::vector<store::Uid> uids_at(const NumberRanges& numbers) const;
  bool any_ghost_in(const NumberRanges& numbers) const { return ghosts_.any_in(numbers); }
  /// Those of the numbers whose messages changed after `since`. Linear in the numbers; pool.
  NumberRanges changed_since(store::ModSeq since, const NumberRanges& numbers) const;
  /// Those of the UIDs that were given before and that no message has, nor a ghost, whose going is still to be told.
  /// Linear in the messages that the UIDs span; pool.
  NumberRanges vanished_in(const NumberRanges& uids) const;

  /// Looks at a newer version (or the same).
  void advance(std::shared_ptr<const store::MailboxState> newest);

  /// What HIGHESTMODSEQ may say: whoever asks for the changes since then misses none that was not told, not even an
  /// expunge that is held back. RFC 7162 §3.2.
  store::ModSeq settled() const { return all_told() ? state_->highest_mod_seq : settled_; }
  /// Messages with smaller UIDs were announced.
  store::Uid told_below() const { return told_below_; }
  bool holds_expunges_back() const { return !ghosts_.empty(); }

  /// The message changed and the client was not told.
  bool flags_untold(store::Uid uid) const;
  /// The client has been told the flags of these; ascending.
  void told(std::span<const store::Uid> uids);
  /// The client wants to be told this of these, whether or not it changed; ascending. MODSEQ is told only who knows it.
  enum class Wanted { flags, mod_seq };
  void want_told(std::span<const store::Uid> uids, Wanted wanted);
  /// The client knows what `change` did to these, but for their MODSEQ; ascending. Other changes are still told.
  /// RFC 3501 §6.4.6 ".SILENT".
  void silence(std::span<const store::Uid> uids, const store::FlagChange& change);

  /// Appends the FLAGS response if there are new keywords: it comes before anything that shows one.
  void announce_keywords(std::string& out);
  /// Appends untagged responses for what the client does not know, about `budget` octets; true if more is to come, and
  /// then is asked for before anything else changes the view. The order is EXPUNGE (or VANISHED, RFC 7162 §3.2.10),
  /// EXISTS, FETCH (or UIDFETCH, RFC 9586 §3.3), each in the numbering that the ones before made.
  bool announce(std::string& out, const Telling& telling, std::size_t budget);

private:
  struct Untold {
    store::Uid uid;
    store::Flags before;  ///< as the client knows them
    enum class Tell {
      changes,  ///< the flags, if they are not what they were or the client follows MODSEQ
      flags,
      mod_seq,  ///< the flags are known
    } tell;
  };

  bool all_told() const { return ghosts_.empty() && untold_.empty() && told_below_ == state_->uid_next; }
  static Untold joined(const Untold& older, const Untold& newer);
  void add_untold(std::vector<Untold> changed);
  std::uint32_t first_number_from(std::uint64_t uid) const;
  bool announce_expunges(std::string& out, std::size_t end);
  void announce_arrivals(std::string& out);
  bool announce_vanished(std::string& out, std::size_t end);
  void forget_ghosts(std::size_t count);
  bool announce_flags(std::string& out, const Telling& telling, std::size_t end);

  std::shared_ptr<const store::MailboxState> state_;
  Ghosts ghosts_;
  store::ModSeq settled_;          // of the last version that was told whole
  std::vector<Untold> untold_;     // ascending, messages that are there; or, from piece to piece of an announcement:
  std::size_t untold_looked_ = 0;  // so many at its front were told or kept,
  std::size_t untold_kept_ = 0;    // so many of them kept, the first
  bool asked_for_ = false;         // some of them may be told to whoever wants no changes
  std::uint32_t told_count_;
  store::Uid told_below_;  // messages with smaller UIDs were announced
  std::size_t told_keywords_;
  NumberRanges saved_;
};

/// `* 5 FETCH (` or `* UIDFETCH 7 (`, in the session's dialect. RFC 9586 §3.3.
void write_fetch_begin(std::string& out, store::SeqNum number, store::Uid uid, const Enabled& enabled);

/// `* FLAGS (…)`, and the code PERMANENTFLAGS for a mailbox that may be changed. RFC 3501 §7.2.6, §7.1.
void write_flags_response(std::string& out, const store::MailboxState& mailbox);
void write_permanent_flags(std::string& out, const store::MailboxState& mailbox);

}  // namespace mailpod::imap
