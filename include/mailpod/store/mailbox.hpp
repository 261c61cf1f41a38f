#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/bytes.hpp>
#include <mailpod/base/ports.hpp>

namespace mailpod::store {

/// Numbers that must not mix. RFC 9051 §2.3.1.
struct Uid {
  std::uint32_t value = 0;  ///< 1…; 0: none
  friend auto operator<=>(const Uid&, const Uid&) = default;
};
struct SeqNum {
  std::uint32_t value = 0;  ///< 1…; 0: none
  friend auto operator<=>(const SeqNum&, const SeqNum&) = default;
};
struct UidValidity {
  std::uint32_t value = 0;
  friend auto operator<=>(const UidValidity&, const UidValidity&) = default;
};
struct ModSeq {
  std::uint64_t value = 0;  ///< 1…; rises with every change in the vault. RFC 7162 §3.1
  friend auto operator<=>(const ModSeq&, const ModSeq&) = default;
};
/// Names a message's sealed file for as long as any mailbox refers to it; also its name below Maildir/ (32 hex digits).
using MessageId = base::ByteArray<16>;
/// Names a mailbox through renames. Stored.
struct MailboxId {
  std::uint32_t value = 0;
  friend auto operator<=>(const MailboxId&, const MailboxId&) = default;
};

/// A message's flags: the system flags in fixed bits, keywords in the bits their mailbox's keyword table gives them.
/// Stored: never renumber. \Recent is not kept (RFC 9051 abolished it; a session that is asked by RFC 3501 rules shows
/// it as its own).
struct Flags {
  static constexpr std::uint32_t answered = 1, flagged = 2, deleted = 4, seen = 8, draft = 16;
  static constexpr std::uint32_t system = 31;
  static constexpr unsigned first_keyword = 5;  ///< bits 5…31: keyword 0…26 of the mailbox
  std::uint32_t bits = 0;
  bool has(std::uint32_t flag) const { return (bits & flag) != 0; }
  friend bool operator==(const Flags&, const Flags&) = default;
};

/// How many keywords a mailbox may have.
inline constexpr std::size_t most_keywords = 32 - Flags::first_keyword;
/// Whether a mailbox may have this keyword: an atom (RFC 9051 §9, flag-keyword) of at most 64 octets.
bool is_keyword(std::string_view word);

/// What a listing needs to know of a message; the rest is in the journal at `record` and is read on demand.
struct MessageState {
  Uid uid;
  Flags flags;
  ModSeq mod_seq;
  std::uint32_t size = 0;           ///< exact octets, RFC822.SIZE
  std::uint32_t internal_date = 0;  ///< seconds since 1970
  std::uint64_t record = 0;         ///< where the journal describes it; opaque outside the store
  std::uint32_t save_date = 0;  ///< seconds since 1970, RFC 8514; 0: as `record` says (it was never copied or moved)
};

/// RFC 6154 §2, stored: never renumber.
enum class SpecialUse : std::uint8_t { none = 0, archive = 1, drafts = 2, junk = 3, sent = 4, trash = 5 };

/// Values by the names of their entries, in lower case: `/private/comment`. RFC 5464 §3.
using Annotations = std::map<std::string, std::string, std::less<>>;

/// One version of one mailbox: an immutable value, shared by every session that has told its client of it. Any thread,
/// no lock.
///
/// Messages lie in ascending UID order in shared chunks of at most 1,024; a change copies one chunk and publishes a new
/// version.
class MailboxState {
public:
  struct Chunk {
    std::vector<MessageState> messages;  ///< never empty
  };

  MailboxId id;
  std::string name;  ///< UTF-8, levels separated by '/'; "INBOX" in capitals
  UidValidity uid_validity;
  Uid uid_next{1};
  ModSeq highest_mod_seq{1};
  ModSeq expunged_mod_seq;  ///< nothing was expunged later; 0: never. RFC 7162 §5.2
  SpecialUse special_use = SpecialUse::none;
  bool subscribed = false;
  bool selectable = true;             ///< false: a name that only has children (\Noselect)
  std::vector<std::string> keywords;  ///< keyword n is bit Flags::first_keyword + n; at most 27; as first spelled
  std::vector<std::shared_ptr<const Chunk>> chunks;
  std::vector<std::uint32_t> chunk_starts;  ///< messages before each chunk
  std::uint32_t count = 0;
  std::uint32_t unseen = 0;
  std::uint32_t deleted = 0;
  std::uint64_t octets = 0;                        ///< sum of sizes
  std::shared_ptr<const Annotations> annotations;  ///< nullptr: there are none

  /// The message at a sequence number; must be 1…count.
  const MessageState& at(SeqNum number) const;
  /// The sequence number of a UID; nothing if there is no such message.
  std::optional<SeqNum> find(Uid uid) const;
  /// The first sequence number whose UID is not below `uid`; count + 1 if there is none.
  SeqNum lower_bound(Uid uid) const;
};

/// One version of a whole vault's listing. Immutable; any thread.
struct VaultState {
  std::vector<std::shared_ptr<const MailboxState>> mailboxes;  ///< ascending by name, INBOX first
  std::shared_ptr<const Annotations> annotations;              ///< of the vault itself; nullptr: there are none
  /// Names that are subscribed and that no mailbox has (any more). RFC 9051 §6.3.7. nullptr: there are none.
  std::shared_ptr<const std::set<std::string>> subscribed_names;
  /// Exact name; INBOX in any case. nullptr if there is none.
  std::shared_ptr<const MailboxState> find(std::string_view name) const;
  std::shared_ptr<const MailboxState> find(MailboxId id) const;
};

}  // namespace mailpod::store
