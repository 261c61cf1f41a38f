#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <mailpod/base/disk.hpp>
#include <mailpod/governance/audit_entry.hpp>
#include <mailpod/governance/note.hpp>

/// Names and files of a pod's audit/. docs/audit-format.md, "Folder".
namespace mailpod::governance {

/// Where a segment ends and the next begins, in octets; one batch more may stand in it.
inline constexpr std::uint64_t full_audit_segment = 4 * 1024 * 1024;
/// What is read of a file that claims to be a segment.
inline constexpr std::uint64_t largest_audit_segment = 16 * 1024 * 1024;

/// What lies there, by number: the first entry of a segment, the entries behind a checkpoint or a countersignature.
struct AuditFolder {
  std::vector<std::uint64_t> segments;                          ///< ascending
  std::vector<std::uint64_t> checkpoints;                       ///< ascending
  std::multimap<std::uint64_t, std::string> countersignatures;  ///< names of files
  std::uint64_t segment_after(std::uint64_t number) const;      ///< 0: there is none
};
/// Nothing at all if the folder is not there.
AuditFolder list_audit(base::Disk& disk, const std::string& folder);

std::string audit_segment_name(std::uint64_t first);       ///< 000000000001.log
std::string audit_checkpoint_name(std::uint64_t entries);  ///< 000000000042.checkpoint

/// The entries of a segment that can be read; nothing is verified.
std::vector<AuditEntry> read_audit_segment(base::Disk& disk, const std::string& path);

/// A checkpoint file: the note, and what it says, which is of the pod's own log and of that size.
struct AuditCheckpoint {
  std::string octets;
  Note note;
  Checkpoint checkpoint;
};
Verdict<AuditCheckpoint> parse_audit_checkpoint(std::string octets, std::string_view pod, std::string_view file_name);
/// With every countersignature beside it, as verified_signers takes them.
SignedFile read_countersigned(base::Disk& disk, const std::string& folder, const AuditFolder& list,
                              std::uint64_t entries);

}  // namespace mailpod::governance
