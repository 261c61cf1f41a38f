#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/bytes.hpp>
#include <mailpod/base/disk.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/crypto/keys.hpp>
#include <mailpod/journal/error.hpp>

/// The sealed record log: Mailpod's one durable structure. A vault is one (under the member's key), the directory is
/// one (under the server key). docs/storage-format.md, "journal".
namespace mailpod::journal {

/// Where a record stands: `segment << 32 | offset / 64`. Good for read() until the journal is rewritten; may be stored
/// in records and checkpoints of the same journal.
struct Position {
  std::uint64_t value = 0;  ///< 0: nowhere
  friend auto operator<=>(const Position&, const Position&) = default;
};

/// The last durable record. Who keeps it elsewhere can tell later whether the journal's end was cut off.
struct Head {
  std::uint64_t sequence = 0;  ///< 0: none yet
  base::ByteArray<16> tag{};
  friend bool operator==(const Head&, const Head&) = default;
};

/// Types below this belong to the journal; the caller's types are 16…255. Stored: never renumber.
inline constexpr std::uint8_t first_type = 16;
/// Octets that one record can carry.
inline constexpr std::size_t max_payload = 64 * 1024 - 74;

struct Record {
  Position position;
  std::uint64_t sequence;
  std::uint8_t type;
  std::string_view payload;  ///< borrowed, for the length of the call
};

/// Takes what an opened journal holds: the parts of the newest sound checkpoint (if there is one), then every record
/// after it, in order. The first call is always begin(). A checkpoint that breaks off is followed by another begin().
class Replay {
public:
  virtual ~Replay() = default;
  /// Forget everything: what follows is a state from its beginning.
  virtual void begin() = 0;
  /// One part, as checkpoint() was given it. False: this checkpoint makes no sense; no more of it comes, and an older
  /// one is tried.
  virtual bool checkpoint(std::string_view part) = 0;
  virtual void record(const Record& record) = 0;
};

/// What was found on the way that should not be there. Worth a log line each and the admin's attention, except
/// unfinished_tail, which an unclean end may leave.
struct Finding {
  enum class Kind {
    unfinished_tail,  ///< octets after the last committed group; set aside in a file beside the segment
    lost_records,     ///< octets that do not open, between records that do; what they held is lost
    bad_padding,      ///< the record itself is sound
    bad_header,       ///< of a segment; its records are read all the same
    bad_checkpoint,   ///< an older one, or the records themselves, served instead
    missing_segment,
    broken_chain,  ///< a sound record that does not follow its predecessor
    over_budget,   ///< too much damage to search on; the rest was set aside in a file
  };
  Kind kind;
  std::uint32_t segment;
  std::uint64_t offset;  ///< octets
  std::uint64_t length;  ///< octets
};
std::string_view name_for(Finding::Kind kind);

/// One open journal, with the right to write it (its folder is written by one process and one Journal at a time).
///
/// Calls come one at a time, except read() and head(), which may come from any thread at any time. Blocking. I/O
/// failure throws std::system_error.
class Journal {
public:
  struct Ports {
    base::Disk& disk;
    base::Entropy& entropy;
  };
  /// Whose journal it is: bound into every seal, so that segments cannot be exchanged between owners.
  struct Identity {
    std::string folder;  ///< exists; holds nothing but this journal
    std::string owner;   ///< a member id, or a fixed word; at most 64 octets
  };
  struct Settings {
    std::uint64_t search_budget = 16 << 20;  ///< octets that may be opened in vain while searching on after damage
  };

  /// A new, empty journal; replaces whatever journal the folder holds. Durable. `key` is copied into its arena.
  static std::unique_ptr<Journal> create(const Ports& ports, Identity identity, const crypto::Key& key);
  /// Reads checkpoint and tail into `replay`, sets an unfinished tail aside. Errors: no_journal, wrong_key,
  /// unknown_version. Damage is no error: what can be read is read, the rest is in findings().
  static Result<std::unique_ptr<Journal>> open(const Ports& ports, Identity identity, const crypto::Key& key,
                                               const Settings& settings, Replay& replay);
  /// Reads everything, also what open() has no need of, and changes nothing. The journal must not be open for writing.
  static std::vector<Finding> inspect(const Ports& ports, const Identity& identity, const crypto::Key& key,
                                      const Settings& settings);
  /// Whether a segment of it opens under this key. Changes nothing.
  static bool opens_under(base::Disk& disk, const Identity& identity, const crypto::Key& key);
  virtual ~Journal() = default;

  /// What open() met; empty in health.
  virtual const std::vector<Finding>& findings() const = 0;
  /// Whether the last holder ended with close().
  virtual bool was_closed() const = 0;

  /// Adds a record to the next commit, in memory only, and says where it will stand. Throws std::length_error above
  /// max_payload.
  virtual Position stage(std::uint8_t type, std::string_view payload) = 0;
  virtual bool anything_staged() const = 0;
  /// Forgets what was staged since the last commit.
  virtual void unstage() = 0;
  /// Makes everything staged durable, all or nothing; without anything staged, does nothing. When it throws, nothing of
  /// it was kept, what was staged is forgotten, and the next commit works again once the disk does — unless in_doubt().
  virtual void commit() = 0;
  /// A failed commit could not be taken back: it may or may not be there after a crash. Ends with the next commit that
  /// succeeds.
  virtual bool in_doubt() const = 0;

  /// Octets written since the newest checkpoint, and the octets of that checkpoint: when the first exceeds the second
  /// and a few MiB, it is time for another.
  virtual std::uint64_t tail_size() const = 0;
  virtual std::uint64_t checkpoint_size() const = 0;
  /// Octets of all segments: what a rewrite would shrink.
  virtual std::uint64_t total_size() const = 0;
  /// Commits what is staged, then begins a new segment with these parts (each at most max_payload). Positions stay
  /// good. A failure leaves the journal usable without it.
  virtual void checkpoint(std::span<const std::string> parts) = 0;

  /// The same as inspect(), for the journal's own holder. Any thread; beside changes what is being written may be found
  /// torn, and a segment that is just being replaced not at all (then it throws std::system_error).
  virtual std::vector<Finding> inspect_all() const = 0;

  /// One committed record. Errors: damaged. Any thread.
  struct Content {
    std::uint8_t type;
    std::string payload;
  };
  virtual Result<Content> read(Position position) const = 0;
  /// Any thread.
  virtual Head head() const = 0;

  /// A new chain being written in place of the old one; destroyed without install() it leaves no trace. While it lives,
  /// the journal must not be changed.
  class Rewrite {
  public:
    virtual ~Rewrite() = default;
    /// Writes one record of the new chain. The records of a chain must give the whole state by themselves.
    virtual Position add(std::uint8_t type, std::string_view payload) = 0;
    /// Ends it with a checkpoint, makes it durable and lets it take the old chain's place; old positions are void. When
    /// it throws std::system_error the old chain stands; what fails later is done by the next commit or opening.
    virtual void install(std::span<const std::string> parts) = 0;
  };
  virtual std::unique_ptr<Rewrite> rewrite() = 0;

  /// Commits what is staged and writes CLOSE; afterwards only reading and the destructor.
  virtual void close() = 0;
};

}  // namespace mailpod::journal
