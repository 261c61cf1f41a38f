#pragma once

#include <map>
#include <optional>

#include <mailpod/store/mailbox.hpp>
#include <mailpod/store/usage.hpp>

/// What a closed vault holds, as far as it can be known without its member's key. docs/storage-format.md, "usage".
namespace mailpod::store {

/// The vault was closed, holding this. A cache: failures are nobody's concern.
void keep_usage(const UsagePlace& place, base::Entropy& entropy, const Usage& usage);
/// What was kept, if the journal has not changed since.
std::optional<Usage> kept_usage(const UsagePlace& place);

/// What there is, by names and sizes alone: what was merged, as it was kept, or else as its files are; and what waits.
struct Counted {
  Usage held;
  std::map<MessageId, std::uint64_t> waiting;  ///< octets of the sealed files
};
/// Blocks on the disk, whose failures throw std::system_error. Nobody may have the vault open.
Counted count_usage(const UsagePlace& place);

}  // namespace mailpod::store
