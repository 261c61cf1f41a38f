#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <mailpod/base/disk.hpp>
#include <mailpod/governance/audit_entry.hpp>
#include <mailpod/governance/charter.hpp>

namespace mailpod::governance {

/// Whose word counts about an audit log.
struct AuditQuestions {
  std::string pod;  ///< the pod's domain
  std::vector<crypto::PublicKey>
      keys;  ///< the pod's, the oldest first: behind an entry by one, none counts by one before
  std::vector<Maintainer> maintainers;  ///< whoever may have countersigned
  std::vector<SignedFile> kept;         ///< checkpoints that somebody kept elsewhere, with signatures if there are any
};

struct AuditReport {
  std::uint64_t first = 0, last = 0;  ///< numbers of entries; 0: there is none
  base::Time from, to;
  std::vector<Complaint> faults;
  struct Countersignature {
    std::uint64_t entries = 0;
    std::string maintainer;  ///< name
    std::string key;         ///< id
  };
  std::vector<Countersignature> countersignatures;
  std::vector<std::uint64_t> checkpoints;   ///< that fit what is there
  std::vector<std::uint64_t> not_compared;  ///< kept ones of which all entries have been removed since
  /// Entries from here to `last` no maintainer has countersigned.
  std::uint64_t uncovered() const;
};

/// Reads a copy of a pod's audit/ and says what is not as it was written: each line against its signature and the line
/// before, and all of it against the checkpoints. Needs no pod, no lock and no secret. I/O failure throws
/// std::system_error.
AuditReport examine_audit(base::Disk& disk, const std::string& folder, const AuditQuestions& questions);

/// The entries that can be read, from the oldest, at most `most` of the newest. Nothing is verified.
std::vector<AuditEntry> read_audit(base::Disk& disk, const std::string& folder, std::size_t most);

}  // namespace mailpod::governance
