#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/octet_source.hpp>
#include <mailpod/crypto/keys.hpp>
#include <mailpod/queue/entry.hpp>

/// The message file of an entry. docs/queue-format.md, "The message".
///
/// Chunks of 64 KiB, each sealed with XChaCha20-Poly1305 under the entry's own message key, which serves for nothing
/// else: so the nonce is the chunk's number, and whether it is the last.
namespace mailpod::queue {

inline constexpr std::uint64_t chunk_size = 64 * 1024;  ///< octets of plaintext; the last chunk may be shorter

/// Writes and syncs the file at `path`, which must not exist. Returns the message's SHA-256.
base::ByteArray<32> write_sealed_message(base::Disk& disk, const std::string& path, const EntryId& id,
                                         const crypto::Key& key, const base::OctetSource& message);

/// Errors: no_such_entry, damaged (not of the size it must have).
Result<std::unique_ptr<base::OctetSource>> open_sealed_message(base::Disk& disk, const std::string& path,
                                                               const Entry& entry, crypto::Key key);

}  // namespace mailpod::queue
