#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/log.hpp>
#include <mailpod/base/member_id.hpp>
#include <mailpod/base/octet_source.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/crypto/age.hpp>
#include <mailpod/crypto/keys.hpp>
#include <mailpod/message/searched_text.hpp>
#include <mailpod/message/structure.hpp>
#include <mailpod/search/index.hpp>
#include <mailpod/store/error.hpp>
#include <mailpod/store/examination.hpp>
#include <mailpod/store/mailbox.hpp>
#include <mailpod/store/usage.hpp>

namespace mailpod::store {

struct Arrival;

/// Octets of one stored message, opened for reading. Pool; not shared between threads. The octets are authenticated as
/// they are read: a damaged chunk throws std::system_error (Errc::damaged), and no wrong octet is ever returned.
class StoredMessage : public base::OctetSource {};

/// How STORE changes flags. RFC 9051 §6.4.6.
struct FlagChange {
  enum class How { add, remove, replace };
  How how = How::replace;
  std::uint32_t system = 0;  ///< system flag bits
  std::vector<std::string>
      keywords;  ///< compared without regard to case; new ones get a bit, or Errc::too_many_keywords
};

/// A message whose sealed file is durable in tmp/ and that waits for its record. Movable; destroyed unused it unlinks
/// its file.
class PreparedMessage {
public:
  virtual ~PreparedMessage() = default;
};

/// One member's encrypted store, unlocked. See docs/storage-format.md.
///
/// Reads (state, open, structure) may come from any thread. Changes must come one at a time: the owner runs them on the
/// vault's lane. Every change blocks on the disk, publishes a new state() and rings the bells. When a change returns,
/// it is durable, except flags: these are durable after flush(), which the owner calls within a second. I/O failure
/// throws std::system_error and leaves the state as it was.
class Vault {
public:
  struct Settings {
    std::uint64_t checkpoint_tail = 8 << 20;  ///< octets of journal after which a new checkpoint is written
    std::uint64_t rewrite_above =
        32 << 20;                   ///< octets of journal; a smaller one is never rewritten without its garbage
    std::size_t merge_group = 256;  ///< arrivals committed together
    std::size_t mailboxes = 10'000;
    std::size_t mailbox_levels = 32;
    std::size_t mailbox_name_octets = 1'000;
    std::size_t annotation_octets = 16 * 1024;         ///< one value
    std::size_t annotations = 100;                     ///< on one mailbox, or on the vault itself
    std::size_t annotations_octets = 4 * 1024 * 1024;  ///< all of a vault: they lie in memory, and in each checkpoint
    std::size_t index_generation = 10'000;  ///< messages that one generation of the search index holds; 0: no index
    message::Searched searched = message::Searched::texts;  ///< by searches, with the index and without
    base::Time::duration unfinished_age =
        std::chrono::hours(36);  ///< after which a file in tmp/ without a record is removed
  };

  struct Ports {
    base::Disk& disk;
    base::Clock& clock;
    base::Entropy& entropy;
    base::Log& log;
    crypto::KeyArena& arena;
  };

  /// Opens the vault in `folder` (members/<id>): reads the newest checkpoint and the tail, completes what a crash left
  /// unfinished. Errors: damaged (with what could still be read kept readable where possible), wrong_key.
  static Result<std::unique_ptr<Vault>> open(const Ports& ports, std::string folder, MemberId member,
                                             const std::shared_ptr<const crypto::VaultKey>& key,
                                             base::ByteArray<32> pod_public_key, Settings settings);
  virtual ~Vault() = default;

  virtual MemberId member() const = 0;

  // Reading: any thread.

  virtual std::shared_ptr<const VaultState> state() const = 0;
  /// Pool. Errors: gone (expunged meanwhile), damaged.
  virtual Result<std::unique_ptr<StoredMessage>> open_message(const MessageState& message) = 0;
  /// Envelope, part tree and offsets as kept in the journal (or scanned anew when they were too large for it). Pool.
  virtual Result<std::shared_ptr<const message::Structure>> structure(const MessageState& message) = 0;
  /// What a listing does not keep of a message, and only its record says.
  struct Particulars {
    MessageId email_id{};         ///< RFC 8474 §5.1: of its content, so copies have the same
    std::uint32_t save_date = 0;  ///< seconds since 1970: when it came into this mailbox. RFC 8514 §3
  };
  /// Pool. Errors: damaged.
  virtual Result<Particulars> particulars(const MessageState& message) = 0;
  /// SHA-256 of the message's octets, as it was when they came. Pool. Errors: damaged.
  virtual Result<base::ByteArray<32>> mail_hash(const MessageState& message) = 0;
  /// Called after each published state, on the thread that made the change; must not block. The bell is silent once the
  /// returned token is gone.
  virtual std::shared_ptr<void> subscribe(std::function<void()> bell) = 0;

