#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include <mailpod/store/vault.hpp>

/// Which messages a vault no longer keeps: by the charter, and by what its member wrote on a mailbox.
/// docs/storage-format.md says what is stored of it, docs/data-protection.md what it means.
namespace mailpod::store {

/// What a member writes on a mailbox by IMAP's SETMETADATA (RFC 5464): after how many days its messages go, a decimal
/// number from 1 to 36500; other values mean nothing.
inline constexpr std::string_view delete_after_days = "/private/vendor/vendor.mailpod/delete-after-days";
/// The same: `yes` has messages go that were read, by IMAP or POP3, a day after they came into the mailbox.
inline constexpr std::string_view delete_after_download = "/private/vendor/vendor.mailpod/delete-after-download";
inline constexpr std::uint32_t most_days_kept = 36'500;

/// What is written on one mailbox, or on the vault for those that say nothing themselves.
struct OwnRetention {
  std::uint32_t days = 0;  ///< 0: until they are deleted
  bool after_download = false;
};
OwnRetention own_retention(const VaultState& state, const MailboxState& mailbox);

/// A message that is to go, and by whose rule.
struct Outdated {
  MailboxId mailbox;
  std::vector<Uid> by_charter, by_member;
};
/// The next messages of one mailbox that are to go at `now`, at most `most`; nothing: there are none in any. Messages
/// with
/// \Flagged stay, whatever the rule, and so do those in a mailbox for drafts. A message's age counts from when it was
/// received and from when it came into this mailbox, whichever is later. Reads records of candidates alone. Pool, or
/// the vault's lane.
std::optional<Outdated> next_outdated(Vault& vault, std::uint32_t charter_days, base::Time now, std::size_t most);

}  // namespace mailpod::store
