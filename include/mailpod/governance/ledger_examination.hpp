#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <mailpod/base/disk.hpp>
#include <mailpod/governance/ledger.hpp>
#include <mailpod/governance/roster.hpp>
#include <mailpod/governance/transparency.hpp>

namespace mailpod::governance {

/// What whoever looks at a copy of a ledger brings along.
struct LedgerQuestions {
  std::optional<Hash> charter;     ///< identity of charter 1; nothing: the answer says which it is
  std::optional<VerifierKey> key;  ///< the pod's; nothing: those that its charters name
  struct Seen {
    std::string name;    ///< for complaints
    std::string octets;  ///< a checkpoint's note
  };
  std::vector<Seen> since;             ///< what the pod said before
  std::vector<VerifierKey> witnesses;  ///< whose cosignatures to look for
  std::optional<Hash> commitment;      ///< of an address; which leaves hold it?
  std::optional<std::uint32_t> year;   ///< what does it add up to?
};

struct LedgerReport {
  std::vector<Complaint> faults;  ///< each names the file or leaf; empty: all is as it was signed
  std::string origin;
  TreeHead head;
  std::string checkpoint;  ///< the note
  std::optional<VerifierKey> signer;
  std::optional<Hash> charter;  ///< identity of charter 1
  std::uint64_t charters = 0;
  std::map<Hash, RecordedVote> votes;  ///< each counted anew; without faults, as the pod counted them
  base::Time newest{};                 ///< when the last entry was accepted
  struct Cosigned {
    VerifierKey witness;
    std::uint64_t seconds = 0;  ///< since 1970
  };
  std::vector<Cosigned> cosignatures;
  std::vector<std::uint64_t> committed;  ///< the leaves that hold the commitment asked for
  std::optional<Transparency> year;      ///< the one asked for, as far as entries stand
  std::optional<ForkProof> fork;         ///< that the pod told two stories; whoever has it convinces anybody
};

/// Looks at a copy of governance/, or of governance/ledger/ alone: each leaf against the tiles, the tiles against each
/// other and against the signed root; each signature, the chain of charters, and each act at the time it was accepted;
/// and the files of governance/ against the leaves. Needs no pod and no secret. I/O failure throws std::system_error.
LedgerReport examine_ledger(base::Disk& disk, const std::string& folder, const LedgerQuestions& questions);

}  // namespace mailpod::governance
