#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/member_id.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/store/mailbox.hpp>

namespace mailpod::store {

/// Something on disk that is not as it should be: what it is, and where.
struct Fault {
  enum class Kind {
    // What anybody sees who may read the folder.
    folder_incomplete,  ///< a directory of it is missing
    card_missing,       ///< mail for the member is refused for now
    card_damaged,       ///< likewise
    slot_damaged,       ///< this secret opens nothing any more
    foreign_file,       ///< nothing of Mailpod's has such a name there
    unfinished_file,    ///< left in tmp/ by a process that was killed, long ago
    not_a_sealed_file,  ///< in new/ or cur/: no age file, more than two recipients, cut off, or of a size that none has
    journal_missing,    ///< no segment
    segment_unreadable,  ///< its header or the frames in it are broken
    quarantined,         ///< put aside earlier
    // What takes the member's key.
    journal_damaged,      ///< records of it do not open
    record_unreadable,    ///< a message is listed, and how to open it is lost
    file_missing,         ///< a message is listed, and its file is not there
    file_damaged,         ///< … is not what was written
    file_of_another_key,  ///< … is sealed under another key than the journal says
    file_without_record,  ///< a file in cur/ that the journal does not know
    card_disagrees,       ///< with the journal: drop key or archive recipient
  };
  Kind kind = Kind::foreign_file;
  std::string place;   ///< for people: `Maildir/cur/…`, `INBOX, message 7`
  std::string detail;  ///< for people; may be empty

  // For Vault::mend; empty where they mean nothing.
  std::string path{};  ///< below the member's folder
  MailboxId mailbox{};
  Uid uid{};
  std::uint64_t size = 0;           ///< octets of the message
  std::uint32_t internal_date = 0;  ///< of the message, seconds since 1970
};

/// What a kind of fault means, in plain words, for whoever looks after the pod.
struct FaultWords {
  std::string_view name;    ///< for programs: `file_missing`
  std::string_view what;    ///< what is wrong
  std::string_view means;   ///< what is lost
  std::string_view remedy;  ///< what to do
};
FaultWords words_for(Fault::Kind kind);

/// Looks at everything on disk, some of it at a time, while others go on using it. What comes or goes meanwhile is no
/// fault. One thread at a time, a pool's: blocks on the disk, whose failures throw std::system_error.
class Examination {
public:
  virtual ~Examination() = default;
  /// Looks at some more: a few MiB, or one large file. True if there is more to look at.
  virtual bool more() = 0;
  /// Looks again at what seemed wrong, now that nobody changes anything; once, after more() has said that it is all.
  virtual void confirm() = 0;

  struct Progress {
    std::uint64_t done = 0;  ///< files and messages
    std::uint64_t of = 0;    ///< as far as is known
    std::uint64_t went = 0;  ///< expunged meanwhile, and so not looked at
  };
  virtual Progress progress() const = 0;
  /// Complete after confirm().
  virtual const std::vector<Fault>& faults() const = 0;
};

/// A member's folder as it looks to whoever has no key to it: names, the frames of sealed files and of the journal, the
/// card. Nothing is opened, and nothing changed.
struct FolderToExamine {
  base::Disk& disk;
  base::Clock& clock;
  std::string folder;  ///< members/<id>
  MemberId member;
  base::ByteArray<32> pod_public_key{};
};
std::unique_ptr<Examination> examine_folder(FolderToExamine what);

/// What lies in quarantine/: names, ascending.
std::vector<std::string> quarantined_files(base::Disk& disk, const std::string& folder);
/// Deletes them for good; how many there were.
std::size_t empty_quarantine(base::Disk& disk, const std::string& folder);

/// What a member's folder takes, as far as it shows without their key.
struct FolderFigures {
  std::uint64_t messages = 0;       ///< sealed files in new/ and cur/
  std::uint64_t octets = 0;         ///< of them on disk
  std::uint64_t padded_octets = 0;  ///< of what is sealed in them: mail, padding and record
  std::uint64_t waiting = 0;        ///< of `messages`, in new/
  std::uint64_t unfinished = 0;     ///< files in tmp/
  std::uint64_t quarantined = 0;
  std::uint64_t journal_octets = 0;
  std::uint64_t segments = 0;
  std::uint64_t set_aside_octets = 0;  ///< what crashes left of the journal
  std::uint64_t search_octets = 0;
};
/// Blocks on the disk; opens each sealed file's head.
FolderFigures measure_folder(base::Disk& disk, const std::string& folder);

}  // namespace mailpod::store
