#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/disk.hpp>
#include <mailpod/governance/note.hpp>
#include <mailpod/governance/proof_text.hpp>
#include <mailpod/governance/tiles.hpp>

namespace mailpod::governance {

class Registry;

/// What a ledger is of: charter 1 and the entries of the record of acts, leaf after leaf.
struct Record {
  std::span<const Hash> leaves;                     ///< of each entry
  std::function<std::string(std::uint64_t)> entry;  ///< the octets of one; throws std::system_error
  std::vector<crypto::PublicKey> keys;              ///< that charters named as the pod's
};
/// Borrows the registry.
Record record_of(const Registry& registry);

/// A pod's ledger: governance/ledger/, static files that anybody may copy and check. docs/ledger.md.
///
/// It follows the record of acts, which alone decides what happened: an act is in force before it is a leaf, and what a
/// crash left out is made up for. Changes come one at a time, from whoever holds the pod's lock; they block on the
/// disk. I/O failure throws std::system_error, and the ledger is then as it was.
class Ledger {
public:
  struct Source {
    base::Disk& disk;
    std::string folder;                  ///< governance/ledger; its parent exists
    std::string pod;                     ///< the pod's domain
    const crypto::SigningKey& key;       ///< pod.key
    std::optional<TreeHead> known = {};  ///< what the directory remembers; a ledger that lost it is refused
  };
  /// Verifies what lies there against the record, makes up for what is missing, and signs; where the disk does not let
  /// it do that it is behind(). Errors: note_malformed, note_unsigned, signature_invalid, ledger_damaged,
  /// record_shorter_than_known, record_differs_from_known.
  static Verdict<std::unique_ptr<Ledger>> open(Source source, const Record& record);

  /// The entries of the record that are not leaves yet become leaves, and files that are missing are there again; then
  /// a checkpoint says so. Durable.
  void follow(const Record& record);
  /// What kept it from having all that the record has, and all its files; empty once follow() did it.
  const std::string& behind() const { return behind_; }
  /// As follow(), where it is not behind, and these entries are all that the record has more; nothing is read of it.
  void append(std::span<const std::string> entries);

  TreeHead head() const { return head_; }
  std::uint64_t size() const { return head_.size; }
  /// The newest checkpoint, with the cosignatures it has.
  const Note& checkpoint() const { return checkpoint_; }
  VerifierKey verifier_key() const;
  std::string origin() const { return ledger_origin(source_.pod); }

  /// Errors: bad_value (there is no such leaf, or size).
  Verdict<InclusionProof> prove(std::uint64_t index) const;
  Verdict<ConsistencyProof> prove_since(std::uint64_t old_size) const;

  /// Keeps what witnesses wrote under a checkpoint of ours. `keys`: whose signatures are believed; those seen before
  /// are, too. How many lines were new. Errors: those of notes, ledger_shorter, ledger_forked (it is no checkpoint of
  /// ours), note_unsigned (by none of the witnesses), too_large (more witnesses than a note can have).
  Verdict<std::size_t> add_cosignatures(std::string_view octets, std::span<const VerifierKey> keys,
                                        std::string_view file_name);
  /// The witnesses whose cosignatures were taken.
  std::vector<VerifierKey> witnesses() const;
  /// When one of them cosigned last, in seconds since 1970: this checkpoint or an earlier one. Nothing: none that is
  /// kept.
  std::optional<std::uint64_t> last_cosigned(const VerifierKey& witness) const;

private:
  explicit Ledger(Source source) : source_(std::move(source)) {}
  Verdict<void> read(const Record& record);
  Verdict<void> check_against(const Record& record, const TreeHead& signed_head) const;
  Verdict<void> check_signature(const Record& record) const;
  std::vector<std::uint64_t> known_sizes() const;
  std::string first_entry() const;
  std::string first_as_entered(std::string now) const;
  std::vector<Hash> kept_first_leaves() const;
  void take_leaves(const Record& record);
  Verdict<Checkpoint> own_checkpoint(const Note& note, std::string_view file_name) const;
  Verdict<Note> kept_with_cosignatures() const;
  void restore_missing_files(const Record& record);
  using Entries = std::function<std::string(std::uint64_t)>;
  Entries as_entered(const Entries& entries) const;
  void write_tiles(std::span<const Tile> tiles, const Entries& entries);
  void grow(std::uint64_t before, const Entries& entries);
  void remove_partial_tiles(std::uint64_t before);
  void sign_checkpoint();
  std::string in(std::string_view name) const { return base::join(source_.folder, name); }

  Source source_;
  HashLevels hashes_;
  Hash first_leaf_{};  // as it was entered
  std::set<std::string> durable_folders_;
  TreeHead head_;  // what the checkpoint says
  Note checkpoint_;
  std::string behind_ = "it was not looked at yet";
};

}  // namespace mailpod::governance
