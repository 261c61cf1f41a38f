#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/crypto/keys.hpp>
#include <mailpod/queue/entry.hpp>
#include <mailpod/queue/spool.hpp>

/// The entry file, the epoch key file, and the files of what is suppressed and of policies. docs/queue-format.md.
namespace mailpod::queue {

/// What stands in clear at the beginning of an entry file.
struct Head {
  EntryId id;
  base::Time next_try;
  std::uint32_t day = 0;  ///< whose key seals the rest
  std::uint64_t padded_size = 0;

  Summary summary() const { return {id, next_try, padded_size}; }
};
/// Errors: damaged, unknown_version. Says nothing about who wrote it: that only the seal does.
Result<Head> parse_head(std::string_view file);

std::string write_entry_file(const Entry& entry, std::uint32_t day, const crypto::Key& epoch_key,
                             base::Entropy& entropy);
/// Errors: damaged, unknown_version.
Result<Entry> parse_entry_file(std::string_view file, const crypto::Key& epoch_key);

std::string write_epoch_file(std::uint32_t day, const crypto::Key& epoch_key, const crypto::Key& queue_key,
                             base::Entropy& entropy);
/// Errors: damaged, unknown_version.
Result<crypto::Key> parse_epoch_file(std::string_view file, std::uint32_t day, const crypto::Key& queue_key);

/// `list` is what encode(std::vector<Suppression>) writes.
std::string write_suppressed_file(std::string_view list, const crypto::Key& queue_key, base::Entropy& entropy);
/// The list. Errors: damaged, unknown_version.
Result<std::string> parse_suppressed_file(std::string_view file, const crypto::Key& queue_key);

/// `list` is what encode(std::vector<RememberedPolicy>) writes.
std::string write_policies_file(std::string_view list, const crypto::Key& queue_key, base::Entropy& entropy);
/// The list. Errors: damaged, unknown_version.
Result<std::string> parse_policies_file(std::string_view file, const crypto::Key& queue_key);

/// What the server key becomes for the queue.
crypto::Key queue_key_of(crypto::KeyArena& arena, const crypto::Key& server_key);

}  // namespace mailpod::queue
