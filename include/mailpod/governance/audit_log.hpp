#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/log.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/governance/audit_entry.hpp>
#include <mailpod/governance/charter.hpp>
#include <mailpod/governance/note.hpp>

namespace mailpod::governance {

struct AuditFolder;

/// A pod's audit log: audit/, where entries are added and none is changed. docs/audit-format.md.
///
/// Any thread; blocks on the disk. No failure of the disk keeps anybody from what they do: write() remembers how much
/// it could not write, and says so with the next entry that it can.
class AuditLog {
public:
  /// Is told what the log is, once that is durable: whoever remembers it under another seal notices when it gets
  /// shorter. May throw std::system_error.
  using Remember = std::function<void(const TreeHead&)>;
  struct Source {
    base::Disk& disk;
    base::Clock& clock;
    base::Log& log;
    std::string folder;             ///< audit/; made with the first entry, its parent exists
    std::string pod;                ///< the pod's domain
    const crypto::SigningKey& key;  ///< pod.key
    TreeHead known;                 ///< what was remembered; of size 0: nothing
    Remember remember;
  };
  /// Reads nothing before the first entry is written.
  explicit AuditLog(Source source);

  /// Durable once this returns, or counted as lost; failure of the disk throws nothing.
  void write(std::span<const AuditEvent> events);
  void write(const AuditEvent& event) { write(std::span(&event, 1)); }

  /// Of all entries there are, signed by the pod; a file that maintainers countersign. Throws std::system_error.
  /// Errors: ledger_shorter (there is no entry yet).
  Verdict<SignedFile> checkpoint();
  /// A maintainer's signature of a checkpoint that lies here, of somebody in `maintainers`. Errors: missing_key (there
  /// is no such checkpoint), and those of verified_signers. Throws std::system_error.
  Verdict<crypto::minisign::PublicKey> countersign(std::uint64_t entries, const std::string& minisig,
                                                   std::span<const Maintainer> maintainers);
  /// Removes segments whose last entry is older than `days`, but the newest, and checkpoints that nobody countersigned
  /// and that stand before what is left. The checkpoint behind what was removed stays. Throws std::system_error.
  void remove_older_than(std::chrono::days days);

  const std::string& folder() const { return source_.folder; }
  /// How many entries there are, and the hash of the last; as of the last write.
  TreeHead head() const;
  /// How the daemon that ran last came to its end, as the log has it: "stop", "kill"; "first": none ran before. Throws
  /// std::system_error.
  std::string ended_by();

private:
  void prepare();
  void read_end();
  bool read_segment(std::uint64_t first);
  void set_torn_aside(const std::string& path, std::string_view octets, std::size_t good);
  void mend();
  void append(std::span<const AuditEvent> events);
  std::string lines_of(std::span<const AuditEvent> events);
  void begin_segment(std::string_view lines);
  void extend_segment(std::string_view lines);
  bool begins_new_segment(base::Time at) const;
  void sign_checkpoint();
  base::Time last_time_of(std::uint64_t segment);
  void forget_checkpoints_before(std::uint64_t first);
  std::string in(const std::string& name) const { return base::join(source_.folder, name); }

  Source source_;
  mutable std::mutex mutex_;
  bool prepared_ = false;
  bool failed_ = false;            ///< to write, since it was prepared last
  TreeHead head_;                  ///< durable
  base::Time last_at_{};           ///< of the last entry
  std::string segment_;            ///< path that is written to; empty: the next entry begins one
  std::uint64_t size_ = 0;         ///< octets of it
  std::vector<AuditEvent> found_;  ///< what reading the end came upon, to be said first
  std::uint64_t lost_ = 0;
  base::Time lost_since_{};
  std::string lost_why_;
};

}  // namespace mailpod::governance
