#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/crypto/sign.hpp>
#include <mailpod/governance/error.hpp>
#include <mailpod/governance/merkle.hpp>

/// Signed notes, and the checkpoints of a log that are written as such: c2sp.org/signed-note, c2sp.org/tlog-checkpoint,
/// c2sp.org/tlog-cosignature. Pure; any thread.
namespace mailpod::governance {

/// Whose signature of a note is believed: `name+id+base64`, the key id in hexadecimal.
struct VerifierKey {
  enum class Kind : std::uint8_t {
    note = 1,         ///< Ed25519 over the note's text
    cosignature = 4,  ///< Ed25519 over a time and the text: a witness
  };  // assigned by c2sp.org/signed-note
  std::string name;
  Kind kind = Kind::note;
  crypto::PublicKey key{};

  std::uint32_t id() const;
  std::string str() const;
  friend bool operator==(const VerifierKey&, const VerifierKey&) = default;
};
Verdict<VerifierKey> parse_verifier_key(std::string_view text, std::string_view file_name);

struct NoteSignature {
  std::string name;
  std::uint32_t key_id = 0;
  std::string signature;  ///< what follows the key id
  friend bool operator==(const NoteSignature&, const NoteSignature&) = default;
};

/// A text and who signed it; nothing of it is to be believed before is_signed_by().
struct Note {
  std::string text;  ///< ends in LF
  std::vector<NoteSignature> signatures;

  std::string str() const;
  friend bool operator==(const Note&, const Note&) = default;
};
inline constexpr std::size_t largest_note = 128 * 1024;  ///< octets
inline constexpr std::size_t most_note_signatures = 64;
/// parse_note(n.str()) == n, and a note has no other octets than these.
Verdict<Note> parse_note(std::string_view octets, std::string_view file_name);
/// Whether a name may stand before a key: not empty, no space, no `+`.
bool is_key_name(std::string_view name);

NoteSignature sign_note(const crypto::SigningKey& key, std::string_view name, std::string_view text);
/// `seconds` since 1970: as of then the signer has seen no larger tree of this log, and none that contradicts it.
NoteSignature cosign_note(const crypto::SigningKey& key, std::string_view name, std::string_view text,
                          std::uint64_t seconds);

/// Whether `key` signed the note. Errors: note_unsigned (it did not), signature_invalid (it pretends to).
Verdict<void> is_signed_by(const Note& note, const VerifierKey& key, std::string_view file_name);
/// When a witness cosigned, in seconds since 1970. Errors as is_signed_by.
Verdict<std::uint64_t> cosigned_at(const Note& note, const VerifierKey& key, std::string_view file_name);

/// What a log says of itself at one size.
struct Checkpoint {
  std::string origin;  ///< which log
  TreeHead head;
  std::vector<std::string> extensions;  ///< lines; ours have none

  /// The text of its note.
  std::string text() const;
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};
/// The text of a note as a checkpoint. parse_checkpoint(c.text()) == c.
Verdict<Checkpoint> parse_checkpoint(std::string_view text, std::string_view file_name);

/// A pod's ledger, and its name as a witness of others'.
std::string ledger_origin(std::string_view pod);
std::string witness_name(std::string_view pod);

}  // namespace mailpod::governance