  /// Reads everything on disk and says in plain words what is damaged, missing or foreign; empty in health. Pool, but
  /// not beside changes: takes as long as reading the whole vault.
  virtual std::vector<std::string> check() = 0;
  /// The same for a vault that others go on using: more() beside changes, confirm() on the lane. Throws Errc::closed
  /// once the vault was stopped. Borrows the vault.
  virtual std::unique_ptr<Examination> examine() = 0;

  /// What a vault holds, and what keeping it costs. The vault's lane.
  struct Figures {
    std::uint64_t mail_octets = 0;  ///< of all messages, each once however many mailboxes list it
    std::uint64_t journal_octets = 0;
    std::uint64_t live_octets = 0;   ///< what the journal would take after compact(), about
    std::uint64_t expunged_ids = 0;  ///< remembered, so that none of them comes back
    std::uint32_t drop_keys = 0;
    std::uint32_t newest_drop_key = 0;
    base::ByteArray<32> drop_recipient{};
    std::optional<base::ByteArray<32>> archive_recipient;
  };
  virtual Figures figures() = 0;

  /// What was just delivered, so that the next merge() need not open the file. Any thread.
  virtual void hand_over(Arrival arrival) = 0;
  /// What the search index tells of a folded text (text::fold): of the message at MessageState::record, what a scan by
  /// message::read_searched_text and the envelope's values would find. nullptr: nothing. Pool, any thread; never fails.
  virtual std::shared_ptr<const search::Hits> look_up(std::string_view folded, search::Where where) = 0;
  /// What searches read of this vault's messages, as long as it is open.
  virtual message::Searched searched() const = 0;
  /// The same of words that may be misspelled.
  virtual std::shared_ptr<const search::Likenesses> look_up_alike(const search::LikeQuery& query,
                                                                  search::Where where) = 0;
  /// Takes what the index does not have yet into it, for about `time`; true if more is left. The vault's keeper calls
  /// it after each bell. Pool, beside changes; returns soon after stop() or when close() waits. Trouble of the index is
  /// logged once and rests it for a while; it fails nothing.
  virtual bool index_more(std::chrono::microseconds time) = 0;
  virtual search::Stats search_stats() = 0;
  /// Forgets the index and rings the bells, so that it is made anew. Pool, any thread.
  virtual void drop_index() = 0;

  /// What APPEND and COPY may fill: asked for at each of them, so that a new limit counts at once. Once, before anybody
  /// uses the vault; without it there is no limit.
  virtual void limit_by(std::function<Quota()> quota) = 0;
  /// As it is now; the mailboxes are those of the settings. Any thread.
  virtual Quota quota() const = 0;
  /// What merge() took out of new/ since the vault was opened, as sealed. Any thread.
  virtual Usage merged() const = 0;

  /// From now on every reading and changing answers Errc::closed, and messages being read throw it. Any thread.
  virtual void stop() = 0;

  // Changes: the vault's lane.

  virtual Result<MailboxId> create_mailbox(std::string_view name, SpecialUse use) = 0;
  virtual Status delete_mailbox(std::string_view name) = 0;
  /// Renames children too; renaming INBOX moves its messages. RFC 9051 §6.3.6.
  virtual Status rename_mailbox(std::string_view from, std::string_view to) = 0;
  virtual Status subscribe_mailbox(std::string_view name) = 0;
  /// Also of a name that no mailbox has: a mailbox that is deleted leaves its subscription. RFC 9051 §6.3.7
  virtual Status unsubscribe_mailbox(std::string_view name) = 0;

