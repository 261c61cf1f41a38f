#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <mailpod/base/result.hpp>
#include <mailpod/store/mailbox.hpp>
#include <mailpod/store/vault.hpp>

#include "sequence_set.hpp"

namespace mailpod::imap {

/// Whether EXPUNGE responses may be sent: not while FETCH, STORE and SEARCH are answered, because the client counts
/// messages by numbers that an EXPUNGE shifts. RFC 3501 §7.4.1, RFC 9051 §7.5.1.
enum class Expunges { announced, held_back };

/// Whether FETCH responses name the UID too: those caused by a UID command do. RFC 3501 §6.4.8.
enum class Shown { flags, uid_and_flags };

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

  /// EXISTS as the client knows it: the highest sequence number.
  std::uint32_t count() const { return told_count_; }
  /// 1…count().
  const store::MessageState& at(store::SeqNum number) const;
  bool is_ghost(store::SeqNum number) const;
  /// Of a message that is there or a ghost; nothing if there is none with this UID.
  std::optional<store::SeqNum> find(store::Uid uid) const;
  /// What `*` means: the highest UID, or UIDNEXT of an empty mailbox.
  store::Uid highest_uid() const;

  /// The sequence numbers that a set names; nothing if it names a number beyond count(). UIDs that do not exist are
  /// passed over, and ghosts' are such.
  std::optional<NumberRanges> numbers_in(const SequenceSet& set, Numbers by) const;
  /// The UIDs at these numbers, ghosts left out.
  std::vector<store::Uid> uids_at(const NumberRanges& numbers) const;
  bool any_ghost_in(const NumberRanges& numbers) const;

  /// Looks at a newer version (or the same).
  void advance(std::shared_ptr<const store::MailboxState> newest);

  /// The flags of this message changed and the client was not told.
  bool flags_untold(store::Uid uid) const;
  /// The client has been told the flags of these; ascending.
  void told(std::span<const store::Uid> uids);
  /// The client wants to be told the flags of these whether or not they changed; ascending.
  void want_told(std::span<const store::Uid> uids);
  /// The client knows what `change` did to these; ascending. Other changes are still told. RFC 3501 §6.4.6 ".SILENT".
  void silence(std::span<const store::Uid> uids, const store::FlagChange& change);

  /// Appends the FLAGS response if there are new keywords: it comes before anything that shows one.
  void announce_keywords(std::string& out);
  /// Appends untagged responses for what the client does not know, about `budget` octets; true if more is to come. The
  /// order is EXPUNGE, EXISTS, FETCH, each in the numbering that the ones before made.
  bool announce(std::string& out, Expunges expunges, Shown shown, std::size_t budget);

private:
  struct Ghost {
    store::MessageState message;
    std::uint32_t number;  ///< its sequence number
  };
  struct Untold {
    store::Uid uid;
    store::Flags before;  ///< as the client knows them
    bool wanted;          ///< told even if they are what they were
  };

  NumberRanges without_ghosts(const NumberRanges& numbers) const;
  void add_ghosts(std::vector<store::MessageState> vanished);
  void number_ghosts();
  void add_untold(std::vector<Untold> changed);
  std::uint32_t first_number_from(std::uint64_t uid) const;
  bool announce_expunges(std::string& out, std::size_t end);
  bool announce_flags(std::string& out, Shown shown, std::size_t end);

  std::shared_ptr<const store::MailboxState> state_;
  std::vector<Ghost> ghosts_;   // ascending
  std::vector<Untold> untold_;  // ascending, messages that are there
  std::uint32_t told_count_;
  store::Uid told_below_;  // messages with smaller UIDs were announced
  std::size_t told_keywords_;
};

/// `* FLAGS (…)`, and the code PERMANENTFLAGS for a mailbox that may be changed. RFC 3501 §7.2.6, §7.1.
void write_flags_response(std::string& out, const store::MailboxState& mailbox);
void write_permanent_flags(std::string& out, const store::MailboxState& mailbox);

}  // namespace mailpod::imap
