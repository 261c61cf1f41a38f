#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/result.hpp>
#include <mailpod/journal/journal.hpp>
#include <mailpod/store/mailbox.hpp>

#include "sealed_record.hpp"

/// The records of a vault's journal. docs/storage-format.md, "vault records". Frozen: fields are never renumbered,
/// reordered or given another meaning; what is new becomes a tagged field, and readers pass over tags they do not know.
///
/// encode() writes a record's payload; decode() answers Errc::damaged for what no encode() wrote.
namespace mailpod::store {

/// create_vault() makes INBOX first, and nothing renames it: so it is found again even when its record is lost.
inline constexpr MailboxId inbox_id{1};

enum class RecordType : std::uint8_t {
  add = 16,
  copy = 17,
  move = 18,
  flags = 19,
  expunge = 20,
  mailbox = 21,
  object = 22,
};

/// A message enters the vault. The only record that knows its file key.
struct AddRecord {
  MessageId message{};
  MailboxId mailbox;
  Uid uid;
  ModSeq mod_seq;
  std::uint64_t internal_date = 0;  ///< seconds since 1970
  std::uint64_t save_date = 0;      ///< RFC 8514
  base::ByteArray<16> email_id{};   ///< RFC 8474 EMAILID
  base::ByteArray<16> thread_id{};  ///< RFC 8474 THREADID; zeros: not yet known
  base::ByteArray<32> sealed_hash{};
  base::ByteArray<32> mail_hash{};
  std::uint64_t size = 0;         ///< exact octets
  std::uint64_t sealed_size = 0;  ///< octets of the file
  std::uint32_t payload_offset = 0;
  Flags flags;
  std::uint32_t wrap = 0;  ///< how file_key is wrapped: 0 by this journal's own seal, n by day key n
  std::string file_key;
  std::uint32_t lease_epoch = 0;
  Origin origin = Origin::delivered;
  std::string structure;  ///< message::encode(); empty if it was too large

  std::string encode() const;
  static Result<AddRecord> decode(std::string_view payload);
};

/// Messages get a further place (COPY), or another one (MOVE). Complete by itself: it does not need the source's
/// record.
struct CopyRecord {
  struct Entry {
    Uid from;
    Uid to;
    Flags flags;
    std::uint32_t size = 0;
    std::uint32_t internal_date = 0;
    std::uint64_t record = 0;  ///< of the ADD
  };
  static constexpr std::size_t max_entries = 2'000;

  MailboxId from;
  MailboxId to;
  ModSeq mod_seq;
  std::uint64_t save_date = 0;
  std::vector<Entry> entries;

  std::string encode() const;
  static Result<CopyRecord> decode(std::string_view payload);
};

struct FlagsRecord {
  struct Entry {
    Uid uid;
    Flags flags;  ///< all of them, as they are now
  };
  static constexpr std::size_t max_entries = 8'000;

  MailboxId mailbox;
  ModSeq mod_seq;
  std::vector<Entry> entries;

  std::string encode() const;
  static Result<FlagsRecord> decode(std::string_view payload);
};

/// Messages leave a mailbox. In mailbox 0, with UID 0: message ids that must not come back (in a rewritten journal).
struct ExpungeRecord {
  struct Entry {
    Uid uid;
    MessageId message{};  ///< zeros: its ADD could not be read
    bool last = false;    ///< no mailbox refers to it any more: its file goes
  };
  static constexpr std::size_t max_entries = 3'000;

  MailboxId mailbox;
  ModSeq mod_seq;
  std::vector<Entry> entries;

  std::string encode() const;
  static Result<ExpungeRecord> decode(std::string_view payload);
};

/// All of a mailbox but its messages: made, changed or deleted.
struct MailboxRecord {
  MailboxId id;
  UidValidity uid_validity;
  Uid uid_next{1};
  ModSeq mod_seq;
  ModSeq expunged;  ///< of the last expunge, or later: what does not say it is taken to be of `mod_seq`
  SpecialUse special_use = SpecialUse::none;
  bool subscribed = false;
  bool selectable = true;
  bool deleted = false;
  std::string name;
  std::vector<std::string> keywords;

  static MailboxRecord of(const MailboxState& state);
  std::string encode() const;
  static Result<MailboxRecord> decode(std::string_view payload);
};

/// Kinds of OBJECT; never renumber. Objects of unknown kind are kept as they are.
enum class ObjectKind : std::uint8_t {
  numbers = 1,            ///< what a vault counts: Numbers::encode()
  drop_key = 2,           ///< drop_key.hpp
  archive_recipient = 3,  ///< 32 octets, X25519: APPENDs are sealed to it too
  annotation = 4,         ///< annotation_record.hpp
  subscription = 5,       ///< a name that is subscribed and that no mailbox has; annotation_record.hpp
};

/// A named value of the vault itself; a later one of the same kind and id replaces it, an empty one removes it.
struct ObjectRecord {
  std::uint8_t kind = 0;
  base::ByteArray<16> id{};
  std::string content;

  std::string encode() const;
  static Result<ObjectRecord> decode(std::string_view payload);
};

/// What rises and never falls.
struct Numbers {
  std::uint64_t mod_seq = 1;       ///< the last one given
  std::uint32_t uid_validity = 0;  ///< likewise
  std::uint32_t mailbox = 0;       ///< likewise
  std::uint64_t adds = 0;  ///< ADD records in this chain of the journal, and their octets: for deciding on a rewrite
  std::uint64_t add_octets = 0;

  std::string encode() const;
  static Result<Numbers> decode(std::string_view octets);
};

}  // namespace mailpod::store
