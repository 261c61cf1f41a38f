#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/octet_source.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/crypto/error.hpp>
#include <mailpod/crypto/keys.hpp>

/// The age file format, version 1 (C2SP age.md), with X25519 recipients.
///
/// A file is a textual header (recipient stanzas that each wrap the file key, then a MAC) and a payload: a 16-octet
/// nonce and ChaCha20-Poly1305 chunks of 64 KiB, so that any part is read by opening one chunk.
namespace mailpod::crypto {

/// Whom a file is sealed to; public.
struct AgeRecipient {
  base::ByteArray<32> point{};

  /// `age1…`
  std::string str() const;
  static Result<AgeRecipient> parse(std::string_view text);
  friend auto operator<=>(const AgeRecipient&, const AgeRecipient&) = default;
};

/// Who can open it; secret.
class AgeIdentity {
public:
  static AgeIdentity random(KeyArena& arena, base::Entropy& entropy);
  /// `AGE-SECRET-KEY-1…`, upper case.
  static Result<AgeIdentity> parse(KeyArena& arena, std::string_view text);
  explicit AgeIdentity(Key secret);

  const AgeRecipient& recipient() const { return recipient_; }
  const Key& secret() const { return secret_; }
  /// The caller wipes it.
  std::string str() const;

private:
  Key secret_;
  AgeRecipient recipient_;
};

/// Opens one file's payload without any identity; as secret as the file. Holders wipe it.
using AgeFileKey = base::ByteArray<16>;

/// Plaintext octets in a chunk, and what a chunk takes in the file.
inline constexpr std::uint64_t age_chunk = 64 * 1024;
inline constexpr std::uint64_t age_sealed_chunk = age_chunk + 16;

/// The size of the whole payload (nonce included) for so many octets of plaintext.
std::uint64_t age_payload_size(std::uint64_t plain_size);

/// Writes one age file front to back, holding one chunk in memory. Not shared between threads.
class AgeWriter {
public:
  /// Takes the next octets of the file; what it throws passes through.
  using Sink = std::function<void(std::string_view)>;

  /// Writes the header at once. `recipients` are 1 to 32; one of low order is std::invalid_argument.
  AgeWriter(base::Entropy& entropy, std::span<const AgeRecipient> recipients, Sink sink);
  ~AgeWriter();
  AgeWriter(const AgeWriter&) = delete;
  AgeWriter& operator=(const AgeWriter&) = delete;

  void write(std::string_view plaintext);
  /// Ends the file; exactly once, after the last write.
  void finish();

  const AgeFileKey& file_key() const;
  /// Where the payload begins in the file: the length of the header.
  std::uint64_t payload_offset() const;
  /// Octets given to the sink so far.
  std::uint64_t written() const;

private:
  struct State;
  std::unique_ptr<State> state_;
};

struct AgeLimits {
  std::size_t max_stanzas = 32;
  std::size_t max_header = 64 * 1024;  ///< octets
};

struct AgeStanza {
  std::string type;
  std::vector<std::string> arguments;
  std::string body;  ///< decoded
};

/// A header, read but not yet authenticated.
struct AgeHeader {
  std::vector<AgeStanza> stanzas;
  base::ByteArray<32> mac{};
  std::string authenticated;  ///< what the MAC covers: all up to and including `---`
  std::uint64_t payload_offset = 0;
};

/// Errors: unsupported_version, malformed_header, header_too_long, too_many_stanzas.
Result<AgeHeader> parse_age_header(const base::OctetSource& file, AgeLimits limits = {});

/// The file key, once a stanza opens under `identity` and the MAC holds. Stanzas of unknown types are passed over.
/// Errors: no_match, bad_header_mac, malformed_header (an X25519 stanza that breaks its rules).
Result<AgeFileKey> unwrap(const AgeHeader& header, const AgeIdentity& identity);

/// The plaintext of one file, read from any place. Needs no header: file key and payload offset are enough.
///
/// Each read opens the chunks it touches (the last one stays open). Octets are authenticated one chunk at a time, and
/// the file's end by its last chunk: call check_end() before trusting the size. Not shared between threads; borrows
/// `file`.
class AgePayload {
public:
  /// Errors: malformed_header (no room for the nonce), bad_payload (no room for one chunk).
  static Result<AgePayload> open(const base::OctetSource& file, const AgeFileKey& key, std::uint64_t payload_offset);
  AgePayload(AgePayload&&) noexcept;
  AgePayload& operator=(AgePayload&&) noexcept;
  ~AgePayload();

  /// Octets of plaintext, if the file was not cut or extended.
  std::uint64_t size() const;
  /// Fewer octets than asked for only at the end. Errors: bad_payload; `into` then holds only authentic octets or what
  /// it held before.
  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) const;
  /// Opens the last chunk, which proves that nothing was cut off or added. Errors: bad_payload.
  Status check_end() const;

private:
  struct State;
  explicit AgePayload(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace mailpod::crypto