  /// What is to become of one entry. RFC 5464 §4.3.
  struct Annotation {
    std::string entry;                 ///< in lower case
    std::optional<std::string> value;  ///< nothing: it goes
  };
  /// All or none. Of the vault itself where `mailbox` is empty. Errors: no_such_mailbox, annotation_too_big,
  /// too_many_annotations, over_quota.
  virtual Status annotate(std::string_view mailbox, std::span<const Annotation> annotations) = 0;
  /// Octets of one value at most. Any thread.
  virtual std::size_t annotation_limit() const = 0;

  struct FlagResult {
    std::vector<Uid> changed;
    std::vector<Uid> modified;  ///< left alone because of unchanged_since. RFC 7162 §3.1.3
  };
  virtual Result<FlagResult> change_flags(MailboxId mailbox, std::span<const Uid> uids, const FlagChange& change,
                                          std::optional<ModSeq> unchanged_since) = 0;
  /// Expunges those of `uids` that exist and, when `only_deleted`, carry \Deleted. Returns the UIDs that went.
  enum class Expunge { all, only_deleted };
  virtual Result<std::vector<Uid>> expunge(MailboxId mailbox, std::span<const Uid> uids, Expunge which) = 0;

  struct Copied {
    UidValidity uid_validity;
    std::vector<std::pair<Uid, Uid>> uids;  ///< source, destination; ascending
  };
  /// Errors: over_quota; none of them is copied.
  virtual Result<Copied> copy(MailboxId from, std::span<const Uid> uids, MailboxId to) = 0;
  /// Fills nothing, so no quota forbids it.
  virtual Result<Copied> move(MailboxId from, std::span<const Uid> uids, MailboxId to) = 0;

  /// What APPEND says of a message beside its octets.
  struct Append {
    FlagChange flags;
    base::Time internal_date;
  };
  /// Pool, not lane: seals `octets` and makes the file durable in tmp/. Errors: too_big.
  virtual Result<std::unique_ptr<PreparedMessage>> prepare(const base::OctetSource& octets, const Append& append) = 0;
  struct Appended {
    UidValidity uid_validity;
    std::vector<Uid> uids;
  };
  /// All or none. Errors: over_quota.
  virtual Result<Appended> append(MailboxId mailbox, std::vector<std::unique_ptr<PreparedMessage>> messages) = 0;
  /// A message of one mailbox, and what comes into this one instead.
  struct Replaced {
    MailboxId mailbox;
    Uid uid;
  };
  /// The same, and `old` is expunged, in one change: nobody sees both, or neither. Only what is more must fit into the
  /// quota. RFC 8508 §3.4. Errors: gone, over_quota.
  virtual Result<Appended> replace(const Replaced& old, MailboxId mailbox,
                                   std::vector<std::unique_ptr<PreparedMessage>> messages) = 0;

  /// Whom APPENDs from now on are sealed to beside the member, if anybody. Kept in the journal, which only the member's
  /// key opens: the card, on which delivery relies, is signed by the pod and decides nothing here.
  virtual Status set_archive_recipient(std::optional<crypto::AgeRecipient> recipient) = 0;

  /// What is to become of messages whose file or record is gone for good.
  enum class Lost { kept, dropped };
  /// What became of a fault.
  struct Mended {
    enum class Outcome {
      mended,
      left,  ///< it cannot be mended here, or is not to be
      gone,  ///< it was not so any more
    };
    Outcome outcome = Outcome::left;
    std::string what;  ///< in plain words
  };
  /// Mends a fault that examine() found, if it is still so and nothing is lost by it; what is taken away goes to
  /// quarantine/. A card is its pod's to write.
  virtual Mended mend(const Fault& fault, Lost lost) = 0;
  /// Writes the journal anew with nothing in it but what is live. Readers that hold an older state go on. Throws
  /// std::system_error; then it stands as it was.
  virtual void compact() = 0;

  /// Takes one group of arrivals from new/ into their mailboxes, numbers them and publishes. True if more wait.
  /// A file that no pod signature vouches for is moved to quarantine/ and reported, never shown.
  virtual bool merge() = 0;
  /// Makes flag changes durable.
  virtual void flush() = 0;
  /// Writes CLOSE; after it only the destructor. Ends a slice of indexing that is under way.
  virtual void close() = 0;
};

}  // namespace mailpod::store
