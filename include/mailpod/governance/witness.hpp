#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/governance/note.hpp>
#include <mailpod/governance/proof_text.hpp>

namespace mailpod::governance {

/// A pod that watches the ledgers of others: it cosigns a checkpoint once it is shown that it grew out of the one seen
/// last, and remembers it before anybody sees the cosignature. docs/ledger.md, "Witnesses".
///
/// Any thread; one caller after the other, by a lock of its own. Blocks on the disk. I/O failure throws
/// std::system_error.
class Witness {
public:
  struct Source {
    base::Disk& disk;
    base::Clock& clock;
    std::string folder;  ///< witnessed/; made if it is missing
    std::string pod;     ///< our own domain
    const crypto::SigningKey& key;
  };
  explicit Witness(Source source) : source_(std::move(source)) {}

  struct Request {
    std::string checkpoint;                 ///< a note
    std::optional<ConsistencyProof> proof;  ///< from the size seen last; not for the first, nor for the same again
    std::optional<VerifierKey> key;         ///< whose ledger it is; needed where none of it was seen yet
    std::string file_name;
  };
  /// The note with the log's signature and our cosignature, and nobody else's. Errors: those of notes; missing_key (the
  /// first of a ledger, without its key), wrong_pod (the key has another name than the ledger), ledger_shorter (a
  /// smaller one than was seen), ledger_forked (of the same size and another root), proof_wrong. What was seen before
  /// is cosigned again without writing anything.
  Verdict<Note> cosign(const Request& request);
  VerifierKey verifier_key() const;
  /// The size of the ledger that was seen last; 0: nothing of it.
  Verdict<std::uint64_t> seen(std::string_view origin) const;

private:
  struct Memory {
    VerifierKey key;
    std::string note;
    Checkpoint checkpoint;
  };
  std::string path_for(std::string_view origin) const;
  Verdict<std::optional<Memory>> remembered(std::string_view origin) const;
  Verdict<void> follows(const Memory& memory, const Note& note, const Checkpoint& newer, const Request& request) const;
  bool is_kept(const Memory& memory, const VerifierKey& key, const Checkpoint& checkpoint) const;
  void keep(const VerifierKey& key, const Note& note, std::string_view origin);

  Source source_;
  mutable std::mutex mutex_;
  std::set<std::string> kept_;  ///< paths of memories that this process made durable
};

}  // namespace mailpod::governance
