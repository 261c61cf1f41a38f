#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <mailpod/store/charter_rule.hpp>
#include <mailpod/store/vault.hpp>

/// Which messages a vault no longer keeps: by the charter, and by what its member wrote on a mailbox.
/// docs/storage-format.md says what is stored of it, docs/data-protection.md what it means.
namespace mailpod::store {

/// What a member writes on a mailbox by IMAP's SETMETADATA (RFC 5464): after how many days its messages go, a decimal
/// number from 1 to 36500; other values mean nothing.
inline constexpr std::string_view delete_after_days = "/private/vendor/vendor.mailpod/delete-after-days";
/// The same: `yes` has messages go that were read, by IMAP or POP3, a day after they came into the mailbox. Written on
/// the vault it counts for INBOX alone, which is what is downloaded.
inline constexpr std::string_view delete_after_download = "/private/vendor/vendor.mailpod/delete-after-download";
inline constexpr std::uint32_t most_days_kept = 36'500;

/// What is written on one mailbox, or on the vault for those that say nothing themselves.
struct OwnRetention {
  std::uint32_t days = 0;  ///< 0: until they are deleted
  bool after_download = false;
};
OwnRetention own_retention(const VaultState& state, const MailboxState& mailbox);

/// What the vault itself keeps of the charter's rule: the announcement, and when it was first opened after it, by the
/// pod's time and by the clock; decimal seconds since 1970, with spaces. Whoever changes it puts the rule off for
/// themselves, as by flagging every message.
inline constexpr std::string_view charter_rule_seen = "/private/vendor/vendor.mailpod/charter-rule-seen";
/// So long a vault has been known to be opened, after the announcement, before the charter's rule acts in it.
inline constexpr std::chrono::days notice_in_vault{30};

/// Notes it, unless it is noted already. The lane. Errors: over_quota, too_many_annotations; then the rule waits.
Status note_charter_rule(Vault& vault, const CharterRule& rule, base::Time pod_time, base::Time clock);

/// By what messages go, and when that is asked.
struct RetentionRules {
  CharterRule charter;
  base::Time now{};  ///< the pod's time
};

/// How far one round of looking has come.
struct RetentionRound {
  std::size_t most = 256;  ///< messages found, and records read, in one call
  std::optional<MailboxId> mailbox;
  Uid after{0};  ///< in that mailbox
  bool ended = false;
};

/// Messages of one mailbox that are to go as it seems.
struct Outdated {
  struct Message {
    Uid uid;
    std::uint64_t came = 0;  ///< seconds since 1970: when it was received, or came into this mailbox if that was later
  };
  MailboxId mailbox;
  std::vector<Message> messages;
};
/// The next of the round; nothing does not mean that it ended. Stays: what is \Flagged or a \Draft, and what lies in
/// the mailbox for drafts, whatever the rule. The charter's rule acts in no vault that was not opened at least
/// `notice_in_vault` after its first opening that followed the announcement, and spares what came before that opening
/// and was not read. Pool, or the lane.
std::optional<Outdated> next_outdated(Vault& vault, const RetentionRules& rules, RetentionRound& round);

/// Those of them that are to go by what stands in the vault now, and by whose rule. The lane.
struct Going {
  std::vector<Uid> by_charter, by_member;
};
Going still_outdated(const VaultState& state, const Outdated& found, const RetentionRules& rules);

}  // namespace mailpod::store
